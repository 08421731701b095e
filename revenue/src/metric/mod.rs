//! The metrics, one file each. Every one is a state that takes one account after another, can be
//! merged with another state, and says its result at the end: the shape of a parallel aggregate.

mod by_currency;
mod churn;
mod error;
mod grr;
mod last_change;
mod membership;
mod movements;
mod mrr;
mod nrr;
mod path;
mod places;
mod retention;
#[cfg(test)]
mod tests;
mod triangle;
mod walk;

pub use churn::{gross_churn, lifetime, logo_churn, net_churn};
pub use error::MetricError;
pub use grr::gross_retention;
pub use last_change::{LastChange, last_change};
pub use membership::Membership;
pub use movements::{Movements, MovementsState};
pub use mrr::{States, account_amount};
pub use nrr::net_retention;
pub use path::PathState;
pub use retention::{Retention, RetentionState};
pub use triangle::{Retained, TriangleState};
