//! The days of a report, and on which of them a change is first seen.

use super::MetricError;
use crate::calendar::Day;
use crate::timeline::Steps;

/// The days of a report in ascending order. A day's *place* is that of the first of them that is
/// not before it: a change on the day is first seen there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    days: Vec<Day>,
    /// The place of each day from the first of the report to its last, so that an account costs a
    /// look-up a step and not a search a period.
    table: Vec<u16>,
}

/// The longest report, in days, that gets a table; places in a longer one are searched for.
const TABLE: i64 = 40_000;

impl Places {
    /// The places in days that ascend.
    pub(super) fn new(days: &[Day]) -> Result<Self, MetricError> {
        if !days.is_sorted() {
            return Err(MetricError::Order);
        }
        let mut table = Vec::new();
        if let (Some(first), Some(last)) = (days.first(), days.last())
            && i64::from(last.0) - i64::from(first.0) < TABLE
            && days.len() <= usize::from(u16::MAX)
        {
            table.extend((first.0..=last.0).map(|day| days.partition_point(|border| border.0 < day) as u16));
        }
        Ok(Self { days: days.to_vec(), table })
    }

    /// The days themselves.
    pub(super) fn days(&self) -> &[Day] {
        &self.days
    }

    /// The place of a day; as many as there are days when it is after all of them.
    #[inline]
    pub(super) fn of(&self, day: Day) -> usize {
        let first = self.days.first().map_or(0, |first| i64::from(first.0));
        let Ok(offset) = usize::try_from(i64::from(day.0) - first) else { return 0 };
        match self.table.get(offset) {
            Some(place) => usize::from(*place),
            None => self.days.partition_point(|border| *border < day),
        }
    }

    /// The states of one currency at the ends of the days: each place where the state is not that
    /// of the place before, and what it is there. Before the first place it is nothing.
    #[inline]
    pub(super) fn seen<'a>(&'a self, steps: Steps<'a>) -> Seen<'a> {
        Seen { steps, places: self, next: 0, rate: 0 }
    }
}

/// See [`Places::seen`].
#[derive(Debug, Clone)]
pub(super) struct Seen<'a> {
    steps: Steps<'a>,
    places: &'a Places,
    next: usize,
    rate: i64,
}

impl Iterator for Seen<'_> {
    type Item = (usize, i64);

    #[inline]
    fn next(&mut self) -> Option<(usize, i64)> {
        while self.next < self.steps.len() {
            let place = self.places.of(self.steps.day(self.next));
            let seen_on = *self.places.days.get(place)?;
            let rate = self.steps.rate(self.next).0;
            self.next += 1;
            // A later step that is seen on the same day hides this one.
            let hidden = self.next < self.steps.len() && self.steps.day(self.next) <= seen_on;
            if !hidden && rate != self.rate {
                self.rate = rate;
                return Some((place, rate));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::{Timeline, parse};

    fn check(days: &[&str], expect: &[(usize, i64)]) {
        let days: Vec<Day> = days.iter().map(|day| Day::from_date(day.parse().unwrap())).collect();
        let packed = parse("EUR 2025-01-10 1, 2025-01-20 2, 2025-03-01 1, 2025-03-02 0, 2025-06-01 5").unwrap();
        let steps = Timeline::read(&packed).unwrap().currencies().next().unwrap().unwrap();
        let places = Places::new(&days).unwrap();
        let seen: Vec<_> = places.seen(steps).map(|(place, rate)| (place, rate / 1_000_000)).collect();
        assert_eq!(seen, expect, "{days:?}");
    }

    #[test]
    fn what_a_day_does_not_see_is_passed_over() {
        check(&["2025-01-31", "2025-02-28", "2025-03-31"], &[(0, 2), (2, 0)]);
        check(&["2025-01-10", "2025-01-19", "2025-01-20", "2025-03-01"], &[(0, 1), (2, 2), (3, 1)]);
        check(&["2024-12-31", "2025-01-09"], &[]);
        check(&["2025-04-30", "2025-12-31"], &[(1, 5)]);
        // Too long for a table.
        check(&["1900-01-01", "2025-01-31", "2025-12-31"], &[(1, 2), (2, 5)]);
        check(&[], &[]);
    }

    #[test]
    fn days_out_of_order_are_refused() {
        assert_eq!(Places::new(&[Day(2), Day(1)]), Err(MetricError::Order));
    }
}
