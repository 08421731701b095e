//! The state of a day: the sum of the annual run rates in force at its end, of which MRR is a
//! twelfth.

use super::by_currency::ByCurrency;
use super::places::Places;
use super::walk::{Cursor, walk};
use super::{Membership, MetricError};
use crate::calendar::Day;
use crate::money::{Amount, Exchange};
use crate::timeline::Timeline;

/// The annual run rate of one account at the end of the report's day number `index`, at the rates
/// of its day number `rates`.
pub fn account_amount(
    timeline: Timeline<'_>,
    exchange: &Exchange,
    index: usize,
    rates: usize,
) -> Result<Amount, MetricError> {
    let day = *exchange.days().get(index).ok_or(MetricError::Days)?;
    let mut total = Amount::ZERO;
    for steps in timeline.currencies() {
        let steps = steps?;
        total = total.checked_add(exchange.convert(steps.at(day), steps.currency, rates)?)?;
    }
    Ok(total)
}

/// Collects the annual run rates of a set of accounts at the end of each of the report's days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct States {
    /// The report's days in ascending order; they may come in any.
    places: Places,
    /// By how much the state changes at each place.
    running: ByCurrency<Vec<i128>>,
    /// What is already in the report's currency, in the order of the report.
    settled: Vec<Amount>,
}

impl States {
    /// No account yet.
    pub fn new(exchange: &Exchange) -> Result<Self, MetricError> {
        Self::settled(exchange, vec![Amount::ZERO; exchange.days().len()])
    }

    /// What another state has summed up; the reverse of [`States::sums`].
    pub fn settled(exchange: &Exchange, sums: Vec<Amount>) -> Result<Self, MetricError> {
        let mut days: Vec<Day> = exchange.days().to_vec();
        if sums.len() != days.len() {
            return Err(MetricError::Days);
        }
        days.sort();
        days.dedup();
        Ok(Self { places: Places::new(&days)?, running: ByCurrency::default(), settled: sums })
    }

    /// Takes one account: on each day on which it belongs to the cohort.
    pub fn add(&mut self, timeline: Timeline<'_>, membership: Membership<'_>) -> Result<(), MetricError> {
        let Self { places, running, .. } = self;
        let Some(membership) = membership.over(places.days()) else { return Ok(()) };
        for steps in timeline.currencies() {
            let steps = steps?;
            let slot = running.slot(steps.currency, || vec![0; places.days().len()]);
            let changes = running.at(slot);
            match membership {
                Membership::Always => {
                    let mut before = 0;
                    for (place, after) in places.seen(steps) {
                        changes[place] += i128::from(after) - before;
                        before = i128::from(after);
                    }
                }
                Membership::On(_) => {
                    walk(&mut [Cursor::new(slot, steps, places)], membership, places, |stop, cursors| {
                        for cursor in cursors {
                            let before = if stop.belonged { i128::from(cursor.before) } else { 0 };
                            let after = if stop.belongs { i128::from(cursor.after) } else { 0 };
                            changes[stop.place] += after - before;
                        }
                        Ok(())
                    })?
                }
            }
        }
        Ok(())
    }

    /// Takes what another state of the same report has summed up.
    pub fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        for (currency, theirs) in other.running.iter() {
            let slot = self.running.slot(*currency, || vec![0; theirs.len()]);
            self.running.at(slot).iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
        for (sum, others) in self.settled.iter_mut().zip(&other.settled) {
            *sum = sum.checked_add(*others)?;
        }
        Ok(())
    }

    /// The sum of each day, in the currency and at the rates of `exchange`.
    pub fn sums(&self, exchange: &Exchange) -> Result<Vec<Amount>, MetricError> {
        let mut sums = self.settled.clone();
        for (currency, changes) in self.running.iter() {
            let mut state = 0;
            let states: Vec<i128> = changes
                .iter()
                .map(|change| {
                    state += change;
                    state
                })
                .collect();
            for (index, (sum, day)) in sums.iter_mut().zip(exchange.days()).enumerate() {
                let units = states[self.places.of(*day)];
                *sum = sum.checked_add(exchange.convert_units(units, *currency, index)?)?;
            }
        }
        Ok(sums)
    }
}
