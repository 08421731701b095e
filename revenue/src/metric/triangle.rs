//! What became of the accounts that began in each period: the sums under a retention table.

use super::by_currency::ByCurrency;
use super::places::Places;
use super::walk::{Cursor, walk};
use super::{Membership, MetricError};
use crate::money::{Amount, Currency, Exchange};
use crate::timeline::{Steps, Timeline};

/// What is left of a cohort at the end of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retained {
    /// How many of its accounts have MRR.
    pub accounts: u64,
    /// Their annual run rate, at the rates of the end of the cohort's own period.
    pub annual: Amount,
}

/// Collects, account by account, what is left of each cohort at the end of each period.
///
/// An account's cohort is the period in which the first day with MRR above 0 lies, in whichever
/// currency, and never another. The base of a cohort is what its accounts have at the end of that
/// period, which is month 0 where periods are months, so an account that is gone by then is in
/// neither the base nor anything after it, even when it comes back. An account whose first MRR
/// lies before the first period, or after the last, is in no cohort.
///
/// Amounts are in constant currency: a cohort's are at the rates of the end of its month 0, so
/// that what an exchange rate does is no retention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriangleState {
    places: Places,
    /// By how much the number of accounts with MRR changes, cohort by cohort, period by period.
    accounts: Vec<i64>,
    /// By how much their run rate changes, likewise, in units of their own currency.
    running: ByCurrency<Vec<i128>>,
    /// What is already summed up over the periods and in the report's currency.
    settled: Vec<Vec<Retained>>,
}

/// Three years of days; half a million cells.
const MOST: usize = 1_100;

impl TriangleState {
    /// No account yet. The days of `exchange` are the days at whose ends the states are taken:
    /// the day before the first period and the last day of each period.
    pub fn new(exchange: &Exchange) -> Result<Self, MetricError> {
        let places = Places::new(exchange.days())?;
        let periods = exchange.days().len().saturating_sub(1);
        if periods > MOST {
            return Err(MetricError::Periods(MOST));
        }
        let settled = (0..periods).map(|cohort| vec![Retained::default(); periods - cohort]).collect();
        Ok(Self { places, accounts: vec![0; periods * periods], running: ByCurrency::default(), settled })
    }

    /// What another state has summed up; the reverse of [`TriangleState::sums`].
    pub fn settled(exchange: &Exchange, sums: impl IntoIterator<Item = Retained>) -> Result<Self, MetricError> {
        let mut state = Self::new(exchange)?;
        let mut sums = sums.into_iter();
        for cell in state.settled.iter_mut().flatten() {
            *cell = sums.next().ok_or(MetricError::Order)?;
        }
        if sums.next().is_some() { Err(MetricError::Order) } else { Ok(state) }
    }

    /// Takes one account, which counts when it belongs on the last day of its cohort's period;
    /// where it belongs later does not matter. `exchange` is the one that the state was made for.
    pub fn add(
        &mut self,
        timeline: Timeline<'_>,
        exchange: &Exchange,
        membership: Membership<'_>,
    ) -> Result<(), MetricError> {
        if let Some(steps) = timeline.only() {
            if let Some(base) = self.base(&[steps], membership) {
                self.add_single(steps, base);
            }
            return Ok(());
        }
        let all = timeline.currencies().collect::<Result<Vec<_>, _>>()?;
        match self.base(&all, membership) {
            Some(base) => self.add_several(&all, base, exchange),
            None => Ok(()),
        }
    }

    /// The place of the last day of the period in which an account begins, when it belongs there.
    fn base(&self, account: &[Steps<'_>], membership: Membership<'_>) -> Option<usize> {
        let first_day = account.iter().filter_map(|steps| steps.first_day()).min()?;
        let place = self.places.of(first_day);
        let last_day = self.places.days().get(place)?;
        (place > 0 && membership.on(*last_day)).then_some(place)
    }

    /// The number of a cohort's cell at a place of the report's days.
    fn cell(periods: usize, base: usize, place: usize) -> usize {
        (base - 1) * periods + place - 1
    }

    fn add_single(&mut self, steps: Steps<'_>, base: usize) {
        let Self { places, accounts, running, settled } = self;
        let periods = settled.len();
        let slot = running.slot(steps.currency, || vec![0; periods * periods]);
        let amounts = running.at(slot);
        // At the base there was no MRR before, so an account that has some there changes there.
        let mut seen = places.seen(steps).skip_while(|(place, _)| *place < base).peekable();
        if seen.peek().is_none_or(|(place, rate)| *place > base || *rate <= 0) {
            return;
        }
        let mut before = 0;
        for (place, after) in seen {
            let cell = Self::cell(periods, base, place);
            amounts[cell] += i128::from(after) - i128::from(before);
            accounts[cell] += i64::from(after > 0) - i64::from(before > 0);
            before = after;
        }
    }

    fn add_several(&mut self, account: &[Steps<'_>], base: usize, exchange: &Exchange) -> Result<(), MetricError> {
        let Self { places, accounts, running, settled } = self;
        let periods = settled.len();
        let mut cursors = Vec::with_capacity(account.len());
        for steps in account {
            let slot = running.slot(steps.currency, || vec![0; periods * periods]);
            cursors.push(Cursor::new(slot, *steps, places));
        }
        // Whether the account is in the base, and whether it had MRR where the walk stopped last.
        let (mut counts, mut was_open) = (false, false);
        walk(&mut cursors, Membership::Always, places, |stop, cursors| {
            if stop.place < base {
                return Ok(());
            }
            let mut total = Amount::ZERO;
            let mut stays_free = false;
            for (cursor, steps) in cursors.iter().zip(account) {
                stays_free |= steps.currency == Currency::NONE && cursor.after != 0;
                let part = exchange.convert_units(i128::from(cursor.after), steps.currency, base)?;
                total = total.checked_add(part)?;
            }
            let is_open = total > Amount::ZERO || stays_free;
            let begins = stop.place == base;
            counts |= begins && is_open;
            if counts {
                let cell = Self::cell(periods, base, stop.place);
                for cursor in cursors {
                    let before = if begins { 0 } else { i128::from(cursor.before) };
                    running.at(cursor.slot)[cell] += i128::from(cursor.after) - before;
                }
                accounts[cell] += i64::from(is_open) - i64::from(was_open);
            }
            was_open = is_open;
            Ok(())
        })
    }

    /// Takes what another state of the same report has summed up.
    pub fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        for (currency, theirs) in other.running.iter() {
            let slot = self.running.slot(*currency, || vec![0; theirs.len()]);
            self.running.at(slot).iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
        self.accounts.iter_mut().zip(&other.accounts).for_each(|(mine, theirs)| *mine += theirs);
        for (mine, theirs) in self.settled.iter_mut().flatten().zip(other.settled.iter().flatten()) {
            mine.accounts += theirs.accounts;
            mine.annual = mine.annual.checked_add(theirs.annual)?;
        }
        Ok(())
    }

    /// Each cohort, from its own period to the last. The first of its cells is its base.
    pub fn sums(&self, exchange: &Exchange) -> Result<Vec<Vec<Retained>>, MetricError> {
        let mut sums = self.settled.clone();
        let periods = sums.len();
        for (cohort, cells) in sums.iter_mut().enumerate() {
            let row = cohort * periods + cohort..(cohort + 1) * periods;
            let mut open = 0;
            for (cell, change) in cells.iter_mut().zip(&self.accounts[row.clone()]) {
                open += change;
                // Nobody leaves who has not come, so this is never below zero.
                cell.accounts += u64::try_from(open).unwrap_or(0);
            }
            for (currency, changes) in self.running.iter() {
                let mut state = 0;
                for (cell, change) in cells.iter_mut().zip(&changes[row.clone()]) {
                    state += change;
                    cell.annual = cell.annual.checked_add(exchange.convert_units(state, *currency, cohort + 1)?)?;
                }
            }
        }
        Ok(sums)
    }
}
