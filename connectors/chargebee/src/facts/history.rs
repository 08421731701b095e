//! The states of a subscription in the order in which they held.

use chrono::{DateTime, Utc};

use super::gather::{By, Snapshot, Told};
use crate::model::{Status, Subscription};

/// A state, from a moment until the next.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) at: DateTime<Utc>,
    pub(super) subscription: Subscription,
    pub(super) origin: String,
    pub(super) by: By,
}

/// All states, oldest first.
///
/// Chargebee numbers the versions of a record, so what came later is known however late it was delivered. A later
/// version that holds from an earlier time on, as after backdating, takes the place of all that was known from then on.
pub(super) fn entries(told: &Told) -> Vec<Entry> {
    let mut snapshots: Vec<&Snapshot> = told.snapshots.iter().collect();
    // Of several that show the same version, the event that made it tells best since when.
    snapshots.sort_by(|a, b| (number(a), a.by, a.at, &a.origin).cmp(&(number(b), b.by, b.at, &b.origin)));
    snapshots.dedup_by_key(|snapshot| number(snapshot));
    let mut entries: Vec<Entry> = Vec::new();
    for snapshot in snapshots {
        let Snapshot { subscription, at, origin, by } = snapshot;
        let at = since(subscription, *at, *by);
        entries.retain(|entry| entry.at < at);
        entries.push(Entry { at, subscription: subscription.clone(), origin: origin.clone(), by: *by });
    }
    if let (Some(gone), Some(last)) = (told.gone, entries.last()) {
        let subscription = Subscription { status: Status::Elsewhere, ..last.subscription.clone() };
        let at = gone.max(last.at);
        entries.retain(|entry| entry.at < at);
        entries.push(Entry { at, subscription, origin: format!("subscriptions/{}", id(told)), by: By::Record });
    }
    entries
}

/// The version's number, which counts milliseconds; the time where there is none.
fn number(snapshot: &Snapshot) -> i64 {
    snapshot.subscription.version.unwrap_or_else(|| snapshot.at.timestamp_millis())
}

fn since(subscription: &Subscription, at: DateTime<Utc>, by: By) -> DateTime<Utc> {
    match (subscription.status, by) {
        // When it ended it tells itself.
        (Status::Cancelled, _) => subscription.cancelled.unwrap_or(at),
        // So does one that is made when it began: earlier if it was backdated, later if it is for the future.
        (_, By::Creation) => subscription.started.unwrap_or(at),
        _ => at,
    }
}

fn id(told: &Told) -> &str {
    told.snapshots.first().map(|snapshot| snapshot.subscription.id.as_str()).unwrap_or_default()
}
