//! Records on their way from an API to the database and back.

use chrono::{DateTime, Utc};
use revenue::fact::Problem;

use crate::json::Unreadable;
use crate::{Cursor, problem};

/// One answer of a vendor, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The records, in the vendor's order.
    pub records: Vec<Record>,
    /// The vendor's clock when it answered (its `Date` header); never this machine's.
    pub at: DateTime<Utc>,
    /// Where to go on: nowhere at an end, at one place behind this page, or at several that can be
    /// read side by side.
    pub next: Vec<Cursor>,
    /// What could not be read on this page: a record without an id has no [`Record`], one without
    /// an account has one.
    pub problems: Vec<Problem>,
}

/// One record as the vendor sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The vendor's id, unique within its stream.
    pub id: String,
    /// The vendor's id of the account that it belongs to; `None` in a reference stream. A record
    /// of an account stream that names none is kept all the same, with a problem beside it, and
    /// is in no number.
    pub account: Option<String>,
    /// The vendor's JSON text.
    pub payload: String,
}

/// A record as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// Its stream.
    pub stream: String,
    /// The vendor's id.
    pub id: String,
    /// What it said when, oldest first. Of a reference only what it said last is handed out, also
    /// when it is gone since.
    pub versions: Vec<Version>,
}

/// What a record said from when it was first read on, until the next version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The JSON text.
    pub payload: String,
    /// The vendor's clock when this version was first read. It became true some time between
    /// then and the version before.
    pub seen_at: DateTime<Utc>,
    /// Whether it says that the record is gone; then the payload means nothing.
    pub deleted: bool,
}

impl Page {
    /// One without records, after which nothing comes.
    pub fn empty(at: DateTime<Utc>) -> Self {
        Self { records: Vec::new(), at, next: Vec::new(), problems: Vec::new() }
    }

    /// Adds a record with what is wrong with it, or says what could not be taken apart at all and is left out; `place` is
    /// what to call that.
    pub fn take(
        &mut self,
        stream: &str,
        read: Result<(Record, Option<Problem>), Unreadable>,
        place: impl FnOnce() -> String,
    ) {
        match read {
            Ok((record, problem)) => {
                self.records.push(record);
                self.problems.extend(problem);
            }
            Err(error) => self.problems.push(problem(stream, &place(), error, "the record is left out")),
        }
    }
}

impl Record {
    /// A record of `stream`. One whose account can't be read is kept all the same, with a problem beside it.
    pub fn of(
        stream: &str,
        id: String,
        account: Result<Option<String>, Unreadable>,
        payload: String,
    ) -> (Self, Option<Problem>) {
        let (account, problem) = match account {
            Ok(account) => (account, None),
            Err(error) => (None, Some(problem(stream, &id, error, "the record is kept, but is in no number"))),
        };
        (Self { id, account, payload }, problem)
    }
}

impl RawRecord {
    /// What it says now; `None` when it is gone.
    pub fn newest(&self) -> Option<&Version> {
        self.versions.last().filter(|version| !version.deleted)
    }

    /// What it said last, also when it is gone since.
    pub fn last_told(&self) -> Option<&Version> {
        self.versions.iter().rev().find(|version| !version.deleted)
    }

    /// When it was first read.
    pub fn first_seen(&self) -> Option<DateTime<Utc>> {
        self.versions.first().map(|version| version.seen_at)
    }
}
