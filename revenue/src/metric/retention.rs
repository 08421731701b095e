//! What became of the accounts that were open at an opening: the sums under NRR and GRR.

use super::{MetricError, account_amount};
use crate::money::{Amount, Exchange};
use crate::timeline::Timeline;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RetentionState(pub Retention);

impl RetentionState {
    /// Takes one account. `exchange` holds two days: the one before the period's first day, and
    /// its last day. The rates used are those of the first of the two.
    pub fn add(&mut self, timeline: Timeline<'_>, exchange: &Exchange) -> Result<(), MetricError> {
        let [opens, closes] = exchange.days() else { return Err(MetricError::Days) };
        if opens >= closes {
            return Err(MetricError::Days);
        }
        let opening = account_amount(timeline, exchange, 0, 0)?;
        if opening <= Amount::ZERO {
            return Ok(());
        }
        let closing = account_amount(timeline, exchange, 1, 0)?;
        let sums = &mut self.0;
        sums.opening = sums.opening.checked_add(opening)?;
        sums.closing = sums.closing.checked_add(closing)?;
        sums.kept = sums.kept.checked_add(opening.min(closing))?;
        sums.accounts += 1;
        sums.lost += u64::from(closing <= Amount::ZERO);
        Ok(())
    }

    /// Takes what another state has summed up.
    pub fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        let (sums, others) = (&mut self.0, &other.0);
        sums.opening = sums.opening.checked_add(others.opening)?;
        sums.closing = sums.closing.checked_add(others.closing)?;
        sums.kept = sums.kept.checked_add(others.kept)?;
        sums.accounts += others.accounts;
        sums.lost += others.lost;
        Ok(())
    }
}
