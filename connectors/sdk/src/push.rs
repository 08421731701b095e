//! Items that somebody pushes: a company's own systems, where there is no vendor to ask.

use crate::Stream;

/// How a source's items are taken apart, and who may push them.
///
/// Both MUST be pure and total. Reading an item MUST give the same record whenever it is pushed
/// again, so that a sender who heard no answer can say everything once more.
pub trait Push: Send + Sync {
    /// Whether a key is one of this source's. It MUST take the same time however much of the key
    /// is right.
    fn admits(&self, key: &str) -> bool;

    /// The items of a body in its order, at most so many. One that can't be read MUST NOT cost
    /// its neighbours.
    fn read(&self, body: &str, most: usize) -> Result<Vec<Result<Pushed, Refused>>, NoItems>;
}

/// An item that can be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The stream of its record.
    pub stream: Stream,
    /// The record's id within the stream.
    pub id: String,
    /// The account that the record belongs to; `None` when the item only says that it is gone.
    pub account: Option<String>,
    /// The sender's JSON text.
    pub payload: String,
    /// Whether it says that the record is gone.
    pub deleted: bool,
    /// Whether it says itself since when it is so. Then saying it again is no news, whatever was
    /// said meanwhile; otherwise it is so from when it is received on.
    pub dated: bool,
}

/// An item that can't be kept, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The item's id, where it has one that can be read.
    pub id: Option<String>,
    /// The field at fault, as a path; empty for the whole item.
    pub field: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// A body that has no items that could be answered one by one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoItems {
    /// It is not what it should be.
    #[error("{0}")]
    Unreadable(String),
    /// It has more than were asked for.
    #[error("the body has more than {0} items; send them in several requests")]
    TooMany(usize),
}
