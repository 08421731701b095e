//! From a source's instant to a day of the book.

use chrono::{DateTime, Utc};
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
        Day::from_date(instant.with_timezone(&self.0).date_naive())
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
    fn a_name_that_is_no_zone_is_refused() {
        assert!(Zone::named("Europe/Atlantis").is_err());
    }
}
