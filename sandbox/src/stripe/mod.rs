//! The Stripe face: the world rendered as Stripe's HTTP API, version [`VERSION`], read only.

mod book;
mod control;
mod events;
mod expand;
mod filters;
mod ids;
mod index;
mod lists;
mod older;
mod on_clock;
mod page;
mod query;
mod refusal;
mod render;
mod routes;
mod server;
mod shelf;
mod webhook;

pub use book::{Book, Falsehood};
pub use ids::Ids;
pub use older::{Listed, Version};
pub use server::{Manners, serve};
pub use webhook::Webhook;

/// The one API version that is served.
pub const VERSION: &str = "2026-05-27.dahlia";

/// Nested lists are cut here; the rest is in the sub-list's own endpoint.
const NESTED_LIMIT: usize = 10;
