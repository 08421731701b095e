//! Records on their way from an API to the database and back.

use chrono::{DateTime, Utc};
use revenue::fact::Problem;

use crate::Cursor;

/// One answer of a vendor, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The records, in the vendor's order.
    pub records: Vec<Record>,
    /// The vendor's clock when it answered (its `Date` header); never this machine's.
    pub at: DateTime<Utc>,
    /// Where to go on; `None` at the natural end of the stream.
    pub next: Option<Cursor>,
    /// Records of this page that could not be taken apart, so that they have no [`Record`].
    pub problems: Vec<Problem>,
}

/// One record as the vendor sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The vendor's id, unique within its stream.
    pub id: String,
    /// The vendor's id of the account that it belongs to; `None` in a reference stream.
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
    /// The newest version's JSON text.
    pub payload: String,
    /// The vendor's clock when the first version of it was read.
    pub first_seen: DateTime<Utc>,
    /// The vendor's clock when the newest version of it was read.
    pub last_seen: DateTime<Utc>,
}
