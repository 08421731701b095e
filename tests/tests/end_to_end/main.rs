//! The real programs together: sandbox, daemon, PostgreSQL, SQL.
//!
//! Run by `cargo x test`, which builds the programs and installs the extension first.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod architecture;
mod arguments;
mod chargebee;
mod chargebee_later;
mod cohorts;
mod crash;
mod customers;
mod database;
mod docs;
mod failures;
mod hooks;
mod hubspot;
mod interrupted;
mod oracle;
mod path;
mod plan;
mod push;
mod reload;
mod replica;
mod restated;
mod roles;
mod surface;
mod synced;
mod vectors;
mod ways;
