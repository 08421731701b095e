//! The Chargebee face: the world rendered as Chargebee's HTTP API v2, product catalog 2.0 or 1.0, read only.
//!
//! Chargebee keeps each subscription's every state in its events, so the face works out all states of all records once
//! ([`history`]) and shows at each virtual now the newest of each.

mod answer;
mod control;
mod history;
mod lines;
mod page;
mod query;
mod refusal;
mod render;
mod server;

pub use render::Catalog;
pub use server::{Manners, serve};
