//! The packed form, read in place.
//!
//! ```text
//! version u8 = 1 | currencies u8 | per currency: code [u8; 3], steps u32, days i32 * n, rates i64 * n
//! ```
//!
//! Everything is little-endian and unaligned; days ascend. It is derived data: a new format is a
//! rebuild, not a migration, so a reader refuses every version but its own.

use crate::calendar::Day;
use crate::money::{Currency, RunRate};

pub(super) const VERSION: u8 = 1;

/// A timeline, read from its packed bytes without copying them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline<'a> {
    currencies: u8,
    body: &'a [u8],
}

/// The steps of one currency: from each day on, the rate holds until the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps<'a> {
    /// The currency of the rates.
    pub currency: Currency,
    days: &'a [u8],
    rates: &'a [u8],
}

/// Bytes that are no timeline of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimelineError {
    /// Written by another version of the format.
    #[error("a timeline of format {0} can't be read: this build reads format {VERSION}; rebuild the timelines")]
    Version(u8),
    /// Cut short, or with something behind its end.
    #[error("the timeline is damaged: rebuild the timelines")]
    Damaged,
}

impl<'a> Timeline<'a> {
    /// Checks the frame; the steps are read later, in place.
    #[inline]
    pub fn read(bytes: &'a [u8]) -> Result<Self, TimelineError> {
        match bytes {
            [VERSION, currencies, body @ ..] => Ok(Self { currencies: *currencies, body }),
            [version, ..] => Err(TimelineError::Version(*version)),
            [] => Err(TimelineError::Damaged),
        }
    }

    /// The steps of an account that has one currency, as nearly every one does. `None` for any
    /// other, and for one that can't be read: [`Timeline::currencies`] tells them apart.
    #[inline]
    pub fn only(self) -> Option<Steps<'a>> {
        let mut rest = self.body;
        if self.currencies == 1 { take_steps(&mut rest) } else { None }
    }

    /// Whether the account pays nothing at the end of a day and is a customer all the same, which
    /// only a policy says that takes a move to a free plan for contraction.
    #[inline]
    pub fn stays_free(self, day: Day) -> Result<bool, TimelineError> {
        if self.currencies <= 1 {
            return Ok(false);
        }
        for steps in self.currencies() {
            let steps = steps?;
            if steps.currency == Currency::NONE {
                return Ok(steps.at(day) != RunRate::ZERO);
            }
        }
        Ok(false)
    }

    /// The steps of each currency, in the order of their codes.
    pub fn currencies(self) -> impl Iterator<Item = Result<Steps<'a>, TimelineError>> {
        let mut rest = self.body;
        let mut left = self.currencies;
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let steps = take_steps(&mut rest);
            if steps.is_none() {
                left = 0;
            }
            Some(steps.ok_or(TimelineError::Damaged))
        })
    }
}

#[inline]
fn take_steps<'a>(rest: &mut &'a [u8]) -> Option<Steps<'a>> {
    let (code, tail) = rest.split_first_chunk::<3>()?;
    let (count, tail) = tail.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count) as usize;
    let (days, tail) = tail.split_at_checked(count.checked_mul(4)?)?;
    let (rates, tail) = tail.split_at_checked(count.checked_mul(8)?)?;
    *rest = tail;
    Some(Steps { currency: Currency::from_bytes(*code).ok()?, days, rates })
}

impl<'a> Steps<'a> {
    /// How many steps there are.
    #[inline]
    pub fn len(self) -> usize {
        self.days.len() / 4
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.days.is_empty()
    }

    /// Every step in the order of the days.
    pub fn iter(self) -> impl Iterator<Item = (Day, RunRate)> + 'a {
        let days = self.days.as_chunks::<4>().0.iter().map(|bytes| Day(i32::from_le_bytes(*bytes)));
        let rates = self.rates.as_chunks::<8>().0.iter().map(|bytes| RunRate(i64::from_le_bytes(*bytes)));
        days.zip(rates)
    }

    /// The day of a step. Panics when there is no such step.
    #[inline]
    pub(crate) fn day(self, index: usize) -> Day {
        Day(i32::from_le_bytes(self.days.as_chunks::<4>().0[index]))
    }

    /// The rate that a step leads to. Panics when there is no such step.
    #[inline]
    pub(crate) fn rate(self, index: usize) -> RunRate {
        RunRate(i64::from_le_bytes(self.rates.as_chunks::<8>().0[index]))
    }

    /// Whether a rate is ever below zero.
    pub fn goes_below_zero(self) -> bool {
        // All rates without a branch, which is faster than stopping at the first.
        let rates = self.rates.as_chunks::<8>().0.iter();
        rates.fold(0, |signs, bytes| signs | i64::from_le_bytes(*bytes)) < 0
    }

    /// The rate at the end of a day.
    #[inline]
    pub fn at(self, day: Day) -> RunRate {
        let days = self.days.as_chunks::<4>().0;
        let begun = |bytes: &[u8; 4]| i32::from_le_bytes(*bytes) <= day.0;
        // Most accounts have a handful of steps, and counting those that have begun, without a
        // branch, is faster than searching for the last of them.
        let begun = if days.len() <= 16 {
            days.iter().map(|bytes| u32::from(begun(bytes))).sum::<u32>() as usize
        } else {
            days.partition_point(begun)
        };
        begun.checked_sub(1).map_or(RunRate::ZERO, |last| self.rate(last))
    }

    /// The first day on which there is any rate above zero.
    pub fn first_day(self) -> Option<Day> {
        self.iter().find(|(_, rate)| *rate > RunRate::ZERO).map(|(day, _)| day)
    }
}
