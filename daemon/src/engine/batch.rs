//! What one transaction lands: records of one stream, and what is noted with them.

use std::collections::HashSet;

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
    /// Records that were fetched and are not landed, as they were read again meanwhile.
    pub passed_over: usize,
    /// What the transaction notes besides, so that nothing is done twice or forgotten.
    pub note: Note,
    bytes: usize,
    pages: usize,
}

impl Batch {
    /// Nothing yet, but what is to be noted.
    pub fn with(note: Note) -> Self {
        let (records, gone, problems) = (Vec::new(), Vec::new(), Vec::new());
        Self { records, gone, problems, passed_over: 0, note, bytes: 0, pages: 0 }
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

    /// Leaves out what was read again since its page may have been fetched: that is newer.
    pub fn pass_over(&mut self, reread: &HashSet<String>) {
        let before = self.records.len();
        self.records.retain(|(record, _)| !reread.contains(&record.id));
        self.passed_over += before - self.records.len();
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
