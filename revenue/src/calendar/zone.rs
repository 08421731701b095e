//! From a source's instant to a day of the book.

use chrono::{DateTime, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::{Day, DayRange};

/// The book's one time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

/// A name that is no time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone: write an IANA name such as Europe/Berlin or UTC")]
pub struct ZoneError(pub String);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// The zone of an IANA name.
    pub fn named(name: &str) -> Result<Self, ZoneError> {
        name.parse().map(Self).map_err(|_| ZoneError(name.chars().take(60).collect()))
    }

    /// The IANA name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The local day in which an instant lies.
    pub fn day_of(self, instant: DateTime<Utc>) -> Day {
        Day::from_date(self.date_of(instant))
    }

    /// When a local day begins: where clocks are put forward at midnight, a little later. `None` at
    /// the ends of the calendar.
    pub fn begin_of(self, date: NaiveDate) -> Option<DateTime<Utc>> {
        // Beyond the calendar's ends there is nothing to add to.
        date.checked_add_months(Months::new(1))?;
        let begin = date.and_time(NaiveTime::MIN);
        let halves = (0..=48).map(|half| begin + TimeDelta::minutes(30 * half));
        halves.filter_map(|local| self.0.from_local_datetime(&local).earliest()).next().map(|at| at.to_utc())
    }

    /// The local date that it is at an instant.
    pub fn date_of(self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.0).date_naive()
    }

    /// The local days at whose end a state that holds from one instant up to another is in
    /// force: it counts on the day it starts, not on the day it ends, and not at all when it
    /// starts and ends within one day.
    pub fn days(self, from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> DayRange {
        DayRange { from: self.day_of(from), until: until.map_or(Day::END, |end| self.day_of(end)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_the_zone_through_summer_time() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let cases = [
            ("2025-03-29T22:59:59Z", "2025-03-29"), // before the 23-hour day
            ("2025-03-29T23:00:00Z", "2025-03-30"),
            ("2025-03-30T21:59:59Z", "2025-03-30"),
            ("2025-03-30T22:00:00Z", "2025-03-31"),
            ("2025-10-26T22:59:59Z", "2025-10-26"), // the 25-hour day
            ("2025-10-26T23:00:00Z", "2025-10-27"),
        ];
        for (instant, expect) in cases {
            assert_eq!(berlin.day_of(instant.parse().unwrap()).to_string(), expect, "{instant}");
        }
    }

    #[test]
    fn a_day_begins_when_its_zone_says() {
        let begin = |zone: &str, date: &str| {
            let found = Zone::named(zone).unwrap().begin_of(date.parse().unwrap());
            found.map(|at| at.to_rfc3339()).unwrap_or_default()
        };
        assert_eq!(begin("Europe/Berlin", "2025-07-01"), "2025-06-30T22:00:00+00:00");
        assert_eq!(begin("America/New_York", "2025-01-01"), "2025-01-01T05:00:00+00:00");
        // There is no midnight on this day.
        assert_eq!(begin("America/Santiago", "2024-09-08"), "2024-09-08T04:00:00+00:00");
        assert_eq!(Zone::UTC.begin_of(NaiveDate::MAX), None);
    }

    #[test]
    fn a_name_that_is_no_zone_is_refused() {
        assert!(Zone::named("Europe/Atlantis").is_err());
    }
}
