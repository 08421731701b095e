//! Billing cycles: periods that are always counted from the anchor.

use super::clock::{DAY, Moment};

/// How long one period lasts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Interval {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// Twenty-eight days.
    FourWeeks,
    /// A calendar month.
    Month,
    /// Three calendar months.
    Quarter,
    /// A calendar year.
    Year,
    /// Two calendar years.
    TwoYears,
}

/// What a period is counted in.
enum Step {
    Days(u32),
    Months(u32),
}

impl Interval {
    /// Those that the plain catalogue is priced in.
    pub const PLAIN: [Self; 2] = [Self::Month, Self::Year];

    fn step(self) -> Step {
        match self {
            Self::Day => Step::Days(1),
            Self::Week => Step::Days(7),
            Self::FourWeeks => Step::Days(28),
            Self::Month => Step::Months(1),
            Self::Quarter => Step::Months(3),
            Self::Year => Step::Months(12),
            Self::TwoYears => Step::Months(24),
        }
    }

    /// Billings in so many years, `(billings, years)`: what a price is multiplied by and divided by to give an annual
    /// run rate. A year counts as 52 weeks and as 365 days.
    pub fn billings(self) -> (i64, i64) {
        match self {
            Self::Day => (365, 1),
            Self::Week => (52, 1),
            Self::FourWeeks => (13, 1),
            Self::Month => (12, 1),
            Self::Quarter => (4, 1),
            Self::Year => (1, 1),
            Self::TwoYears => (1, 2),
        }
    }

    /// What a customer switches to: from monthly to annual, and from anything else to monthly.
    pub fn other(self) -> Self {
        match self {
            Self::Month => Self::Year,
            _ => Self::Month,
        }
    }
}

/// A half-open span of service, `[from, to)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// Its first second.
    pub from: Moment,
    /// The second after its last.
    pub to: Moment,
}

impl Period {
    /// Its length in seconds.
    pub fn seconds(self) -> i64 {
        self.to.0 - self.from.0
    }
}

/// The rhythm of a subscription.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cycle {
    /// Where period 0 begins.
    pub anchor: Moment,
    /// How long each period is.
    pub interval: Interval,
}

impl Cycle {
    /// The beginning of period `k`. Counting from the anchor, not from the period before, is what brings an
    /// anchor on the 31st back to the 31st after February.
    pub fn boundary(self, k: u32) -> Moment {
        match self.interval.step() {
            Step::Days(days) => self.anchor.plus_seconds(i64::from(k * days) * DAY),
            Step::Months(months) => self.anchor.plus_months(k * months),
        }
    }

    /// Which period a moment lies in, counted from 0. The moment is not before the anchor.
    pub fn index_at(self, moment: Moment) -> u32 {
        let mut k = match self.interval.step() {
            Step::Days(days) => (moment.0 - self.anchor.0).max(0) as u32 / (days * DAY as u32),
            Step::Months(months) => (moment.month_index() - self.anchor.month_index()).max(0) as u32 / months,
        };
        while self.boundary(k) > moment && k > 0 {
            k -= 1;
        }
        while self.boundary(k + 1) <= moment {
            k += 1;
        }
        k
    }

    /// The period that a moment lies in.
    pub fn period_at(self, moment: Moment) -> Period {
        let k = self.index_at(moment);
        Period { from: self.boundary(k), to: self.boundary(k + 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        Moment(chrono::DateTime::parse_from_rfc3339(text).expect("a time").timestamp())
    }

    #[test]
    fn an_anchor_on_the_31st_returns_to_the_31st() {
        let cycle = Cycle { anchor: moment("2024-01-31T10:00:00Z"), interval: Interval::Month };
        let days: Vec<String> = (0..4).map(|k| cycle.boundary(k).utc().date_naive().to_string()).collect();
        assert_eq!(days, ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]);
        assert_eq!(cycle.index_at(moment("2024-02-29T09:59:59Z")), 0);
        assert_eq!(cycle.index_at(moment("2024-02-29T10:00:00Z")), 1);
    }

    #[test]
    fn weeks_are_seven_days_and_two_years_come_back_to_the_day() {
        let anchor = moment("2024-02-29T10:00:00Z");
        let weekly = Cycle { anchor, interval: Interval::Week };
        assert_eq!(weekly.period_at(moment("2024-03-07T10:00:00Z")).from, moment("2024-03-07T10:00:00Z"));
        assert_eq!(weekly.index_at(moment("2024-03-07T09:59:59Z")), 0);
        let long = Cycle { anchor, interval: Interval::TwoYears };
        assert_eq!(
            [1, 2].map(|k| long.boundary(k)),
            ["2026-02-28", "2028-02-29"].map(|d| moment(&format!("{d}T10:00:00Z")))
        );
    }

    #[test]
    fn an_anchor_on_29_february_returns_in_leap_years() {
        let cycle = Cycle { anchor: moment("2024-02-29T00:00:00Z"), interval: Interval::Year };
        let days: Vec<String> = [1, 4].map(|k| cycle.boundary(k).utc().date_naive().to_string()).into();
        assert_eq!(days, ["2025-02-28", "2028-02-29"]);
        assert_eq!(cycle.period_at(moment("2025-06-01T00:00:00Z")).from, moment("2025-02-28T00:00:00Z"));
    }
}
