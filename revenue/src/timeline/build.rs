//! Packing timelines from segments.

use std::collections::{BTreeMap, BTreeSet};

use super::packed::VERSION;
use crate::calendar::{Day, DayRange};
use crate::money::{Currency, RunRate, RunRateError};

/// Collects the segments of one account and packs them. Segments of one currency add up; the
/// order in which they come does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimelineBuilder {
    changes: BTreeMap<Currency, BTreeMap<Day, i64>>,
    /// When something is in force that costs nothing.
    free: Vec<DayRange>,
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

    /// Adds days on which something is in force that costs nothing. On them an account that had MRR
    /// right before stays a customer, which the timeline then says in [`Currency::NONE`].
    pub fn add_free(&mut self, days: DayRange) {
        if !days.is_empty() {
            self.free.push(days);
        }
    }

    /// The packed timeline: only days on which the rate really changes, and only currencies
    /// that ever had one.
    pub fn pack(&self) -> Result<Vec<u8>, RunRateError> {
        let stays = self.stays();
        let currencies = self.changes.iter().chain((!stays.is_empty()).then_some((&Currency::NONE, &stays)));
        let mut packed = vec![VERSION, 0];
        for (currency, changes) in currencies {
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

impl TimelineBuilder {
    /// Where days begin and end on which the account pays nothing and stays a customer: something is
    /// in force, and it was a customer on the day before.
    fn stays(&self) -> BTreeMap<Day, i64> {
        let mut stays = BTreeMap::new();
        if self.free.is_empty() {
            return stays;
        }
        let borders: BTreeSet<Day> = (self.changes.values().flat_map(BTreeMap::keys).copied())
            .chain(self.free.iter().flat_map(|days| [days.from, days.until]))
            .filter(|day| *day != Day::END)
            .collect();
        let mut rates: BTreeMap<Currency, i64> = BTreeMap::new();
        let (mut customer, mut stayed) = (false, false);
        for day in borders {
            for (currency, changes) in &self.changes {
                *rates.entry(*currency).or_default() += changes.get(&day).copied().unwrap_or(0);
            }
            let pays = rates.values().any(|rate| *rate > 0);
            customer = pays || (customer && self.free.iter().any(|days| days.contains(day)));
            let stays_now = customer && !pays;
            if stays_now != stayed {
                stays.insert(day, if stays_now { 1 } else { -1 });
            }
            stayed = stays_now;
        }
        stays
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
    fn who_pays_nothing_stays_a_customer_until_nothing_is_in_force() {
        let packed = |paid: &[(i32, i32)], free: &[(i32, i32)]| {
            let mut builder = TimelineBuilder::default();
            paid.iter().for_each(|(from, until)| builder.add(eur(), days(*from, *until), RunRate(7)).unwrap());
            free.iter().for_each(|(from, until)| builder.add_free(days(*from, *until)));
            let packed = builder.pack().unwrap();
            let all: Vec<_> = Timeline::read(&packed).unwrap().currencies().map(Result::unwrap).collect();
            let stays = all.iter().find(|steps| steps.currency == Currency::NONE);
            stays.map_or(Vec::new(), |steps| steps.iter().map(|(day, rate)| (day.0, rate.0)).collect())
        };
        assert_eq!(packed(&[(10, 20)], &[(20, 30)]), [(20, 1), (30, 0)], "moved to a free plan, then left");
        assert_eq!(packed(&[(10, 20)], &[(5, 40)]), [(20, 1), (40, 0)], "a free item beside");
        assert_eq!(packed(&[(10, 20)], &[(0, 10), (21, 30)]), [], "a day between, and a free start");
        assert_eq!(packed(&[(10, 20), (25, 30)], &[(20, 27)]), [(20, 1), (25, 0)], "pays again");
        assert_eq!(packed(&[(10, 20)], &[(20, 25), (25, i32::MAX)]), [(20, 1)], "one free plan after another");
        assert_eq!(packed(&[], &[(1, 9)]), [], "never paid");
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
