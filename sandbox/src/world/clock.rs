//! Virtual time: whole seconds, a fixed "now", and the span over which the company has lived.

use chrono::{DateTime, Datelike, Months, NaiveTime, Utc};

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// A moment of virtual time: whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Moment(pub i64);

impl Moment {
    /// The moment as a calendar date and time in UTC.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).expect("virtual time stays within a few years of 2026")
    }

    /// The same time of day so many months later; a day that the month lacks becomes its last day.
    pub fn plus_months(self, months: u32) -> Self {
        Self((self.utc() + Months::new(months)).timestamp())
    }

    /// So many months earlier, clamped in the same way.
    pub fn minus_months(self, months: u32) -> Self {
        Self((self.utc() - Months::new(months)).timestamp())
    }

    /// So many seconds later.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0 + seconds)
    }

    /// Midnight UTC of the day that the moment is on.
    pub fn day_start(self) -> Self {
        Self(self.utc().date_naive().and_time(NaiveTime::MIN).and_utc().timestamp())
    }

    /// Months since the year 0, for a first guess of how many periods lie between two moments.
    pub fn month_index(self) -> i64 {
        let date = self.utc();
        i64::from(date.year()) * 12 + i64::from(date.month0())
    }
}

/// The span of the world: it begins at `begin`, and nothing has happened yet at `now` or later.
#[derive(Clone, Copy, Debug)]
pub struct Horizon {
    /// The company opens.
    pub begin: Moment,
    /// Virtual now.
    pub now: Moment,
}

impl Horizon {
    /// 2026-01-01T00:00:00Z, whatever the host's clock says.
    pub const NOW: Moment = Moment(1_767_225_600);

    /// The world that began so many months before now.
    pub fn of_months(months: u32) -> Self {
        Self { begin: Self::NOW.minus_months(months), now: Self::NOW }
    }

    /// Seconds from begin to now.
    pub fn seconds(self) -> i64 {
        self.now.0 - self.begin.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_years_are_1096_days() {
        let horizon = Horizon::of_months(36);
        assert_eq!(horizon.begin.utc().to_rfc3339(), "2023-01-01T00:00:00+00:00");
        assert_eq!(horizon.seconds() / DAY, 1096);
    }
}
