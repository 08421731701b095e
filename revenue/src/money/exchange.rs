//! Converting run rates into the currency of a report.

use super::{Amount, AmountError, Currency, RunRate};
use crate::calendar::Day;

/// Units of the report's currency for one unit of another, in 1e-12.
///
/// A cross rate is rounded to twelve decimals once, where it is looked up; from there on
/// converting is an exact multiplication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(pub i128);

impl Rate {
    /// One to one.
    pub const ONE: Self = Self(1_000_000_000_000);

    /// Converts a run rate, exactly.
    pub fn convert(self, rate: RunRate) -> Result<Amount, AmountError> {
        i128::from(rate.0).checked_mul(self.0).map(Amount).ok_or(AmountError)
    }
}

/// The rates that a report needs: for each of its days, from each currency of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    target: Currency,
    days: Vec<Day>,
    /// One row a currency; a rate that the table lacks is `None` until somebody needs it.
    rates: Vec<(Currency, Vec<Option<Rate>>)>,
}

/// A rate that is needed and not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// The rate table has nothing for this pair on the day nor in the seven days before it.
    #[error("no exchange rate from {from} to {to} on {day} or in the seven days before it")]
    Missing {
        /// The currency of the charge.
        from: Currency,
        /// The currency of the report.
        to: Currency,
        /// The day whose rate is missing.
        day: Day,
    },
    /// The converted amount does not fit.
    #[error(transparent)]
    OutOfRange(#[from] AmountError),
}

impl Exchange {
    /// The rates on each of `days` into `target`; every row of `rates` has one entry a day.
    pub fn new(target: Currency, days: Vec<Day>, rates: Vec<(Currency, Vec<Option<Rate>>)>) -> Self {
        debug_assert!(rates.iter().all(|(_, row)| row.len() == days.len()));
        Self { target, days, rates }
    }

    /// The days that the rates are for, in the order of the report.
    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// The currency of the report.
    pub fn target(&self) -> Currency {
        self.target
    }

    /// Converts a run rate at the rate of the report's day number `index`. Nothing is nothing
    /// in every currency, so a zero needs no rate.
    pub fn convert(&self, rate: RunRate, from: Currency, index: usize) -> Result<Amount, ExchangeError> {
        if rate == RunRate::ZERO {
            return Ok(Amount::ZERO);
        }
        if from == self.target {
            return Ok(Rate::ONE.convert(rate)?);
        }
        let row = self.rates.iter().find(|(currency, _)| *currency == from);
        match row.and_then(|(_, row)| row.get(index).copied().flatten()) {
            Some(found) => Ok(found.convert(rate)?),
            None => Err(ExchangeError::Missing {
                from,
                to: self.target,
                day: self.days.get(index).copied().unwrap_or(Day(0)),
            }),
        }
    }
}
