//! How often a charge is billed.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

/// The unit of a billing interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IntervalUnit {
    /// 365 a year.
    Day,
    /// 52 a year.
    Week,
    /// 12 a year.
    Month,
    /// One a year.
    Year,
}

/// A billing interval such as every 3 months. Orders from short to long by unit, then count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    unit: IntervalUnit,
    count: NonZeroU32,
}

/// Text or a count that is no billing interval.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a billing interval: a count of 1 or more and day, week, month or year")]
pub struct IntervalError(pub String);

impl Interval {
    /// Every `count` units.
    pub fn new(unit: IntervalUnit, count: u32) -> Result<Self, IntervalError> {
        match NonZeroU32::new(count) {
            Some(count) => Ok(Self { unit, count }),
            None => Err(IntervalError(format!("{count} {unit:?}"))),
        }
    }

    /// The unit.
    pub fn unit(self) -> IntervalUnit {
        self.unit
    }

    /// How many units lie between two billings.
    pub fn count(self) -> NonZeroU32 {
        self.count
    }
}

impl FromStr for IntervalUnit {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim_end_matches('s') {
            "day" => Ok(Self::Day),
            "week" => Ok(Self::Week),
            "month" => Ok(Self::Month),
            "year" => Ok(Self::Year),
            _ => Err(IntervalError(text.chars().take(40).collect())),
        }
    }
}

impl FromStr for Interval {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || IntervalError(text.chars().take(40).collect());
        let (count, unit) = text.split_once(' ').ok_or_else(refused)?;
        Self::new(unit.parse()?, count.parse().map_err(|_| refused())?)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            IntervalUnit::Day => "day",
            IntervalUnit::Week => "week",
            IntervalUnit::Month => "month",
            IntervalUnit::Year => "year",
        };
        let plural = if self.count.get() == 1 { "" } else { "s" };
        write!(out, "{} {unit}{plural}", self.count)
    }
}
