//! `pg_mrr`: recurring-revenue metrics as SQL functions.
//!
//! Thin on purpose. Every number is computed by the `revenue` crate; this crate takes values from
//! PostgreSQL, calls it, and gives values back. It reads no table itself: the SQL beside each
//! file (`sql/`) fetches, so that PostgreSQL plans, and plans in parallel.
//!
//! The SQL is written by hand and not generated: it is what users read in `\df+`, and a build
//! needs no cargo-pgrx. PostgreSQL itself checks at `create extension` that each function of the
//! script exists in the library.

#![allow(clippy::result_large_err, reason = "pgrx raises ErrorReport by its type; errors are not on the fast path")]

mod account_movement;
mod aggregate;
mod argument;
mod churn;
mod cohort;
mod convert;
mod error;
mod exchange;
mod grain;
mod labels;
mod movements;
mod mrr;
mod path;
mod ratio;
mod retention;
mod timeline;
mod triangle;

pgrx::pg_module_magic!();
