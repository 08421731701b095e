//! One subscription item through time: which price and quantity were in force from when on.

use chrono::{DateTime, Utc};
use revenue::money::Currency;
use rust_decimal::Decimal;

use crate::model::{Direction, Item, Line};

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

/// The changes of one item, oldest first, no two at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct History(pub(super) Vec<Change>);

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
    pub(super) fn add(&mut self, lines: &[&Line], start: DateTime<Utc>) {
        for moment in lines.chunk_by(|a, b| a.start == b.start) {
            self.add_moment(Moment::of(moment, self.state()), start);
        }
    }

    fn add_moment(&mut self, moment: Moment<'_>, start: DateTime<Utc>) {
        if let Some(credit) = moment.ended.first() {
            if self.0.is_empty() && start < moment.at {
                self.0.push(Change { at: start, state: Some(State::of(credit)), origins: Vec::new() });
            }
            // What is credited was in force until now, whatever was assumed of it.
            if let Some(last) = self.0.last_mut()
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
    }

    /// The state at the end.
    pub(super) fn state(&self) -> Option<&State> {
        self.0.last().and_then(|change| change.state.as_ref())
    }

    /// Begins the present state anew at `at`: what later lines say of it is not said of the time
    /// before.
    pub(super) fn divide(&mut self, at: DateTime<Utc>) {
        let again = self.0.last().filter(|last| last.state.is_some() && last.at < at).cloned();
        self.0.extend(again.map(|last| Change { at, ..last }));
    }

    /// Lets a state begin at `at`, but never before the last change.
    pub(super) fn set(&mut self, at: DateTime<Utc>, state: Option<State>, origin: Option<&String>) {
        let at = self.0.last().map_or(at, |last| at.max(last.at));
        match self.0.last_mut() {
            Some(last) if same(&last.state, &state) => {
                last.origins.extend(origin.filter(|origin| last.origins.last() != Some(origin)).cloned());
            }
            Some(last) if last.at == at => {
                last.state = state;
                last.origins.extend(origin.cloned());
            }
            None if state.is_none() => {}
            _ => self.0.push(Change { at, state, origins: origin.into_iter().cloned().collect() }),
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

/// What the lines of one instant come to.
struct Moment<'a> {
    at: DateTime<Utc>,
    /// States that ended.
    ended: Vec<&'a Line>,
    /// The state that was left in force, if any.
    begun: Option<&'a Line>,
}

impl<'a> Moment<'a> {
    /// Several changes within one second credit what they debited before, so a debit with an
    /// equal credit was passed through and is not the result, whatever the order of the lines.
    fn of(lines: &[&'a Line], before: Option<&State>) -> Self {
        let mut credits: Vec<&Line> = Vec::new();
        let mut debits: Vec<&Line> = Vec::new();
        let mut period = None;
        for line in lines {
            match line.direction {
                Direction::Period => period = Some(*line),
                Direction::Credit => credits.push(line),
                Direction::Debit => debits.push(line),
                // A proration of nothing has no sign: what was in force before, it ends.
                Direction::Zero if before.is_some_and(|state| state.agrees(&State::of(line))) => credits.push(line),
                Direction::Zero => debits.push(line),
            }
        }
        let mut passed = false;
        debits.retain(|debit| {
            let equal = credits.iter().position(|credit| State::of(credit).agrees(&State::of(debit)));
            passed |= equal.is_some();
            equal.map(|index| credits.remove(index)).is_none()
        });
        // There and back again within a second: nothing ended.
        let at = lines[0].start;
        if passed && credits.is_empty() && debits.is_empty() && period.is_none() {
            return Self { at, ended: Vec::new(), begun: None };
        }
        Self { at, ended: credits, begun: debits.last().copied().or(period) }
    }
}
