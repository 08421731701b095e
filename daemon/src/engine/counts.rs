//! What became of the records of a run.

use std::fmt;

/// What a run has committed. `fetched = inserted + updated + unchanged + deleted + quarantined`,
/// always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub fetched: i64,
    pub inserted: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub deleted: i64,
    pub quarantined: i64,
    /// Transactions: also one that lands no record leads further, so that it must not be lost unseen.
    pub batches: i64,
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

    /// One record that was known, byte for byte, or known to be gone.
    pub fn keep(&mut self) {
        self.fetched += 1;
        self.unchanged += 1;
    }

    /// One record that is gone.
    pub fn delete(&mut self) {
        self.fetched += 1;
        self.deleted += 1;
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
        self.deleted += other.deleted;
        self.quarantined += other.quarantined;
        self.batches += other.batches;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fetched, inserted, updated, unchanged, deleted, quarantined, batches: _ } = self;
        write!(out, "{fetched} fetched: {inserted} new, {updated} changed, {unchanged} unchanged, ")?;
        if *deleted > 0 {
            write!(out, "{deleted} gone, ")?;
        }
        write!(out, "{quarantined} quarantined")
    }
}
