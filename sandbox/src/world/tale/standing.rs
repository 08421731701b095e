//! Trials, payments that fail, pauses, and customers that are deleted.

use super::{Account, Act, Change, Cycle, Horizon, Moment, Opening, PauseBehavior, Tale, Why};
use crate::random::Random;
use crate::world::clock::DAY;
use crate::world::contract::Standing;
use crate::world::subscription::Settlement;

/// Stripe gives the first payment 23 hours.
const FIRST_PAYMENT_SECONDS: i64 = 23 * 3_600;

/// One customer in thirty is deleted some time after its last subscription changed.
pub(super) fn delete_customer(random: &mut Random, account: &mut Account, horizon: Horizon) {
    let last = account.subscriptions.iter().flat_map(|s| &s.history).map(|change| change.at).max();
    let Some(last) = last.filter(|_| random.per_mille(60)) else { return };
    let entered = account.subscriptions.iter().map(|s| s.created()).max();
    let from = last.max(entered.unwrap_or(last)).plus_seconds(DAY);
    let at = from.plus_seconds(random.between(0, 60) * DAY + 61);
    if at >= horizon.now {
        return;
    }
    account.deleted = Some(at);
    for subscription in account.subscriptions.iter_mut().filter(|s| s.contract().in_force) {
        subscription.history.push(Change { at, act: Act::EndedUncredited(Why::CustomerDeleted) });
    }
}

impl Tale<'_> {
    /// What becomes of a trial and of a first bill.
    pub(super) fn follow_opening(&mut self, opening: Opening) {
        match opening {
            Opening::AtOnce | Opening::Backdated { .. } => {}
            Opening::OnTrial { until } => self.end_trial(until),
            Opening::Incomplete => {
                let at = self.at;
                if self.random.per_mille(300) {
                    let paid = at.plus_seconds(self.random.between(60, 7_200));
                    self.push(paid, Act::Stood(Standing::Active));
                } else {
                    self.push(at.plus_seconds(FIRST_PAYMENT_SECONDS), Act::EndedUncredited(Why::NeverPaid));
                }
            }
        }
    }

    /// Two in three trials convert; the others end, or wait for a way to pay.
    fn end_trial(&mut self, until: Moment) {
        match self.random.below(1000) {
            0..650 => self.push(until, Act::Stood(Standing::Active)),
            650..860 => self.push(until, Act::EndedWithPeriod),
            _ => {
                self.push(until, Act::Stood(Standing::Paused));
                if self.random.per_mille(500) {
                    let at = self.days_on(until, 2, 40);
                    let cycle = Cycle { anchor: at, ..self.contract.cycle };
                    self.push(at, Act::Stood(Standing::Active));
                    self.push(at, Act::Reanchored { cycle, settlement: Settlement::Never });
                } else {
                    self.at = self.horizon.now;
                }
            }
        }
    }

    /// The payment of the next renewal fails, and is made up for, given up or never made.
    pub(super) fn change_standing(&mut self, at: Moment) {
        let renewal = self.contract.period_at(at).to;
        let failed = renewal.plus_seconds(self.random.between(3_600, 7_200));
        self.push(failed, Act::Stood(Standing::PastDue));
        let resolved = self.days_on(failed, 1, 21);
        match self.random.below(1000) {
            0..550 => self.push(resolved, Act::Stood(Standing::Active)),
            550..800 => self.push(resolved, Act::EndedUncredited(Why::PaymentFailed)),
            _ => {
                self.push(resolved, Act::Stood(Standing::Unpaid));
                let later = self.days_on(resolved, 10, 90);
                if self.random.per_mille(350) {
                    self.push(later, Act::Stood(Standing::Active));
                } else if self.random.per_mille(500) {
                    self.push(later, Act::EndedUncredited(Why::PaymentFailed));
                } else {
                    self.at = self.horizon.now;
                }
            }
        }
    }

    /// Service is paused for some weeks.
    pub(super) fn pause(&mut self, at: Moment) {
        self.pause_collection(at, PauseBehavior::Void);
    }

    /// Service goes on for some weeks, to be paid for later or not at all.
    pub(super) fn pause_money_alone(&mut self, at: Moment) {
        let later = self.random.per_mille(500);
        self.pause_collection(at, if later { PauseBehavior::KeepAsDraft } else { PauseBehavior::MarkUncollectible });
    }

    /// Collection is paused, with its end planned or open.
    fn pause_collection(&mut self, at: Moment, behavior: PauseBehavior) {
        let resumed = self.days_on(at, 5, 75);
        let resumed = self.within_period(resumed).unwrap_or(resumed);
        let planned = self.random.per_mille(500);
        self.push(at, Act::CollectionPaused { until: planned.then_some(resumed), behavior });
        self.push(resumed, Act::CollectionResumed);
    }
}
