//! From items to facts. A case is data: what was pushed when, and what it means.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod account;
mod case;
mod subscription;
