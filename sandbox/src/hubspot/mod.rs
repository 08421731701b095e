//! The HubSpot face: the company's CRM rendered as HubSpot's HTTP API, version 3 of objects and 4 of associations, read
//! only.

mod associations;
mod batch;
mod control;
mod ids;
mod list;
mod note;
mod object;
mod query;
mod refusal;
mod render;
mod routes;
mod schema;
mod search;
mod server;
mod shelf;
mod stamp;
mod webhook;

pub use ids::Ids;
pub use note::note_in_billing;
pub use refusal::Policy;
pub use server::{Manners, serve};

/// How many entries of a property's history are kept.
const HISTORY: usize = 20;

/// Associations inside of a record are cut here; the rest is in their own endpoint.
const INLINE: usize = 4;

/// So many records a search can reach, whatever its total is.
const SEARCHABLE: usize = 10_000;
