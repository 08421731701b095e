//! A subscription's known states through time, put together from what was read of it and from
//! Stripe's events.
//!
//! A version that was read tells what it was when it was read: what changed since the state
//! before, changed some time in between. An event tells two states at one instant: right before
//! and right after. Where the one before is the last known state, nothing was missed, and what
//! changed, changed at that instant.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::RawRecord;
use mrr_connector_sdk::json::Node;
use revenue::fact::Problem;

use super::order::{self, By, Told};
use crate::model::{About, Event, Item, Problems, Subscription};

/// What a subscription was at an instant.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    pub(super) at: DateTime<Utc>,
    /// Whether it was read at that instant, and is not told by an event.
    pub(super) seen: bool,
    /// Whether all that is otherwise than in the state before changed at that very instant.
    pub(super) exact: bool,
    /// Whether at least how it stands changed at that very instant.
    pub(super) turned: bool,
    pub(super) subscription: Subscription,
    /// The record that tells it, as `stream/id`.
    pub(super) origin: String,
}

/// All that is known of a subscription from itself.
pub(super) struct Known {
    /// The states before the newest, oldest first.
    earlier: Vec<Snapshot>,
    newest: Snapshot,
    /// When it was no longer there, if it was removed at all.
    pub(super) gone: Option<DateTime<Utc>>,
    /// When it was first read.
    pub(super) seen_since: Option<DateTime<Utc>>,
}

impl Known {
    /// `None`, with a problem, when the newest version can't be read. An older one that can't be
    /// is passed over: nobody can repair it, and what it showed is dated by the next.
    pub(super) fn read(
        id: &str,
        record: Option<&RawRecord>,
        events: &[&Event<'_>],
        problems: &mut Problems<'_>,
        of_events: &mut Vec<Problem>,
    ) -> Option<Self> {
        let origin = format!("subscriptions/{id}");
        let (mut gone, mut told) = (None, Vec::new());
        let mut at = record.and_then(RawRecord::first_seen).unwrap_or_default();
        let last = record.and_then(|record| record.versions.iter().rposition(|version| !version.deleted));
        for (index, version) in record.iter().flat_map(|record| record.versions.iter().enumerate()) {
            // Vendors' servers need not agree on the time; the order of the versions is known.
            at = at.max(version.seen_at);
            gone = version.deleted.then_some(at);
            if version.deleted {
                continue;
            }
            let read =
                if Some(index) == last { Some(read(&version.payload, problems)?) } else { quietly(&version.payload) };
            let of_version = |after| Told { at, by: By::Version, before: None, after, origin: origin.clone() };
            told.extend(read.map(of_version));
        }
        if record.is_some() && told.is_empty() {
            return None;
        }
        let seen_since = told.first().map(|first| first.at);
        let events = events.iter().filter(|event| matches!(event.about, About::Subscription | About::SubscriptionMade));
        for event in events {
            let mut odd = Vec::new();
            let read = Subscription::read(&event.object, &mut Problems::of("events", event.id, &mut odd));
            let unread = !odd.is_empty();
            of_events.extend(odd.into_iter().map(of_event));
            let Some(mut after) = read else { continue };
            // What could not be read is not gone.
            after.cut |= unread;
            let made = event.about == About::SubscriptionMade;
            let before = if made { None } else { event.before().as_deref().and_then(quietly) };
            let by = if made { By::Making } else { By::Event };
            told.push(Told { at: event.at, by, before, after, origin: event.origin() });
        }
        let mut earlier: Vec<Snapshot> = order::ordered(told).into_iter().flat_map(snapshots).collect();
        let newest = earlier.pop()?;
        Some(Self { earlier, newest, gone, seen_since })
    }

    /// All states, oldest first.
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

    /// The items of all states, the newest first.
    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        self.snapshots().rev().flat_map(|snapshot| &snapshot.subscription.items)
    }
}

/// What an item was in a known state.
pub(super) enum Presence<'a> {
    There(&'a Item),
    Gone,
    /// The state does not tell: its list of items was cut.
    Untold,
}

impl Snapshot {
    /// Whether what happened at an instant is part of this state: what was right before an event
    /// does not have what happened with it.
    pub(super) fn has_heard_of(&self, at: DateTime<Utc>) -> bool {
        at < self.at || (at == self.at && (self.seen || self.turned))
    }

    pub(super) fn item(&self, id: &str) -> Presence<'_> {
        match self.subscription.items.iter().find(|item| item.id == id) {
            Some(item) => Presence::There(item),
            None if self.subscription.cut => Presence::Untold,
            None => Presence::Gone,
        }
    }
}

fn snapshots(told: Told) -> Vec<Snapshot> {
    let Told { at, by, before, after, origin } = told;
    let seen = by == By::Version;
    // An event without former values tells how the subscription stands from then on, and that it
    // has these items and discounts, but not since when.
    let exact = before.is_some() || by == By::Making;
    let before = before.map(|before| Snapshot {
        at,
        seen: false,
        exact: false,
        turned: false,
        subscription: before,
        origin: origin.clone(),
    });
    let after = Snapshot { at, seen, exact, turned: !seen, subscription: after, origin };
    before.into_iter().chain([after]).collect()
}

fn read(payload: &str, problems: &mut Problems<'_>) -> Option<Subscription> {
    let node = problems.keep(Node::of(payload), "the subscription is left out")?;
    Subscription::read(&node, problems)
}

/// Without a word where it can't be read: somebody else tells the same. What could not be read of
/// it is not taken for gone.
fn quietly(payload: &str) -> Option<Subscription> {
    let mut ignored = Vec::new();
    let mut subscription = read(payload, &mut Problems::of("", "", &mut ignored))?;
    subscription.cut |= !ignored.is_empty();
    Some(subscription)
}

/// A problem of an event costs what the event tells, and nothing else.
fn of_event(mut problem: Problem) -> Problem {
    if let Some((what, _)) = problem.message.rsplit_once("; ") {
        problem.message = format!("{what}; what the event tells of it is not used");
    }
    problem
}
