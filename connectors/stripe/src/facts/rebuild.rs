//! How bills fill in what was before a subscription is known from itself.

use chrono::{DateTime, Utc};

use super::contract::Contract;
use super::history::{Change, Gap, History, State, Why, middle};
use super::known::Snapshot;
use crate::model::{Item, Line};

impl Contract<'_> {
    /// What the lines tell of the time before the subscription was first known.
    pub(super) fn rebuilt(&self, item: Option<&Item>, lines: &[&Line]) -> History {
        let start = self.item_start(item);
        let mut history = History { by_bills: true, ..History::default() };
        history.add(lines, start, self.planned);
        let Some(first) = history.changes.first().filter(|first| start < first.at && lines[0].is_period()) else {
            return history;
        };
        let begun = first.at;
        let origins = vec![lines[0].origin.clone()];
        // The first state of what was there from the start goes back to the start, also where
        // the bills of that time are missing.
        let earliest = self.bills.lines.first().map(|line| line.start);
        if item.is_some_and(|item| self.is_original(item)) || Some(begun) == earliest {
            let assumed = Change { at: start, state: first.state.clone(), origins: Vec::new() };
            history.changes.insert(0, assumed);
            history.gaps.insert(0, Gap { from: start, until: begun, origins, why: Why::Unbilled });
        } else if item.is_some() {
            // It tells itself when it was added; nobody paid for the rest of that period.
            let added = Change { at: start, state: first.state.clone(), origins };
            history.changes.insert(0, added);
        } else if let Some(before) = self.bills.bills.iter().rfind(|bill| bill.at < begun) {
            let origins = vec![before.origin.clone(), lines[0].origin.clone()];
            let came = Change { at: middle(before.at, begun), state: first.state.clone(), origins: Vec::new() };
            history.changes.insert(0, came);
            history.gaps.insert(0, Gap { from: before.at, until: begun, origins, why: Why::Changed });
        }
        history
    }

    /// Brings a history in line with the first known state, without inventing when it changed.
    pub(super) fn reconcile(&self, item: &Item, history: &mut History, first: &Snapshot) {
        let now = State::of_item(item);
        if history.changes.is_empty() {
            let from = self.item_start(Some(item));
            history.set(from, Some(now), None);
            let origins = vec![first.origin.clone()];
            history.gaps.push(Gap { from, until: first.at, origins, why: Why::Unbilled });
            return;
        }
        if history.state().is_some_and(|state| state.agrees(&now)) {
            return;
        }
        // A period that no bill has yet begins with the present state. One that a bill says began
        // otherwise was changed without a proration, and nobody knows when.
        let mut lines = self.bills.lines.iter();
        let billed = lines.any(|line| line.start >= item.period_start && line.start <= first.at);
        history.by_bills = billed;
        history.meet(Some(&now), first.at, &first.origin, self.planned);
        history.set(if billed { first.at } else { item.period_start.min(first.at) }, Some(now), None);
    }

    /// What is neither there nor credited was not renewed, or was taken off unprorated before it
    /// was seen to be gone.
    pub(super) fn not_renewed(&self, history: &mut History, lines: &[&Line], first: &Snapshot) {
        if history.state().is_none() {
            return;
        }
        if let Some(billed) = lines.iter().map(|line| line.end).max() {
            let ended = billed.min(first.at);
            // A schedule may have planned its end, and then nothing else needs to have happened.
            let told = lines.iter().map(|line| line.start).max().unwrap_or(ended);
            let planned = self.planned.iter().find(|step| {
                let gone = step.after.is_none() && told < step.at && step.at <= first.at;
                gone && step.before.as_ref().is_some_and(|before| history.state().is_some_and(|now| now.agrees(before)))
            });
            if let Some(step) = planned {
                history.set(step.at, None, Some(&step.origin));
                return;
            }
            history.meet(None, ended, &first.origin, &[]);
            history.set(ended, None, None);
        }
    }

    /// When an item can have begun at the earliest.
    pub(super) fn item_start(&self, item: Option<&Item>) -> DateTime<Utc> {
        match item {
            Some(item) if !self.is_original(item) => item.created.unwrap_or(self.start).max(self.start),
            _ => self.start,
        }
    }
}
