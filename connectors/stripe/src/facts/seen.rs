//! A subscription as it was seen, version after version.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::RawRecord;

use crate::model::{Item, Problems, Subscription};

/// What a subscription was when one of its versions was first read.
pub(super) struct Snapshot {
    pub(super) at: DateTime<Utc>,
    pub(super) subscription: Subscription,
}

/// All that was seen of a subscription.
pub(super) struct Seen {
    /// The versions before the newest, oldest first.
    earlier: Vec<Snapshot>,
    newest: Snapshot,
    /// When it was no longer there, if it was removed at all.
    pub(super) gone: Option<DateTime<Utc>>,
}

impl Seen {
    /// `None`, with a problem, when the newest version can't be read. An older one that can't be
    /// is passed over: nobody can repair it, and what it showed is dated by the next.
    pub(super) fn read(record: &RawRecord, problems: &mut Problems<'_>) -> Option<Self> {
        let mut at = record.first_seen()?;
        let mut gone = None;
        let mut told = Vec::new();
        for version in &record.versions {
            // Vendors' servers need not agree on the time; the order of the versions is known.
            at = at.max(version.seen_at);
            gone = version.deleted.then_some(at);
            if !version.deleted {
                told.push((at, version.payload.as_str()));
            }
        }
        let (at, payload) = told.pop()?;
        let newest = Snapshot { at, subscription: Subscription::read(payload, problems)? };
        let earlier = told.into_iter().filter_map(|(at, payload)| {
            let mut ignored = Vec::new();
            let mut problems = Problems::of("subscriptions", &record.id, &mut ignored);
            Some(Snapshot { at, subscription: Subscription::read(payload, &mut problems)? })
        });
        Some(Self { earlier: earlier.collect(), newest, gone })
    }

    /// All versions, oldest first.
    pub(super) fn snapshots(&self) -> impl DoubleEndedIterator<Item = &Snapshot> {
        self.earlier.iter().chain([&self.newest])
    }

    pub(super) fn first(&self) -> &Snapshot {
        self.earlier.first().unwrap_or(&self.newest)
    }

    /// What it is now, or was last.
    pub(super) fn newest(&self) -> &Subscription {
        &self.newest.subscription
    }

    /// The items of all versions, the newest first.
    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        self.snapshots().rev().flat_map(|snapshot| &snapshot.subscription.items)
    }
}

impl Snapshot {
    pub(super) fn item(&self, id: &str) -> Option<&Item> {
        self.subscription.items.iter().find(|item| item.id == id)
    }
}
