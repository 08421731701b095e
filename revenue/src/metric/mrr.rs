//! The state of a day: the sum of the annual run rates in force at its end, of which MRR is a
//! twelfth.

use super::{Membership, MetricError};
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

/// The annual run rates of a set of accounts, at the end of each of the report's days.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct States(pub Vec<Amount>);

impl States {
    /// Takes one account: on each day on which it belongs to the cohort.
    pub fn add(
        &mut self,
        timeline: Timeline<'_>,
        exchange: &Exchange,
        membership: Membership<'_>,
    ) -> Result<(), MetricError> {
        self.0.resize(exchange.days().len(), Amount::ZERO);
        for (index, sum) in self.0.iter_mut().enumerate() {
            if membership.on(exchange.days()[index]) {
                *sum = sum.checked_add(account_amount(timeline, exchange, index, index)?)?;
            }
        }
        Ok(())
    }

    /// Takes what another state has summed up.
    pub fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        self.0.resize(self.0.len().max(other.0.len()), Amount::ZERO);
        for (sum, others) in self.0.iter_mut().zip(&other.0) {
            *sum = sum.checked_add(*others)?;
        }
        Ok(())
    }
}
