//! Movements: how MRR came from one day's state to another's.

use super::{Membership, MetricError};
use crate::money::{Amount, AmountError, Exchange, monthly_flows};
use crate::timeline::{Steps, Timeline};

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

/// Collects [`Movements`] of consecutive periods, account by account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MovementsState(pub Vec<Movements>);

impl MovementsState {
    /// Takes one account. The days of `exchange` are the days at whose ends the states are
    /// taken: the day before the first period and the last day of each period, so there is one
    /// more than there are periods.
    pub fn add(
        &mut self,
        timeline: Timeline<'_>,
        exchange: &Exchange,
        membership: Membership<'_>,
    ) -> Result<(), MetricError> {
        let days = exchange.days();
        self.0.resize(days.len().saturating_sub(1), Movements::default());
        let mut currencies = timeline.currencies();
        let Some(first) = currencies.next().transpose()? else { return Ok(()) };
        let Some(second) = currencies.next().transpose()? else {
            return self.add_account(&[first], exchange, membership);
        };
        let mut all = vec![first, second];
        for steps in currencies {
            all.push(steps?);
        }
        self.add_account(&all, exchange, membership)
    }

    fn add_account(
        &mut self,
        account: &[Steps<'_>],
        exchange: &Exchange,
        membership: Membership<'_>,
    ) -> Result<(), MetricError> {
        let days = exchange.days();
        let first_day = account.iter().filter_map(|steps| steps.first_day()).min();
        let at = |day_index: usize, rate_index: usize| -> Result<Amount, MetricError> {
            let mut total = Amount::ZERO;
            for steps in account {
                let rate = exchange.convert(steps.at(days[day_index]), steps.currency, rate_index)?;
                total = total.checked_add(rate)?;
            }
            Ok(total)
        };
        let mut opening = at(0, 0)?;
        for (period, sums) in self.0.iter_mut().enumerate() {
            let closing = at(period + 1, period + 1)?;
            if opening != Amount::ZERO || closing != Amount::ZERO {
                let ends = Ends {
                    opening,
                    // Converted anew only where somebody may look at it.
                    opening_at_closing: if opening == Amount::ZERO { opening } else { at(period, period + 1)? },
                    closing,
                    belonged: membership.on(days[period]),
                    belongs: membership.on(days[period + 1]),
                    had_before: first_day.is_some_and(|first| first <= days[period]),
                };
                sums.classify(&ends)?;
            }
            opening = closing;
        }
        Ok(())
    }

    /// Takes what another state has summed up.
    pub fn merge(&mut self, other: &Self) -> Result<(), MetricError> {
        self.0.resize(self.0.len().max(other.0.len()), Movements::default());
        for (sums, others) in self.0.iter_mut().zip(&other.0) {
            sums.merge(others)?;
        }
        Ok(())
    }
}

/// An account at both ends of a period.
struct Ends {
    opening: Amount,
    opening_at_closing: Amount,
    closing: Amount,
    belonged: bool,
    belongs: bool,
    had_before: bool,
}

impl Movements {
    /// Adds one account's movement, classified in one currency at one rate, the closing's.
    fn classify(&mut self, ends: &Ends) -> Result<(), MetricError> {
        let Ends { opening, opening_at_closing, closing, belonged, belongs, had_before } = *ends;
        let mut flows = Self {
            opening: if belonged { opening } else { Amount::ZERO },
            closing: if belongs { closing } else { Amount::ZERO },
            ..Self::default()
        };
        match (opening > Amount::ZERO, closing > Amount::ZERO) {
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

    /// The same movements a month: each a twelfth, adding up to the last digit.
    pub fn monthly(&self) -> Self {
        let mut flows = [
            self.new,
            self.reactivation,
            self.expansion,
            Amount(-self.contraction.0),
            Amount(-self.churn.0),
            self.fx,
            self.transfer,
        ];
        monthly_flows(self.opening, &mut flows, self.closing);
        let [new, reactivation, expansion, contraction, churn, fx, transfer] = flows;
        Self {
            opening: self.opening.monthly(),
            new,
            reactivation,
            expansion,
            contraction: Amount(-contraction.0),
            churn: Amount(-churn.0),
            fx,
            transfer,
            closing: self.closing.monthly(),
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
