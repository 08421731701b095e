//! When a subscription was in force: not before its start or after its end, and not while it was
//! suspended; and when it counted, which is neither on trial nor while it was paused.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::bills::Mark;
use super::contract::Contract;
use super::doubt::Open;
use super::known::Snapshot;
use super::span::{Span, earlier, is_some_time, without};
use crate::model::{Status, Suspension};

impl Contract<'_> {
    /// Whether there was a time in which it was in force, or may yet come to be.
    pub(super) fn ever_in_force(&self) -> bool {
        !self.in_force(self.start, None).is_empty()
    }

    /// Whether there was a time in which it counted, or may yet come to.
    pub(super) fn ever_counted(&self) -> bool {
        let not_counted = self.paused.iter().copied().chain(self.trials());
        !not_counted.fold(self.in_force(self.start, None), without).is_empty()
    }

    /// The parts of a range in which it was in force.
    pub(super) fn in_force(&self, from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> Vec<Span> {
        let range = (from.max(self.start), earlier(until, self.end));
        let whole = [range].into_iter().filter(is_some_time).collect();
        self.suspended.iter().copied().fold(whole, without)
    }

    /// What was on trial. A trial that was cut short or extended is known by its beginning, and
    /// the newest state is right about its end.
    pub(super) fn trials(&self) -> Vec<Span> {
        let Some(known) = self.known else { return Vec::new() };
        let mut trials: BTreeMap<DateTime<Utc>, Option<DateTime<Utc>>> = BTreeMap::new();
        for snapshot in known.snapshots() {
            trials.extend(snapshot.subscription.trial.map(|(begin, end)| (begin, Some(end))));
        }
        let newest = known.newest();
        if newest.status == Status::Trialing {
            // One that runs may still come to nothing.
            trials.insert(newest.trial.map_or(self.start, |(begin, _)| begin), None);
        }
        trials.into_iter().collect()
    }

    /// When it was unpaid, paused or not yet paid for the first time: from the first known state
    /// that shows it to the first that no longer does; and whether it was paused.
    pub(super) fn suspended_as_known(&self) -> Vec<(Span, bool)> {
        let mut spans: Vec<(Span, bool)> = Vec::new();
        let mut before: Option<(DateTime<Utc>, Status)> = None;
        for snapshot in self.known.iter().flat_map(|known| known.snapshots()) {
            let (at, status) = (snapshot.at, snapshot.subscription.status);
            let was = before.map(|(_, status)| status);
            let paused = status == Status::Suspended(Suspension::Voided);
            match (was, suspends(status)) {
                (Some(was), true) if suspends(was) => {}
                // What did not count before has not counted in between: not after its trial's end.
                (Some(was), true) if was != Status::Counts => {
                    let trial_end = snapshot.subscription.trial.map(|(_, end)| end.min(at));
                    let since = trial_end.filter(|_| was == Status::Trialing).or(before.map(|(at, _)| at));
                    spans.push(((since.unwrap_or(at), None), paused));
                }
                // What it was backdated by counts all the same, once it is paid.
                (None, true) if status == Status::Incomplete => {
                    spans.push(((snapshot.subscription.created.max(self.start), None), false));
                }
                (_, true) => spans.push(((at, None), paused)),
                (Some(was), false) if suspends(was) => {
                    let since = before.map_or(at, |(at, _)| at);
                    let until = self.billed_again(since, snapshot).unwrap_or(at);
                    spans.last_mut().into_iter().for_each(|(span, _)| span.1 = Some(until));
                }
                _ => {}
            }
            before = Some((at, status));
        }
        spans
    }
}

impl Contract<'_> {
    /// When it came to be collected again, as a bill tells it, between two states of which the later
    /// was only read: the event that would say so was missed.
    fn billed_again(&self, since: DateTime<Utc>, read: &Snapshot) -> Option<DateTime<Utc>> {
        let mut bills = self.bills.bills.iter().filter(|bill| since < bill.at && bill.at <= read.at);
        bills.find(|bill| read.seen && bill.mark == Some(Mark::Collected)).map(|bill| bill.at)
    }

    /// Where an event tells that it stood otherwise before it than was known last: the event in
    /// between is not there, and nobody knows when that changed.
    pub(super) fn turned_unseen(&self) -> Vec<Open> {
        let snapshots: Vec<_> = self.known.iter().flat_map(|known| known.snapshots()).collect();
        let pairs = snapshots.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?)));
        let unseen = pairs.filter(|(last, next)| {
            let suspended = |snapshot: &Snapshot| suspends(snapshot.subscription.status);
            !next.seen && !next.turned && suspended(last) != suspended(next)
        });
        let open = unseen.map(|(last, next)| Open {
            item: None,
            from: last.at,
            until: Some(next.at),
            reason: "the subscription was paused, went unpaid or came back, and no event says when; \
                     it is counted as before until the next record that shows it"
                .to_owned(),
            origin: vec![last.origin.clone(), next.origin.clone()],
        });
        open.collect()
    }
}

fn suspends(status: Status) -> bool {
    matches!(status, Status::Suspended(_) | Status::Incomplete)
}
