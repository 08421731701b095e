//! One subscription item through time: which price and quantity were in force from when on.

use chrono::{DateTime, Utc};
use revenue::money::Currency;
use rust_decimal::Decimal;

use super::moment::Moment;
use super::planned::{self, Planned};
use crate::model::{Item, Line};

/// A price and how many of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) price: String,
    pub(super) quantity: Decimal,
    pub(super) currency: Option<Currency>,
}

/// From an instant on, a state or, with `None`, nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) at: DateTime<Utc>,
    pub(super) state: Option<State>,
    /// The records that say so, oldest first; none where it is only assumed.
    pub(super) origins: Vec<String>,
}

/// A time over which the bills leave open what was in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) from: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
    /// What lies at its ends, as `stream/id`.
    pub(super) origins: Vec<String>,
    pub(super) why: Why,
}

/// Why nobody can know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It was otherwise before than after, and nothing says when that changed.
    Changed,
    /// No bill of the time is there.
    Unbilled,
}

/// The changes of one item, oldest first, no two at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct History {
    pub(super) changes: Vec<Change>,
    pub(super) gaps: Vec<Gap>,
    /// When something last told of the item, and which record.
    pub(super) told: Option<(DateTime<Utc>, String)>,
    /// Whether it is put together from bills alone, which date no change that was not prorated.
    pub(super) by_bills: bool,
}

/// Where a change is put that came about some time between two records, and only from bills: whichever day it was, at
/// most half of the time comes out wrong, and on each day what was likelier is counted. The day of a bill is likelier
/// for no change but one that was planned for it, and those have a schedule.
pub(super) fn middle(after: DateTime<Utc>, until: DateTime<Utc>) -> DateTime<Utc> {
    after + (until - after) / 2
}

impl State {
    pub(super) fn of(line: &Line) -> Self {
        Self { price: line.price.clone(), quantity: line.quantity, currency: Some(line.currency) }
    }

    /// An item does not say its currency; its subscription does.
    pub(super) fn of_item(item: &Item) -> Self {
        Self { price: item.price.id.clone(), quantity: item.quantity, currency: None }
    }

    /// Whether it is the same price and quantity. An item does not say its currency.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.price == other.price && self.quantity == other.quantity
    }
}

impl History {
    /// Goes on with what later lines of the item tell, in order of their period's start. Where
    /// the first line of all ends an earlier state, that state is said to hold from `start`.
    pub(super) fn add(&mut self, lines: &[&Line], start: DateTime<Utc>, planned: &[Planned]) {
        for moment in lines.chunk_by(|a, b| a.start == b.start) {
            self.add_moment(Moment::of(moment, self.state()), start, planned);
        }
    }

    fn add_moment(&mut self, moment: Moment<'_>, start: DateTime<Utc>, planned: &[Planned]) {
        if let Some(before) = moment.before(self.state()) {
            self.meet(before.as_ref(), moment.at, &moment.origin, planned);
        }
        if let Some(credit) = moment.ended.first() {
            if self.changes.is_empty() && start < moment.at {
                self.changes.push(Change { at: start, state: Some(State::of(credit)), origins: Vec::new() });
            }
            // What is credited was in force until now, whatever was assumed of it.
            if let Some(last) = self.changes.last_mut()
                && last.origins.is_empty()
                && last.state.as_ref().is_some_and(|state| state.agrees(&State::of(credit)))
            {
                last.origins.push(credit.origin.clone());
            }
        }
        match moment.begun {
            Some(line) => self.set(moment.at, Some(State::of(line)), Some(&line.origin)),
            None => {
                if let Some(credit) = moment.ended.first() {
                    self.set(moment.at, None, Some(&credit.origin));
                }
            }
        }
        self.told = Some((moment.at, moment.origin));
    }

    /// Something tells which state was in force right before `at`. If that is not what was told
    /// last, it changed in between: when a plan says, or nobody knows when.
    pub(super) fn meet(&mut self, before: Option<&State>, at: DateTime<Utc>, origin: &str, planned: &[Planned]) {
        let Some((told, by)) = &self.told else { return };
        if same(&self.state().cloned(), &before.cloned()) {
            return;
        }
        match before.and_then(|before| planned::path(self.state()?, before, *told, at, planned)) {
            Some(path) => path.iter().for_each(|step| self.set(step.at, step.after.clone(), Some(&step.origin))),
            None => {
                let (from, origins) = (*told, vec![by.clone(), origin.to_owned()]);
                self.gaps.push(Gap { from, until: at, origins, why: Why::Changed });
                if self.by_bills {
                    self.set(middle(from, at), before.cloned(), None);
                }
            }
        }
    }

    /// The state at the end.
    pub(super) fn state(&self) -> Option<&State> {
        self.changes.last().and_then(|change| change.state.as_ref())
    }

    /// Begins the present state anew at `at`: what later lines say of it is not said of the time
    /// before.
    pub(super) fn divide(&mut self, at: DateTime<Utc>) {
        let again = self.changes.last().filter(|last| last.state.is_some() && last.at < at).cloned();
        self.changes.extend(again.map(|last| Change { at, ..last }));
    }

    /// Lets a state begin at `at`, but never before the last change.
    pub(super) fn set(&mut self, at: DateTime<Utc>, state: Option<State>, origin: Option<&String>) {
        let at = self.changes.last().map_or(at, |last| at.max(last.at));
        match self.changes.last_mut() {
            Some(last) if same(&last.state, &state) => {
                last.origins.extend(origin.filter(|origin| last.origins.last() != Some(origin)).cloned());
            }
            Some(last) if last.at == at => {
                last.state = state;
                last.origins.extend(origin.cloned());
            }
            None if state.is_none() => {}
            _ => self.changes.push(Change { at, state, origins: origin.into_iter().cloned().collect() }),
        }
    }
}

/// Whether nothing changes from the one to the other.
pub(super) fn same(a: &Option<State>, b: &Option<State>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.agrees(b),
        (None, None) => true,
        _ => false,
    }
}
