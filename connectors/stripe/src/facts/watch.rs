//! Each item's history, from its invoice lines and from what was seen of it.
//!
//! Before a subscription was first seen its invoices alone tell. From then on each version is
//! evidence: a change is dated by the first version that shows it, or by a line between that
//! version and the one before, which is more exact. Lines behind the newest version are ahead of
//! it, so they are not measured by it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::contract::Contract;
use super::history::{Change, History, State, same};
use super::seen::Snapshot;
use crate::model::{Direction, Item, Line};

/// The time between two versions: after the one, up to the other.
#[derive(Clone, Copy)]
struct Between {
    after: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Between {
    fn contains(self, at: DateTime<Utc>) -> bool {
        self.after < at && at <= self.until
    }
}

impl<'a> Contract<'a> {
    /// Each item's history, by the item's id.
    pub(super) fn histories(&self) -> BTreeMap<&'a str, History> {
        self.lines_by_item().into_iter().map(|(id, lines)| (id, self.history(id, &lines))).collect()
    }

    fn history(&self, id: &str, lines: &[&Line]) -> History {
        let item = self.items().find(|item| item.id == id);
        let Some(seen) = self.seen else { return self.rebuilt(item, lines) };
        let up_to = |at: DateTime<Utc>| &lines[..lines.partition_point(|line| line.start <= at)];
        let first = seen.first();
        let mut used = up_to(first.at);
        let mut history = self.rebuilt(item, used);
        match first.item(id) {
            Some(item) => self.reconcile(item, &mut history, first),
            None => not_renewed(&mut history, used, first.at),
        }
        history.divide(first.at);
        let start = self.item_start(item);
        let mut after = first.at;
        for version in seen.snapshots().skip(1) {
            let known = up_to(version.at);
            let between = Between { after, until: version.at };
            let mut told = history.clone();
            told.add(&known[used.len()..], start.max(after));
            history = seen_again(history, told, version.item(id), known, between);
            (used, after) = (known, version.at);
        }
        history.add(&lines[used.len()..], start.max(after));
        history
    }

    /// What the lines tell of the time before the subscription was seen.
    fn rebuilt(&self, item: Option<&Item>, lines: &[&Line]) -> History {
        let start = self.item_start(item);
        let mut history = History::default();
        history.add(lines, start);
        // The first state of what was there from the start goes back to the start, also where
        // the invoices of that time are missing.
        let earliest = self.lines.lines.first().map(|line| line.start);
        if let Some(first) = history.0.first_mut()
            && start < first.at
            && lines[0].direction == Direction::Period
            && (item.is_some_and(|item| self.is_original(item)) || Some(first.at) == earliest)
        {
            let assumed = Change { at: start, state: first.state.clone(), origins: Vec::new() };
            history.0.insert(0, assumed);
        }
        history
    }

    /// Brings a history in line with the first version, without inventing when it changed.
    fn reconcile(&self, item: &Item, history: &mut History, first: &Snapshot) {
        let now = State::of_item(item);
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
        let mut lines = self.lines.lines.iter();
        let invoiced = lines.any(|line| line.start >= item.period_start && line.start <= first.at);
        history.set(if invoiced { first.at } else { item.period_start.min(first.at) }, Some(now), None);
    }

    /// When an item can have begun at the earliest.
    fn item_start(&self, item: Option<&Item>) -> DateTime<Utc> {
        match item {
            Some(item) if !self.is_original(item) => item.created.unwrap_or(self.start).max(self.start),
            _ => self.start,
        }
    }
}

/// What is neither there nor credited was not renewed, or was taken off unprorated before it was
/// seen to be gone.
fn not_renewed(history: &mut History, lines: &[&Line], seen: DateTime<Utc>) {
    if let Some(billed) = lines.iter().map(|line| line.end).max() {
        history.set(billed.min(seen), None, None);
    }
}

/// The history up to a later version. `told` is what the lines in between make of it.
fn seen_again(history: History, mut told: History, item: Option<&Item>, lines: &[&Line], between: Between) -> History {
    let (was, is) = (history.state().cloned(), item.map(State::of_item));
    if same(&told.state().cloned(), &is) {
        return told;
    }
    // Seen on both sides: a line that leads elsewhere and not back is not believed.
    if was.is_some() && same(&was, &is) {
        return history;
    }
    let exact = match item {
        Some(item) if was.is_none() => item.created,
        Some(_) => None,
        None => lines.iter().map(|line| line.end).max(),
    };
    told.set(exact.filter(|at| between.contains(*at)).unwrap_or(between.until), is, None);
    told
}
