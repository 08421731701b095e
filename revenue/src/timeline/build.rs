//! Packing timelines from segments.

use std::collections::BTreeMap;

use super::packed::VERSION;
use crate::calendar::{Day, DayRange};
use crate::money::{Currency, RunRate, RunRateError};

/// Collects the segments of one account and packs them. Segments of one currency add up; the
/// order in which they come does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimelineBuilder {
    changes: BTreeMap<Currency, BTreeMap<Day, i64>>,
}

impl TimelineBuilder {
    /// Adds a rate that is in force on the days of a range.
    pub fn add(&mut self, currency: Currency, days: DayRange, rate: RunRate) -> Result<(), RunRateError> {
        if days.is_empty() || rate == RunRate::ZERO {
            return Ok(());
        }
        let changes = self.changes.entry(currency).or_default();
        change(changes, days.from, rate.0)?;
        if days.until != Day::END {
            change(changes, days.until, rate.0.checked_neg().ok_or(RunRateError)?)?;
        }
        Ok(())
    }

    /// The packed timeline: only days on which the rate really changes, and only currencies
    /// that ever had one.
    pub fn pack(&self) -> Result<Vec<u8>, RunRateError> {
        let mut packed = vec![VERSION, 0];
        for (currency, changes) in &self.changes {
            let mut rate = RunRate::ZERO;
            let mut steps: Vec<(Day, RunRate)> = Vec::with_capacity(changes.len());
            for (&day, &by) in changes.iter().filter(|(_, by)| **by != 0) {
                rate = rate.checked_add(RunRate(by))?;
                steps.push((day, rate));
            }
            if steps.is_empty() {
                continue;
            }
            packed[1] = packed[1].checked_add(1).ok_or(RunRateError)?;
            packed.extend_from_slice(&currency.to_bytes());
            packed.extend_from_slice(&u32::try_from(steps.len()).map_err(|_| RunRateError)?.to_le_bytes());
            steps.iter().for_each(|(day, _)| packed.extend_from_slice(&day.0.to_le_bytes()));
            steps.iter().for_each(|(_, rate)| packed.extend_from_slice(&rate.0.to_le_bytes()));
        }
        Ok(packed)
    }
}

fn change(changes: &mut BTreeMap<Day, i64>, day: Day, by: i64) -> Result<(), RunRateError> {
    let entry = changes.entry(day).or_insert(0);
    *entry = entry.checked_add(by).ok_or(RunRateError)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::{Timeline, TimelineError};

    fn eur() -> Currency {
        "EUR".parse().unwrap()
    }

    fn days(from: i32, until: i32) -> DayRange {
        DayRange { from: Day(from), until: Day(until) }
    }

    #[test]
    fn segments_add_up_and_touching_ones_leave_no_step() {
        let mut builder = TimelineBuilder::default();
        builder.add(eur(), days(10, 20), RunRate(100)).unwrap();
        builder.add(eur(), days(20, 30), RunRate(100)).unwrap();
        builder.add(eur(), days(15, 25), RunRate(50)).unwrap();
        let packed = builder.pack().unwrap();
        let steps: Vec<_> = Timeline::read(&packed).unwrap().currencies().map(Result::unwrap).collect();
        let found: Vec<_> = steps[0].iter().map(|(day, rate)| (day.0, rate.0)).collect();
        assert_eq!(found, [(10, 100), (15, 150), (25, 100), (30, 0)]);
        let at: Vec<_> = [9, 10, 14, 15, 29, 30].map(|day| steps[0].at(Day(day)).0).into();
        assert_eq!(at, [0, 100, 100, 150, 100, 0]);
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        let mut builder = TimelineBuilder::default();
        builder.add(eur(), days(1, 2), RunRate(7)).unwrap();
        let packed = builder.pack().unwrap();
        assert_eq!(Timeline::read(&[]), Err(TimelineError::Damaged));
        assert_eq!(Timeline::read(&[9, 0]), Err(TimelineError::Version(9)));
        for cut in 2..packed.len() {
            let cut_short = Timeline::read(&packed[..cut]).unwrap();
            assert!(cut_short.currencies().any(|steps| steps.is_err()), "cut at {cut}");
        }
    }

    #[test]
    fn what_overflows_is_an_error() {
        let mut builder = TimelineBuilder::default();
        builder.add(eur(), days(1, 9), RunRate(i64::MAX)).unwrap();
        builder.add(eur(), days(2, 9), RunRate(i64::MAX)).unwrap_err();
    }
}
