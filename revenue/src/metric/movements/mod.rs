//! Movements: how MRR came from one day's state to another's.

pub(super) mod plain;
mod state;
mod units;

pub use state::MovementsState;

use super::MetricError;
use crate::money::{Amount, AmountError, monthly_flows};

/// The movements of one period. Each amount is positive or zero, but for `fx` and `transfer`,
/// which are signed. The identity holds exactly:
/// `opening + new + reactivation + expansion - contraction - churn + fx + transfer = closing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Movements {
    /// The state as the period begins, at the rate of the opening.
    pub opening: Amount,
    /// From accounts that never had MRR before.
    pub new: Amount,
    /// From accounts that had MRR before, and none at the opening.
    pub reactivation: Amount,
    /// From accounts that have more than at the opening.
    pub expansion: Amount,
    /// Of accounts that have less than at the opening.
    pub contraction: Amount,
    /// Of accounts that have none any more.
    pub churn: Amount,
    /// What a changed exchange rate alone does.
    pub fx: Amount,
    /// Of accounts that joined or left the cohort with their MRR.
    pub transfer: Amount,
    /// The state as the period ends, at the rate of the closing.
    pub closing: Amount,
}

/// An account at both ends of a period.
struct Ends {
    opening: Amount,
    opening_at_closing: Amount,
    closing: Amount,
    /// Whether it was and is a customer that pays nothing.
    free: [bool; 2],
    belonged: bool,
    belongs: bool,
    had_before: bool,
}

impl Movements {
    /// Adds one account's movement, classified in one currency at one rate, the closing's.
    fn classify(&mut self, ends: &Ends) -> Result<(), MetricError> {
        let Ends { opening, opening_at_closing, closing, free, belonged, belongs, had_before } = *ends;
        let mut flows = Self {
            opening: if belonged { opening } else { Amount::ZERO },
            closing: if belongs { closing } else { Amount::ZERO },
            ..Self::default()
        };
        match (opening > Amount::ZERO || free[0], closing > Amount::ZERO || free[1]) {
            (true, true) if belonged && belongs => flows.fx = opening_at_closing.checked_sub(opening)?,
            (true, true) => flows.transfer = flows.closing.checked_sub(flows.opening)?,
            (true, false) if belonged => {
                flows.fx = opening_at_closing.checked_sub(opening)?;
                flows.churn = opening_at_closing;
            }
            (false, true) if belongs && had_before => flows.reactivation = closing,
            (false, true) if belongs => flows.new = closing,
            _ => {}
        }
        // What is left is a change of size. It also takes what a negative state leaves over
        // (a charge below zero), so that the identity holds whatever a source sends.
        let rest = flows.closing.checked_sub(flows.explained()?)?;
        if rest > Amount::ZERO {
            flows.expansion = rest;
        } else {
            flows.contraction = Amount::ZERO.checked_sub(rest)?;
        }
        self.merge(&flows)
    }

    /// `opening + new + reactivation + expansion - contraction - churn + fx + transfer`.
    pub fn explained(&self) -> Result<Amount, AmountError> {
        let gained = [self.new, self.reactivation, self.expansion, self.fx, self.transfer];
        let gained = gained.into_iter().try_fold(self.opening, Amount::checked_add)?;
        gained.checked_sub(self.contraction)?.checked_sub(self.churn)
    }

    /// Adds the movements of other accounts in the same period.
    fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        for (mine, theirs) in self.fields_mut().into_iter().zip(other.fields()) {
            *mine = mine.checked_add(theirs)?;
        }
        Ok(())
    }

    /// The same movements a month, with so many decimals: each a twelfth, adding up to the last
    /// digit.
    pub fn monthly(&self, decimals: u32) -> Self {
        let mut flows = [
            self.new,
            self.reactivation,
            self.expansion,
            Amount(-self.contraction.0),
            Amount(-self.churn.0),
            self.fx,
            self.transfer,
        ];
        monthly_flows(self.opening, &mut flows, self.closing, decimals);
        let [new, reactivation, expansion, contraction, churn, fx, transfer] = flows;
        Self {
            opening: self.opening.monthly_to(decimals),
            new,
            reactivation,
            expansion,
            contraction: Amount(-contraction.0),
            churn: Amount(-churn.0),
            fx,
            transfer,
            closing: self.closing.monthly_to(decimals),
        }
    }

    /// All amounts in the order of a report's columns.
    pub fn fields(&self) -> [Amount; 9] {
        [
            self.opening,
            self.new,
            self.reactivation,
            self.expansion,
            self.contraction,
            self.churn,
            self.fx,
            self.transfer,
            self.closing,
        ]
    }

    fn fields_mut(&mut self) -> [&mut Amount; 9] {
        [
            &mut self.opening,
            &mut self.new,
            &mut self.reactivation,
            &mut self.expansion,
            &mut self.contraction,
            &mut self.churn,
            &mut self.fx,
            &mut self.transfer,
            &mut self.closing,
        ]
    }

    /// The reverse of [`Movements::fields`].
    pub fn from_fields(fields: [Amount; 9]) -> Self {
        let [opening, new, reactivation, expansion, contraction, churn, fx, transfer, closing] = fields;
        Self { opening, new, reactivation, expansion, contraction, churn, fx, transfer, closing }
    }
}
