//! From records to facts: cases as data.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod account;
mod build;
mod contract;
mod past;
mod refused;
