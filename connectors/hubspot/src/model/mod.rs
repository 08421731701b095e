//! HubSpot's objects, as far as anybody asks, read property by property: what can't be read is named
//! with its path, and what stands beside it is still used.

mod associations;
mod line;
mod term;
mod track;
mod value;

pub(crate) use associations::Associations;
pub(crate) use line::{Line, Terms, Window};
pub(crate) use track::{Seen, Track};
pub(crate) use value::{instant, moment, property};

pub(crate) use mrr_connector_sdk::Problems;
