//! From Stripe's records to facts. A case is data: what Stripe has, and what it means.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod account;
mod ahead;
mod build;
mod case;
mod change;
mod discount;
mod doubt;
mod end;
mod event;
mod followed;
mod item;
mod price;
mod problem;
mod refunded;
mod shape;
mod stood;
mod usage;
mod version;
