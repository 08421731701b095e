//! Billing cycles: periods that are always counted from the anchor.

use super::clock::Moment;

/// How long one period lasts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Interval {
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

impl Interval {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Month, Self::Year];

    /// Months of one period.
    pub fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Year => 12,
        }
    }

    /// Billings in a year: what a price is multiplied by to give an annual run rate.
    pub fn billings_a_year(self) -> i64 {
        i64::from(12 / self.months())
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Month => Self::Year,
            Self::Year => Self::Month,
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
        self.anchor.plus_months(k * self.interval.months())
    }

    /// Which period a moment lies in, counted from 0. The moment is not before the anchor.
    pub fn index_at(self, moment: Moment) -> u32 {
        let months = (moment.month_index() - self.anchor.month_index()).max(0);
        let mut k = months as u32 / self.interval.months();
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
    fn an_anchor_on_29_february_returns_in_leap_years() {
        let cycle = Cycle { anchor: moment("2024-02-29T00:00:00Z"), interval: Interval::Year };
        let days: Vec<String> = [1, 4].map(|k| cycle.boundary(k).utc().date_naive().to_string()).into();
        assert_eq!(days, ["2025-02-28", "2028-02-29"]);
        assert_eq!(cycle.period_at(moment("2025-06-01T00:00:00Z")).from, moment("2025-02-28T00:00:00Z"));
    }
}
