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

    /// The same membership as a report sees it whose days ascend: `Always` when one range covers
    /// them all, `None` when no range reaches into them.
    pub(super) fn over(self, days: &[Day]) -> Option<Self> {
        let (Self::On(ranges), [first, .., last] | [first @ last]) = (self, days) else { return Some(self) };
        if ranges.iter().any(|range| range.contains(*first) && range.contains(*last)) {
            return Some(Self::Always);
        }
        ranges.iter().any(|range| range.from <= *last && *first < range.until).then_some(self)
    }
}
