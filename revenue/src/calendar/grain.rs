//! Reporting periods.

use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate};

use super::{Day, DayRange};

/// The length of a reporting period. Weeks begin on Monday (ISO 8601).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// One day.
    Day,
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
}

/// A range that can't be cut into periods.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrainError {
    /// The name is no grain.
    #[error("`{0}` is not a grain: write day, week, month, quarter or year")]
    Unknown(String),
    /// The range is empty or runs backwards.
    #[error("the range from {0} to {1} has no day: the end is not part of it")]
    Empty(Day, Day),
    /// More periods than anybody can read, or an infinite range.
    #[error("the range from {0} to {1} has more than {2} periods")]
    TooMany(Day, Day, usize),
}

impl Grain {
    /// The most periods that one report may have: a century of days.
    pub const MOST: usize = 36_600;

    /// Cuts `[range.from, range.until)` at the calendar's own borders of this grain. The first
    /// and the last period are cut short where the range begins or ends within one. Returned
    /// are the borders: one more than there are periods.
    pub fn borders(self, range: DayRange) -> Result<Vec<Day>, GrainError> {
        if range.is_empty() {
            return Err(GrainError::Empty(range.from, range.until));
        }
        let too_many = || GrainError::TooMany(range.from, range.until, Self::MOST);
        let mut borders = vec![range.from];
        let mut start = range.from.date().ok_or_else(too_many)?;
        range.until.date().ok_or_else(too_many)?;
        loop {
            let next = self.next(start).ok_or_else(too_many)?;
            let day = Day::from_date(next);
            if day >= range.until {
                borders.push(range.until);
                return Ok(borders);
            }
            if borders.len() > Self::MOST {
                return Err(too_many());
            }
            borders.push(day);
            start = next;
        }
    }

    /// The first border after a date.
    fn next(self, date: NaiveDate) -> Option<NaiveDate> {
        let first_of_month = |months| date.with_day(1)?.checked_add_months(Months::new(months));
        match self {
            Self::Day => date.succ_opt(),
            Self::Week => date.checked_add_days(Days::new(7 - u64::from(date.weekday().num_days_from_monday()))),
            Self::Month => first_of_month(1),
            Self::Quarter => first_of_month(3 - date.month0() % 3),
            Self::Year => first_of_month(12 - date.month0()),
        }
    }
}

impl FromStr for Grain {
    type Err = GrainError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "day" => Ok(Self::Day),
            "week" => Ok(Self::Week),
            "month" => Ok(Self::Month),
            "quarter" => Ok(Self::Quarter),
            "year" => Ok(Self::Year),
            _ => Err(GrainError::Unknown(text.chars().take(40).collect())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(grain: &str, from: &str, until: &str, expect: &[&str]) {
        let day = |text: &str| Day::from_date(text.parse().unwrap());
        let borders = grain.parse::<Grain>().unwrap().borders(DayRange { from: day(from), until: day(until) });
        let found: Vec<String> = borders.unwrap().iter().map(Day::to_string).collect();
        assert_eq!(found, expect, "{grain} {from} {until}");
    }

    #[test]
    fn periods_are_cut_at_calendar_borders() {
        check("month", "2024-01-31", "2024-03-01", &["2024-01-31", "2024-02-01", "2024-03-01"]);
        check("quarter", "2025-01-01", "2025-07-01", &["2025-01-01", "2025-04-01", "2025-07-01"]);
        check("quarter", "2025-12-15", "2026-01-02", &["2025-12-15", "2026-01-01", "2026-01-02"]);
        check("year", "2024-05-01", "2026-01-01", &["2024-05-01", "2025-01-01", "2026-01-01"]);
        check("week", "2026-01-01", "2026-01-13", &["2026-01-01", "2026-01-05", "2026-01-12", "2026-01-13"]);
        check("day", "2024-02-28", "2024-03-01", &["2024-02-28", "2024-02-29", "2024-03-01"]);
    }

    #[test]
    fn a_range_without_a_day_or_without_an_end_is_refused() {
        let range = DayRange { from: Day(5), until: Day(5) };
        assert_eq!(Grain::Day.borders(range), Err(GrainError::Empty(Day(5), Day(5))));
        let endless = DayRange { from: Day(0), until: Day::END };
        assert!(matches!(Grain::Month.borders(endless), Err(GrainError::TooMany(..))));
        let long = DayRange { from: Day(0), until: Day(1_000_000) };
        assert!(matches!(Grain::Day.borders(long), Err(GrainError::TooMany(..))));
        assert!("fortnight".parse::<Grain>().is_err());
    }
}
