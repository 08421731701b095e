//! One subscription through time: its items, its beginning, its trial and its end.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use revenue::money::Currency;

use super::Seen;
use super::book::Book;
use super::history::{Change, History, State};
use super::lines::ContractLines;
use crate::model::{Direction, Item, Line, Status};

/// A subscription with everything that was said about it.
pub(super) struct Contract<'a> {
    pub(super) id: &'a str,
    pub(super) seen: Option<&'a Seen>,
    pub(super) lines: &'a ContractLines,
    pub(super) book: &'a Book,
    /// When it began.
    start: DateTime<Utc>,
    /// When it ended, or is known to end.
    end: Option<DateTime<Utc>>,
}

/// Items made within this time of their subscription were there from its start.
const FROM_THE_START: TimeDelta = TimeDelta::minutes(5);

impl<'a> Contract<'a> {
    pub(super) fn of(id: &'a str, seen: Option<&'a Seen>, lines: &'a ContractLines, book: &'a Book) -> Self {
        let first = lines.lines.first().map_or(DateTime::UNIX_EPOCH, |line| line.start);
        let covered = lines.lines.iter().map(|line| line.end).max();
        let (start, end) = match seen {
            None => (first, covered),
            Some(seen) => {
                let subscription = &seen.subscription;
                let end = match subscription.status {
                    Status::Counts => subscription.ended.or(subscription.cancel_at),
                    Status::Canceled => subscription.ended.or(covered).or(Some(seen.first)),
                    // When it stopped is not told: at the latest when it was seen, and not
                    // later than what was last invoiced.
                    Status::Suspended => Some(covered.unwrap_or(subscription.start).min(seen.last)),
                    Status::Trialing => None,
                    Status::Incomplete => Some(subscription.start),
                };
                (subscription.start, end)
            }
        };
        Self { id, seen, lines, book, start, end }
    }

    /// Whether there was a time in which it was in force.
    pub(super) fn ever_in_force(&self) -> bool {
        self.end.is_none_or(|end| self.start < end)
    }

    /// Each item's history, by the item's id.
    pub(super) fn histories(&self) -> BTreeMap<String, History> {
        let by_item = self.lines_by_item();
        let mut histories = BTreeMap::new();
        let earliest = self.lines.lines.first().map(|line| line.start);
        for (id, lines) in &by_item {
            let present = self.present(id);
            let start = self.item_start(present);
            let mut history = History::of(lines, start);
            // The first state of what was there from the start goes back to the start, also
            // where the invoices of that time are missing.
            if let Some(first) = history.0.first_mut()
                && start < first.at
                && lines[0].direction == Direction::Period
                && (present.is_some_and(|item| self.is_original(item)) || Some(first.at) == earliest)
            {
                let assumed = Change { at: start, state: first.state.clone(), origins: Vec::new() };
                history.0.insert(0, assumed);
            }
            // What is neither present nor credited was not renewed, or was taken off unprorated
            // before it was seen to be gone.
            if let (None, Some(seen), true) = (present, self.seen, history.state().is_some()) {
                let billed = lines.iter().map(|line| line.end).max().unwrap_or(start);
                let last = lines.iter().map(|line| line.start).max().unwrap_or(start);
                history.set(billed.min(seen.last).max(last), None, None);
            }
            histories.insert(id.clone(), history);
        }
        for item in self.seen.iter().flat_map(|seen| &seen.subscription.items) {
            self.reconcile(item, histories.entry(item.id.clone()).or_default());
        }
        histories
    }

    /// Brings a history in line with what the item is now, without inventing when it changed.
    fn reconcile(&self, item: &Item, history: &mut History) {
        let now = State { price: item.price.id.clone(), quantity: item.quantity, currency: None };
        let Some(last) = history.0.last() else {
            history.set(self.item_start(Some(item)), Some(now), None);
            return;
        };
        if last.state.as_ref().is_some_and(|state| state.agrees(&now)) {
            return;
        }
        // A period that no invoice has yet begins with the present state. One that an invoice
        // says began otherwise was changed without a proration: nobody knows when, but this
        // version of the record was the first to be seen with it.
        let invoiced = self.lines.lines.iter().any(|line| line.start >= item.period_start);
        let at = match self.seen {
            Some(seen) if invoiced => seen.last.max(item.period_start).max(last.at),
            _ => item.period_start.max(last.at),
        };
        history.set(at, Some(now), None);
    }

    /// The lines of each item. A line that does not name its item is for the one that has or had
    /// its price; without one it stands for an item of its own.
    fn lines_by_item(&self) -> BTreeMap<String, Vec<&'a Line>> {
        let mut items_of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for line in &self.lines.lines {
            if let Some(item) = &line.subject.item {
                items_of.entry(&line.price).or_default().insert(item);
            }
        }
        for item in self.seen.iter().flat_map(|seen| &seen.subscription.items) {
            items_of.entry(&item.price.id).or_default().insert(&item.id);
        }
        let mut by_item: BTreeMap<String, Vec<&Line>> = BTreeMap::new();
        for line in &self.lines.lines {
            let item = line.subject.item.as_deref().unwrap_or_else(|| {
                let known = items_of.get(line.price.as_str());
                known.and_then(|items| items.first().copied()).unwrap_or(&line.price)
            });
            by_item.entry(item.to_owned()).or_default().push(line);
        }
        by_item
    }

    pub(super) fn present(&self, item: &str) -> Option<&'a Item> {
        self.seen?.subscription.items.iter().find(|present| present.id == item)
    }

    /// Whether it is in force now, so that what it lacks now has ended.
    pub(super) fn counts_now(&self) -> bool {
        self.seen.is_some_and(|seen| seen.subscription.status == Status::Counts)
    }

    /// The currency it is billed in.
    pub(super) fn currency(&self) -> Option<Currency> {
        let named = self.seen.and_then(|seen| seen.subscription.currency);
        named.or_else(|| self.lines.lines.first().map(|line| line.currency))
    }

    fn is_original(&self, item: &Item) -> bool {
        let made = self.seen.map(|seen| seen.subscription.created);
        item.created.zip(made).is_none_or(|(item, subscription)| item <= subscription + FROM_THE_START)
    }

    /// When an item can have begun at the earliest.
    fn item_start(&self, present: Option<&Item>) -> DateTime<Utc> {
        match present {
            Some(item) if !self.is_original(item) => item.created.unwrap_or(self.start).max(self.start),
            _ => self.start,
        }
    }

    /// When a present item is known to end.
    pub(super) fn item_end(&self, item: &str) -> Option<DateTime<Utc>> {
        let subscription = &self.seen?.subscription;
        let ends = subscription.status == Status::Counts && subscription.cancel_at_period_end;
        if ends && subscription.cancel_at.is_none() { self.present(item).map(|item| item.period_end) } else { None }
    }

    /// The parts of a range in which the subscription was in force: not outside of its start and
    /// end, and not while on trial.
    pub(super) fn in_force(
        &self,
        from: DateTime<Utc>,
        until: Option<DateTime<Utc>>,
    ) -> Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> {
        let from = from.max(self.start);
        let until = earlier(until, self.end);
        let subscription = self.seen.map(|seen| &seen.subscription);
        let parts = match subscription.and_then(|subscription| Some((subscription.trial?, subscription.status))) {
            // A trial that runs may still come to nothing.
            Some(((begin, _), Status::Trialing)) => vec![(from, earlier(until, Some(begin)))],
            Some(((begin, end), _)) => vec![(from, earlier(until, Some(begin))), (from.max(end), until)],
            None if subscription.is_some_and(|subscription| subscription.status == Status::Trialing) => Vec::new(),
            None => vec![(from, until)],
        };
        parts.into_iter().filter(|(from, until)| until.is_none_or(|until| *from < until)).collect()
    }
}

/// The earlier of two ends, of which `None` is the latest.
pub(super) fn earlier(a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}
