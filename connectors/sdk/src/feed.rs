//! A vendor's log of changes, and what follows from an entry: a record to be read again.

use chrono::{DateTime, TimeDelta, Utc};
use revenue::fact::Problem;

use crate::{Page, Record};

/// A vendor's log of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feed {
    /// The name under which its entries are kept beside the records of the streams.
    pub stream: &'static str,
    /// How long the vendor keeps an entry. Whoever looks away for longer has missed some.
    pub retention: TimeDelta,
}

/// A part of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// The entries that are worth keeping. `next` is where to go on: at once when `more` is set,
    /// else the next time.
    pub page: Page,
    /// What the entries say may have changed, entries that are not kept included.
    pub hints: Vec<Hint>,
    /// Whether there are older or newer entries still to be read.
    pub more: bool,
    /// A time whose entries are gone, if the log was not followed for too long.
    pub gap: Option<Gap>,
}

/// A record that may have changed. It says nothing about how: whoever wants to know reads it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hint {
    /// Its stream.
    pub stream: &'static str,
    /// The vendor's id.
    pub id: String,
    /// The entry of the log that said so. An entry is heeded once.
    pub entry: String,
    /// The vendor's clock when the entry was made.
    pub at: DateTime<Utc>,
}

/// A time whose entries can no longer be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Its beginning, by the vendor's clock.
    pub from: DateTime<Utc>,
    /// Its end.
    pub until: DateTime<Utc>,
}

/// What a record is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retrieved {
    /// The record; `None` when it is gone.
    pub record: Option<Record>,
    /// The vendor's clock when it answered.
    pub at: DateTime<Utc>,
    /// What could not be read, such as the account that it belongs to, or a record that can't be
    /// gone and is not there either.
    pub problems: Vec<Problem>,
}

impl Retrieved {
    /// There is none any more.
    pub fn gone(at: DateTime<Utc>) -> Self {
        Self { record: None, at, problems: Vec::new() }
    }

    /// There it is, with what is wrong with it.
    pub fn there((record, problem): (Record, Option<Problem>), at: DateTime<Utc>) -> Self {
        Self { record: Some(record), at, problems: problem.into_iter().collect() }
    }
}
