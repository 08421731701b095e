//! MRR of a day: the sum of the annual run rates in force at its end, and its twelfth.

use super::MetricError;
use crate::money::{Amount, Exchange};
use crate::timeline::Timeline;

/// The annual run rate of one account at the end of the report's day number `index`, in the
/// report's currency.
pub fn account_amount(timeline: Timeline<'_>, exchange: &Exchange, index: usize) -> Result<Amount, MetricError> {
    let day = exchange.days()[index];
    let mut total = Amount::ZERO;
    for steps in timeline.currencies() {
        let steps = steps?;
        total = total.checked_add(exchange.convert(steps.at(day), steps.currency, index)?)?;
    }
    Ok(total)
}

/// The annual run rate of a set of accounts on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MrrState {
    /// The sum of the annual run rates.
    pub annual: Amount,
    /// How many accounts have a rate above zero.
    pub active: u64,
}

impl MrrState {
    /// Takes one account, at the first of the report's days.
    pub fn add(&mut self, timeline: Timeline<'_>, exchange: &Exchange) -> Result<(), MetricError> {
        let amount = account_amount(timeline, exchange, 0)?;
        self.annual = self.annual.checked_add(amount)?;
        self.active += u64::from(amount > Amount::ZERO);
        Ok(())
    }

    /// Takes what another state has summed up.
    pub fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        self.annual = self.annual.checked_add(other.annual)?;
        self.active += other.active;
        Ok(())
    }
}
