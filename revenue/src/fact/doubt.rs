//! What nothing at the source can tell.

use chrono::{DateTime, Utc};

/// A time over which a contract's state can't be known from what the source still says: the
/// charges in it are the best guess, graded [`Evidence::Projected`](super::Evidence::Projected).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt {
    /// The source's id of the contract.
    pub contract: String,
    /// The earliest instant at which it may have been otherwise than the charges say.
    pub from: DateTime<Utc>,
    /// The instant from which on it is known again; `None` while it is not.
    pub until: Option<DateTime<Utc>>,
    /// Why, and what was assumed, in one sentence.
    pub reason: String,
    /// The raw records between which it lies, as `stream/id`.
    pub origin: Vec<String>,
}
