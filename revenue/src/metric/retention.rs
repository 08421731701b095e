//! What became of the accounts that were open at an opening: the sums under NRR and GRR.

use super::by_currency::ByCurrency;
use super::{MetricError, account_amount};
use crate::calendar::Day;
use crate::money::{Amount, Exchange, RunRate};
use crate::timeline::{Steps, Timeline};

/// The sums over the accounts that had MRR at the opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Their annual run rate at the opening.
    pub opening: Amount,
    /// Their annual run rate at the closing.
    pub closing: Amount,
    /// What of the opening is still there at the closing: the smaller of both, per account.
    pub kept: Amount,
    /// How many accounts they are.
    pub accounts: u64,
    /// How many of them have no MRR at the closing.
    pub lost: u64,
}

/// Collects [`Retention`] account by account. The report's days are the opening's and the
/// closing's; both ends are converted at the rates of the opening (constant currency).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionState {
    opens: Day,
    closes: Day,
    running: ByCurrency<Running>,
    /// The accounts of all currencies, and the amounts of those that have several.
    settled: Retention,
}

/// Opening, closing and kept, in units of the accounts' own currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Running {
    opening: i128,
    closing: i128,
    kept: i128,
}

impl RetentionState {
    /// No account yet. `exchange` holds two days: the one before the period's first day, and its
    /// last day. The rates used are those of the first of the two.
    pub fn new(exchange: &Exchange) -> Result<Self, MetricError> {
        Self::settled(exchange, Retention::default())
    }

    /// What another state has summed up; the reverse of [`RetentionState::sums`].
    pub fn settled(exchange: &Exchange, sums: Retention) -> Result<Self, MetricError> {
        match *exchange.days() {
            [opens, closes] if opens < closes => {
                Ok(Self { opens, closes, running: ByCurrency::default(), settled: sums })
            }
            _ => Err(MetricError::Days),
        }
    }

    /// Takes one account. `exchange` is the one that the state was made for.
    pub fn add(&mut self, timeline: Timeline<'_>, exchange: &Exchange) -> Result<(), MetricError> {
        if let Some(steps) = timeline.only() {
            self.add_single(steps);
            return Ok(());
        }
        let opening = account_amount(timeline, exchange, 0, 0)?;
        if opening <= Amount::ZERO && !timeline.stays_free(self.opens)? {
            return Ok(());
        }
        let closing = account_amount(timeline, exchange, 1, 0)?;
        let sums = &mut self.settled;
        sums.opening = sums.opening.checked_add(opening)?;
        sums.closing = sums.closing.checked_add(closing)?;
        sums.kept = sums.kept.checked_add(opening.min(closing))?;
        sums.accounts += 1;
        sums.lost += u64::from(closing <= Amount::ZERO && !timeline.stays_free(self.closes)?);
        Ok(())
    }

    /// Takes an account of one currency: at one rate for both ends, everything can be summed up
    /// before it is converted.
    fn add_single(&mut self, steps: Steps<'_>) {
        let opening = steps.at(self.opens);
        if opening <= RunRate::ZERO {
            return;
        }
        let closing = steps.at(self.closes);
        let slot = self.running.slot(steps.currency, Running::default);
        let running = self.running.at(slot);
        running.opening += i128::from(opening.0);
        running.closing += i128::from(closing.0);
        running.kept += i128::from(opening.min(closing).0);
        self.settled.accounts += 1;
        self.settled.lost += u64::from(closing <= RunRate::ZERO);
    }

    /// Takes what another state of the same report has summed up.
    pub fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        for (currency, theirs) in other.running.iter() {
            let slot = self.running.slot(*currency, Running::default);
            let mine = self.running.at(slot);
            mine.opening += theirs.opening;
            mine.closing += theirs.closing;
            mine.kept += theirs.kept;
        }
        self.settled.merge(&other.settled)
    }

    /// The sums, in the currency of `exchange` and at its first day's rates.
    pub fn sums(&self, exchange: &Exchange) -> Result<Retention, MetricError> {
        let mut sums = self.settled;
        for (currency, running) in self.running.iter() {
            sums.merge(&Retention {
                opening: exchange.convert_units(running.opening, *currency, 0)?,
                closing: exchange.convert_units(running.closing, *currency, 0)?,
                kept: exchange.convert_units(running.kept, *currency, 0)?,
                accounts: 0,
                lost: 0,
            })?;
        }
        Ok(sums)
    }
}

impl Retention {
    fn merge(&mut self, others: &Self) -> Result<(), MetricError> {
        self.opening = self.opening.checked_add(others.opening)?;
        self.closing = self.closing.checked_add(others.closing)?;
        self.kept = self.kept.checked_add(others.kept)?;
        self.accounts += others.accounts;
        self.lost += others.lost;
        Ok(())
    }
}
