//! The annual run rate of a charge.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};

use crate::calendar::{Interval, IntervalUnit};

/// An annual run rate in millionths of the currency's major unit: 599.95 a year is 599,950,000.
///
/// The year is kept, not the month, because it needs almost no division; MRR is a sum of run
/// rates divided by twelve at the very end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RunRate(pub i64);

/// A run rate that is too large to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an annual run rate beyond 9,223,372,036,854 in the major unit can't be kept")]
pub struct RunRateError;

impl RunRate {
    /// No recurring revenue.
    pub const ZERO: Self = Self(0);

    /// How many units make one of the currency's major unit.
    pub const PER_MAJOR: i64 = 1_000_000;

    /// The run rate of `amount` (in the major unit) billed once in every `interval`.
    ///
    /// A year has 12 months, 52 weeks or 365 days, and what does not come out even is rounded
    /// half to even at a millionth: here, once, so that it is the same wherever it is used.
    pub fn from_billing(amount: Decimal, interval: Interval) -> Result<Self, RunRateError> {
        let billings: i64 = match interval.unit() {
            IntervalUnit::Year => 1,
            IntervalUnit::Month => 12,
            IntervalUnit::Week => 52,
            IntervalUnit::Day => 365,
        };
        let a_year = amount.checked_mul(Decimal::from(billings)).ok_or(RunRateError)?;
        let rate = a_year.checked_div(Decimal::from(interval.count().get())).ok_or(RunRateError)?;
        let units = rate
            .checked_mul(Decimal::from(Self::PER_MAJOR))
            .ok_or(RunRateError)?
            .round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
        units.to_i64().map(Self).ok_or(RunRateError)
    }

    /// The sum, or an error where it can't be kept.
    pub fn checked_add(self, other: Self) -> Result<Self, RunRateError> {
        self.0.checked_add(other.0).map(Self).ok_or(RunRateError)
    }

    /// The difference, or an error where it can't be kept.
    pub fn checked_sub(self, other: Self) -> Result<Self, RunRateError> {
        self.0.checked_sub(other.0).map(Self).ok_or(RunRateError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(amount: &str, interval: &str, expect: i64) {
        let rate = RunRate::from_billing(amount.parse().unwrap(), interval.parse().unwrap());
        assert_eq!(rate, Ok(RunRate(expect)), "{amount} every {interval}");
    }

    #[test]
    fn run_rates_follow_the_table_of_intervals() {
        check("599.95", "1 year", 599_950_000);
        check("90", "3 months", 360_000_000);
        check("10", "1 week", 520_000_000);
        check("1", "1 day", 365_000_000);
        check("100", "3 years", 33_333_333);
        check("200", "3 years", 66_666_667);
        check("0.000005", "10 years", 0); // half to even
        check("0.000015", "10 years", 2);
        check("-5", "1 month", -60_000_000);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        assert!(RunRate::from_billing(Decimal::MAX, "1 day".parse().unwrap()).is_err());
        assert!(RunRate::from_billing("9223372036855".parse().unwrap(), "1 year".parse().unwrap()).is_err());
    }
}
