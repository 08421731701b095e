//! Collecting movements account by account.

use super::units::{Kind, Running, resize};
use super::{Movements, plain};
use crate::metric::by_currency::ByCurrency;
use crate::metric::places::Places;
use crate::metric::walk::{Cursor, Stop, walk};
use crate::metric::{Membership, MetricError};
use crate::money::{Amount, Exchange};
use crate::timeline::{Steps, Timeline};

/// Collects [`Movements`] of consecutive periods, account by account.
///
/// An account costs as much as it has steps, however many periods there are: what it does is
/// added where it happens, in its own currency, and states and rates are worked out at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementsState {
    places: Places,
    running: ByCurrency<Running>,
    /// What is already in the report's currency.
    settled: Vec<Movements>,
}

impl MovementsState {
    /// No account yet. The days of `exchange` are the days at whose ends the states are taken:
    /// the day before the first period and the last day of each period, so there is one more than
    /// there are periods.
    pub fn new(exchange: &Exchange) -> Result<Self, MetricError> {
        Self::settled(exchange, vec![Movements::default(); exchange.days().len().saturating_sub(1)])
    }

    /// What another state has summed up; the reverse of [`MovementsState::sums`].
    pub fn settled(exchange: &Exchange, sums: Vec<Movements>) -> Result<Self, MetricError> {
        if sums.len() != exchange.days().len().saturating_sub(1) {
            return Err(MetricError::Order);
        }
        Ok(Self { places: Places::new(exchange.days())?, running: ByCurrency::default(), settled: sums })
    }

    /// Takes one account. `exchange` is the one that the state was made for.
    pub fn add(
        &mut self,
        timeline: Timeline<'_>,
        exchange: &Exchange,
        membership: Membership<'_>,
    ) -> Result<(), MetricError> {
        let Some(membership) = membership.over(self.places.days()) else { return Ok(()) };
        if let Some(steps) = timeline.only() {
            return match membership {
                _ if steps.goes_below_zero() => plain::add(&mut self.settled, &[steps], exchange, membership),
                Membership::Always => {
                    self.add_member(steps);
                    Ok(())
                }
                Membership::On(_) => self.add_walking(&[steps], exchange, membership),
            };
        }
        let all = timeline.currencies().collect::<Result<Vec<_>, _>>()?;
        if all.iter().any(|steps| steps.goes_below_zero()) {
            return plain::add(&mut self.settled, &all, exchange, membership);
        }
        self.add_walking(&all, exchange, membership)
    }

    /// Takes an account of one currency that always belongs: nearly every one.
    fn add_member(&mut self, steps: Steps<'_>) {
        let (places, running) = (&self.places, &mut self.running);
        let slot = running.slot(steps.currency, || Running::new(self.settled.len()));
        let running = running.at(slot);
        let mut before = 0;
        for (place, after) in places.seen(steps) {
            let kind = Kind::of([before != 0, after != 0], [true; 2], || had_before(&[steps], places, place));
            match (place.checked_sub(1), kind) {
                (None, _) => running.opening += i128::from(after),
                (Some(period), Some(kind)) => running.flows[period].add(kind, before, after),
                (Some(_), None) => {}
            }
            before = after;
        }
    }

    /// Takes an account of any number of currencies, whenever it belongs.
    fn add_walking(
        &mut self,
        account: &[Steps<'_>],
        exchange: &Exchange,
        membership: Membership<'_>,
    ) -> Result<(), MetricError> {
        let Self { places, running, settled } = self;
        let mut cursors = Vec::with_capacity(account.len());
        for steps in account {
            let slot = running.slot(steps.currency, || Running::new(settled.len()));
            cursors.push(Cursor::new(slot, *steps, places));
        }
        walk(&mut cursors, membership, places, |stop, cursors| {
            let Stop { place, belonged, belongs } = stop;
            let Some(period) = place.checked_sub(1) else {
                if belongs {
                    cursors.iter().for_each(|cursor| running.at(cursor.slot).opening += i128::from(cursor.after));
                }
                return Ok(());
            };
            // Nothing here is below zero, so having some of one currency is having MRR.
            let open =
                [cursors.iter().any(|cursor| cursor.before != 0), cursors.iter().any(|cursor| cursor.after != 0)];
            let kind = Kind::of(open, [belonged, belongs], || had_before(account, places, place));
            match (kind, cursors) {
                (None, _) => {}
                (Some(kind), [cursor]) => running.at(cursor.slot).flows[period].add(kind, cursor.before, cursor.after),
                (Some(kind), cursors) => {
                    let mut change = Amount::ZERO;
                    for (cursor, steps) in cursors.iter().zip(account) {
                        running.at(cursor.slot).flows[period].add_part(kind, cursor.before, cursor.after);
                        if kind == Kind::Resized {
                            let units = i128::from(cursor.after) - i128::from(cursor.before);
                            change = change.checked_add(exchange.convert_units(units, steps.currency, place)?)?;
                        }
                    }
                    resize(&mut settled[period], change)?;
                }
            }
            Ok(())
        })
    }

    /// Takes what another state of the same report has summed up.
    pub fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        for (currency, theirs) in other.running.iter() {
            let slot = self.running.slot(*currency, || Running::new(self.settled.len()));
            self.running.at(slot).merge(theirs);
        }
        for (sums, others) in self.settled.iter_mut().zip(&other.settled) {
            sums.merge(others)?;
        }
        Ok(())
    }

    /// The movements of each period, in the currency and at the rates of `exchange`.
    pub fn sums(&self, exchange: &Exchange) -> Result<Vec<Movements>, MetricError> {
        let mut sums = self.settled.clone();
        for (currency, running) in self.running.iter() {
            running.settle(*currency, exchange, &mut sums)?;
        }
        Ok(sums)
    }
}

/// Whether an account had MRR on or before the report's day before a place.
fn had_before(account: &[Steps<'_>], places: &Places, place: usize) -> bool {
    let first_day = account.iter().filter_map(|steps| steps.first_day()).min();
    first_day.is_some_and(|first| places.of(first) < place)
}
