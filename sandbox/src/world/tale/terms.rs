//! New anchors, planned phases, the ways to end, and money that moves afterwards.

use super::{Act, Cycle, Moment, Tale, Why};
use crate::world::clock::DAY;
use crate::world::contract::Standing;
use crate::world::schedule::{Phase, Schedule};
use crate::world::subscription::{Edit, Item, Settlement};

impl Tale<'_> {
    /// Billing begins afresh at a moment, at the same prices.
    pub(super) fn reanchor(&mut self, at: Moment) {
        let cycle = Cycle { anchor: at, ..self.contract.cycle };
        let settlement = if self.random.per_mille(600) { Settlement::AtOnce } else { Settlement::Never };
        self.push(at, Act::Reanchored { cycle, settlement });
    }

    /// Two or three phases of one or two periods each, of which the first has just begun. The plan is kept to the
    /// letter; what lies beyond now stays a plan.
    pub(super) fn follow_schedule(&mut self) {
        let cycle = self.contract.cycle;
        let mut phases = Vec::new();
        let (mut from, mut k) = (cycle.anchor, 0);
        let mut items: Vec<Item> = self.contract.items.clone();
        for n in 0..self.random.between(2, 3) {
            if n > 0 {
                let item = &mut items[0];
                item.quantity += self.random.between(1, 5) as u32;
            }
            k += self.random.between(1, 2) as u32;
            let to = cycle.boundary(k);
            phases.push(Phase { from, to, items: items.clone() });
            from = to;
        }
        for phase in &phases[1..] {
            let Item { number, quantity, .. } = phase.items[0];
            let edits = vec![Edit::Quantity { item: number, quantity }];
            self.push(phase.from, Act::Amended { edits, settlement: Settlement::Never });
        }
        // After its last phase the plan lets go, and life goes on the second after.
        self.at = self.at.max(from.plus_seconds(1));
        self.subscription.schedule = Some(Schedule { phases });
    }

    /// With the period, at once, or on a day that was named before; some think better of it.
    pub(super) fn end_somehow(&mut self, at: Moment) {
        let period_end = self.contract.period_at(at).to;
        match self.random.below(1000) {
            0..350 => {
                self.push(at, Act::EndRequested);
                let room = period_end.0 - at.0;
                if room > 2 && self.random.per_mille(300) {
                    let withdrawn = at.plus_seconds(self.random.between(1, room - 1));
                    self.push(withdrawn, Act::EndWithdrawn);
                } else {
                    self.push(period_end, Act::EndedWithPeriod);
                }
            }
            350..500 => self.push(at, Act::EndedAtOnce),
            _ => {
                let end = at.plus_seconds(self.random.between(10, 120) * DAY);
                let end = self.within_period(end).unwrap_or(end);
                self.push(at, Act::EndPlanned { end });
                if self.random.per_mille(350) {
                    let withdrawn = at.plus_seconds(self.random.between(3_600, 9 * DAY));
                    self.push(withdrawn, Act::EndWithdrawn);
                } else {
                    self.push(end, Act::EndedUncredited(Why::Planned));
                }
            }
        }
    }

    /// A refund, a credit note, or a bill that is written again. None of it changes what was agreed.
    pub(super) fn correct_money(&mut self, at: Moment) {
        match self.random.below(3) {
            0 => self.push(at, Act::Refunded),
            1 => self.push(at, Act::Credited),
            _ => {
                // Only a bill that was not paid can be taken back.
                let failed = self.contract.period_at(at).to.plus_seconds(self.random.between(3_600, 7_200));
                let again = self.days_on(failed, 1, 9);
                self.push(failed, Act::Stood(Standing::PastDue));
                self.push(again, Act::Reissued);
                self.push(again, Act::Stood(Standing::Active));
            }
        }
    }
}
