//! On which days an account belongs to the cohort of a report.

use crate::calendar::{Day, DayRange};

/// On which days an account belongs to the cohort of a report.
#[derive(Debug, Clone, Copy)]
pub enum Membership<'a> {
    /// On every day.
    Always,
    /// On the days of these ranges.
    On(&'a [DayRange]),
}

impl Membership<'_> {
    /// Whether the account belongs on a day.
    pub fn on(&self, day: Day) -> bool {
        match self {
            Self::Always => true,
            Self::On(ranges) => ranges.iter().any(|range| range.contains(day)),
        }
    }
}
