//! What became of the records of a run.

use std::fmt;

/// `fetched = inserted + updated + unchanged + quarantined`, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub fetched: i64,
    pub inserted: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub quarantined: i64,
}

impl Counts {
    /// One record seen for the first time.
    pub fn insert(&mut self) {
        self.fetched += 1;
        self.inserted += 1;
    }

    /// One record with a new version.
    pub fn update(&mut self) {
        self.fetched += 1;
        self.updated += 1;
    }

    /// One record that was known, byte for byte.
    pub fn keep(&mut self) {
        self.fetched += 1;
        self.unchanged += 1;
    }

    /// One record that is kept out.
    pub fn quarantine(&mut self) {
        self.fetched += 1;
        self.quarantined += 1;
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.fetched += other.fetched;
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.quarantined += other.quarantined;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} fetched: {} new, {} changed, {} unchanged, {} quarantined",
            self.fetched, self.inserted, self.updated, self.unchanged, self.quarantined
        )
    }
}
