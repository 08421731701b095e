//! Pages of one stream, gathered into what one transaction lands.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::{Cursor, Page, Record};
use revenue::fact::Problem;

/// A batch is closed at this many records: measured, larger ones land no faster.
const RECORDS: usize = 1_000;

/// Or at this many bytes, so that large records don't add up in memory.
const BYTES: usize = 8 << 20;

/// Records with the time at which the vendor sent them, and where the walk stands behind them.
#[derive(Debug, Default)]
pub struct Batch {
    pub records: Vec<(Record, DateTime<Utc>)>,
    pub problems: Vec<Problem>,
    /// `None` at the stream's end.
    pub cursor: Option<Cursor>,
    bytes: usize,
    pages: usize,
}

impl Batch {
    /// Adds the next page.
    pub fn add(&mut self, page: Page) {
        self.pages += 1;
        self.bytes += page.records.iter().map(|record| record.payload.len()).sum::<usize>();
        self.records.extend(page.records.into_iter().map(|record| (record, page.at)));
        self.problems.extend(page.problems);
        self.cursor = page.next;
    }

    /// Whether it should be landed now.
    pub fn is_full(&self) -> bool {
        self.records.len() >= RECORDS || self.bytes >= BYTES || self.problems.len() >= RECORDS
    }

    /// Whether there is nothing to land, not even a cursor.
    pub fn is_empty(&self) -> bool {
        self.pages == 0
    }
}
