//! Movements of accounts in one currency, in its own units, until they are converted at the end.

use super::Movements;
use crate::metric::MetricError;
use crate::money::{Amount, Currency, Exchange};

/// What the accounts of one currency add up to. A state that does not change is in `opening` or
/// in the flow that led to it and nowhere else, so a period in which nothing happens costs nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Running {
    /// The state before the first period.
    pub(super) opening: i128,
    /// The flows of each period.
    pub(super) flows: Vec<Flows>,
}

/// The flows of one period, in units of one currency; none is negative but `resized`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flows {
    pub(super) new: i128,
    pub(super) reactivation: i128,
    pub(super) expansion: i128,
    pub(super) contraction: i128,
    pub(super) churn: i128,
    /// The opening states of accounts that left the cohort with their MRR.
    pub(super) left: i128,
    /// The closing states of accounts that joined it with theirs.
    pub(super) joined: i128,
    /// The change in this currency of accounts that have several: only their total says whether
    /// it is expansion or contraction, so those are summed up elsewhere.
    pub(super) resized: i128,
}

impl Running {
    pub(super) fn new(periods: usize) -> Self {
        Self { opening: 0, flows: vec![Flows::default(); periods] }
    }

    /// Adds these sums to those of the report: everything at the closing's rate, but the opening
    /// and what left, which are at the opening's.
    pub(super) fn settle(
        &self,
        currency: Currency,
        exchange: &Exchange,
        sums: &mut [Movements],
    ) -> Result<(), MetricError> {
        let mut state = self.opening;
        for (period, (flows, sums)) in self.flows.iter().zip(sums).enumerate() {
            let at_opening = |units| exchange.convert_units(units, currency, period);
            let at_closing = |units| exchange.convert_units(units, currency, period + 1);
            // Who stays in the cohort, or loses all of its MRR in it, is moved by the rate.
            let moved = state - flows.left;
            let fx = at_closing(moved)?.checked_sub(at_opening(moved)?)?;
            let transfer = at_closing(flows.joined)?.checked_sub(at_opening(flows.left)?)?;
            let closing = state + flows.new + flows.reactivation + flows.expansion - flows.contraction - flows.churn
                + flows.joined
                - flows.left
                + flows.resized;
            sums.merge(&Movements {
                opening: at_opening(state)?,
                new: at_closing(flows.new)?,
                reactivation: at_closing(flows.reactivation)?,
                expansion: at_closing(flows.expansion)?,
                contraction: at_closing(flows.contraction)?,
                churn: at_closing(flows.churn)?,
                fx,
                transfer,
                closing: at_closing(closing)?,
            })?;
            state = closing;
        }
        Ok(())
    }

    /// Adds the sums of other accounts in the same currency.
    pub(super) fn merge(&mut self, other: &Self) {
        self.opening += other.opening;
        for (mine, theirs) in self.flows.iter_mut().zip(&other.flows) {
            mine.new += theirs.new;
            mine.reactivation += theirs.reactivation;
            mine.expansion += theirs.expansion;
            mine.contraction += theirs.contraction;
            mine.churn += theirs.churn;
            mine.left += theirs.left;
            mine.joined += theirs.joined;
            mine.resized += theirs.resized;
        }
    }
}

/// Where an account's opening and closing are summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    New,
    Reactivation,
    Resized,
    Churn,
    Left,
    Joined,
}

impl Kind {
    /// What a change is, of an account that has MRR or not at both ends and belongs or not;
    /// `None` when it is nothing to this cohort.
    pub(super) fn of(open: [bool; 2], belongs: [bool; 2], had_before: impl FnOnce() -> bool) -> Option<Self> {
        match (open, belongs) {
            ([true, true], [true, true]) => Some(Self::Resized),
            ([true, true], [true, false]) => Some(Self::Left),
            ([true, true], [false, true]) => Some(Self::Joined),
            ([true, false], [true, _]) => Some(Self::Churn),
            ([false, true], [_, true]) => Some(if had_before() { Self::Reactivation } else { Self::New }),
            _ => None,
        }
    }
}

impl Flows {
    /// Adds one account's change in one currency, the only one that the account has.
    #[inline]
    pub(super) fn add(&mut self, kind: Kind, before: i64, after: i64) {
        let (before, after) = (i128::from(before), i128::from(after));
        match kind {
            Kind::New => self.new += after,
            Kind::Reactivation => self.reactivation += after,
            Kind::Resized if after > before => self.expansion += after - before,
            Kind::Resized => self.contraction += before - after,
            Kind::Churn => self.churn += before,
            Kind::Left => self.left += before,
            Kind::Joined => self.joined += after,
        }
    }

    /// Adds one account's change in one of its currencies.
    pub(super) fn add_part(&mut self, kind: Kind, before: i64, after: i64) {
        match kind {
            Kind::Resized => self.resized += i128::from(after) - i128::from(before),
            _ => self.add(kind, before, after),
        }
    }
}

/// Adds a change of size, in the report's currency, where it belongs by its sign.
pub(super) fn resize(sums: &mut Movements, change: Amount) -> Result<(), MetricError> {
    if change > Amount::ZERO {
        sums.expansion = sums.expansion.checked_add(change)?;
    } else {
        sums.contraction = sums.contraction.checked_sub(change)?;
    }
    Ok(())
}
