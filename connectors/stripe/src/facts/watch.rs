//! Each item's history, from what is known of its subscription and from its lines.
//!
//! Before a subscription was first known its bills alone tell. From then on each known state is
//! evidence: a change is dated by the event that tells it, else by the first state that shows it,
//! or by a line between that state and the one before, which is more exact. Lines behind the
//! newest state are ahead of it, so they are not measured by it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::contract::Contract;
use super::history::{History, State, same};
use super::known::{Presence, Snapshot};
use crate::model::{Item, Line};

/// The time between two known states: after the one, up to the other.
#[derive(Clone, Copy)]
struct Between<'a> {
    after: DateTime<Utc>,
    at: &'a Snapshot,
}

impl Between<'_> {
    fn contains(self, at: DateTime<Utc>) -> bool {
        self.after < at && at <= self.at.at
    }
}

impl<'a> Contract<'a> {
    /// Each item's history, by the item's id.
    pub(super) fn histories(&self) -> BTreeMap<&'a str, History> {
        let of_item = |(id, lines): (&'a str, Vec<&Line>)| (id, self.history(id, &lines));
        let mut found: BTreeMap<&'a str, History> = self.lines_by_item().into_iter().map(of_item).collect();
        for step in self.ahead() {
            let changed = match (&step.before, &step.after) {
                (Some(before), _) => {
                    let stands = |history: &History| history.state().is_some_and(|state| state.agrees(before));
                    found.values_mut().find(|history| stands(history))
                }
                // It has no id before it begins.
                (None, Some(after)) => Some(found.entry(&after.price).or_default()),
                (None, None) => None,
            };
            if let Some(history) = changed {
                history.set(step.at, step.after.clone(), Some(&step.origin));
            }
        }
        found
    }

    fn history(&self, id: &str, lines: &[&Line]) -> History {
        let item = self.items().find(|item| item.id == id);
        let Some(known) = self.known else { return self.rebuilt(item, lines) };
        let up_to = |state: &Snapshot| &lines[..lines.partition_point(|line| state.has_heard_of(line.start))];
        let first = known.first();
        let mut used = up_to(first);
        let mut history = self.rebuilt(item, used);
        match first.item(id) {
            Presence::There(item) => self.reconcile(item, &mut history, first),
            Presence::Gone => self.not_renewed(&mut history, used, first),
            Presence::Untold => {}
        }
        // What bills leave open is left open for the time before; from here on it is known.
        let mut gaps = std::mem::take(&mut history.gaps);
        history.divide(first.at);
        history.by_bills = false;
        let start = self.item_start(item);
        let mut last = first;
        for snapshot in known.snapshots().skip(1) {
            // What was right before the second event of a second has not forgotten the first.
            let lines = Some(up_to(snapshot)).filter(|lines| lines.len() > used.len()).unwrap_or(used);
            let between = Between { after: last.at, at: snapshot };
            let mut told = history.clone();
            told.told = Some((last.at, last.origin.clone()));
            told.add(&lines[used.len()..], start.max(last.at), self.planned);
            let item = match snapshot.item(id) {
                Presence::There(item) => Some(item),
                Presence::Gone => None,
                Presence::Untold => {
                    (history, used, last) = (told, lines, snapshot);
                    continue;
                }
            };
            let is = item.map(State::of_item);
            // An event tells of another state before it than was known last: an event in between
            // is not there. What was read says nothing of the kind, as nobody knows how long the
            // state before was still the same.
            let missed = !snapshot.seen && !snapshot.exact && !same(&history.state().cloned(), &is);
            told.meet(is.as_ref(), snapshot.at, &snapshot.origin, self.planned);
            gaps.extend(std::mem::take(&mut told.gaps).into_iter().filter(|_| missed));
            history = known_again(history, told, item, lines, between);
            history.gaps.clear();
            (used, last) = (lines, snapshot);
        }
        history.add(&lines[used.len()..], start.max(last.at), &[]);
        history.gaps = gaps;
        history
    }
}

/// The history up to a later known state. `told` is what the lines in between make of it.
fn known_again(
    history: History,
    mut told: History,
    item: Option<&Item>,
    lines: &[&Line],
    between: Between<'_>,
) -> History {
    let (was, is) = (history.state().cloned(), item.map(State::of_item));
    if same(&told.state().cloned(), &is) {
        return told;
    }
    // Known on both sides: a line that leads elsewhere and not back is not believed.
    if was.is_some() && same(&was, &is) {
        return history;
    }
    let exact = match item {
        Some(item) if was.is_none() => item.created,
        Some(_) => None,
        None => lines.iter().map(|line| line.end).max(),
    };
    let event = Some(&between.at.origin).filter(|_| !between.at.seen);
    told.set(exact.filter(|at| between.contains(*at)).unwrap_or(between.at.at), is, event);
    told
}
