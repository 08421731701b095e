//! A day of the book's calendar.

use std::fmt;

use chrono::{Days, NaiveDate};

/// A local day, counted from 2000-01-01, as PostgreSQL's `date` counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// The days from `from` up to, not including, `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayRange {
    /// The first day.
    pub from: Day,
    /// The day after the last one; [`Day::END`] when no end is known.
    pub until: Day,
}

const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day of the calendar");

impl Day {
    /// Before every day, PostgreSQL's `-infinity`.
    pub const START: Self = Self(i32::MIN);
    /// After every day, PostgreSQL's `infinity`.
    pub const END: Self = Self(i32::MAX);

    /// The day of a date.
    pub fn from_date(date: NaiveDate) -> Self {
        let days = date.signed_duration_since(EPOCH).num_days();
        Self(i32::try_from(days).expect("chrono's years fit 32 bits of days"))
    }

    /// The date of a day; `None` outside of the calendar, which ends in the year 262142.
    pub fn date(self) -> Option<NaiveDate> {
        if self.0 >= 0 {
            EPOCH.checked_add_days(Days::new(u64::from(self.0.unsigned_abs())))
        } else {
            EPOCH.checked_sub_days(Days::new(u64::from(self.0.unsigned_abs())))
        }
    }

    /// The day before, or [`Day::START`].
    pub fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl DayRange {
    /// Whether there is a day in it.
    pub fn is_empty(self) -> bool {
        self.from >= self.until
    }

    /// Whether a day lies in it.
    pub fn contains(self, day: Day) -> bool {
        self.from <= day && day < self.until
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (*self, self.date()) {
            (Self::START, _) => out.write_str("-infinity"),
            (Self::END, _) => out.write_str("infinity"),
            (_, Some(date)) => write!(out, "{date}"),
            (day, None) => write!(out, "day {}", day.0),
        }
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
