//! What one transaction lands: records of one stream, and what is noted with them.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::{Page, Record, Retrieved};
use revenue::fact::Problem;

use super::note::Note;

/// A batch is closed at this many records: measured, larger ones land no faster.
const RECORDS: usize = 1_000;

/// Or at this many bytes, so that large records don't add up in memory.
const BYTES: usize = 8 << 20;

/// Records with the time at which the vendor sent them.
#[derive(Debug)]
pub struct Batch {
    pub records: Vec<(Record, DateTime<Utc>)>,
    /// Ids of records that are gone, with the time at which they were.
    pub gone: Vec<(String, DateTime<Utc>)>,
    pub problems: Vec<Problem>,
    /// What the transaction notes besides, so that nothing is done twice or forgotten.
    pub note: Note,
    bytes: usize,
    pages: usize,
}

impl Batch {
    /// Nothing yet, but what is to be noted.
    pub fn with(note: Note) -> Self {
        Self { records: Vec::new(), gone: Vec::new(), problems: Vec::new(), note, bytes: 0, pages: 0 }
    }

    /// Adds the records of a page.
    pub fn add(&mut self, page: Page) {
        self.pages += 1;
        self.bytes += page.records.iter().map(|record| record.payload.len()).sum::<usize>();
        self.records.extend(page.records.into_iter().map(|record| (record, page.at)));
        self.problems.extend(page.problems);
    }

    /// Adds what became of one record.
    pub fn add_one(&mut self, id: String, retrieved: Retrieved) {
        self.pages += 1;
        match retrieved.record {
            Some(record) => {
                self.bytes += record.payload.len();
                self.records.push((record, retrieved.at));
            }
            // What can't be gone and is not there is a problem, and stays as it is.
            None if retrieved.problems.is_empty() => self.gone.push((id, retrieved.at)),
            None => {}
        }
        self.problems.extend(retrieved.problems);
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
