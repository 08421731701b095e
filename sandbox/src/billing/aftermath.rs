//! What a subscription's standing does to its invoices: trials, late payments, ends, and money that goes back.

use super::biller::Biller;
use super::document::{Invoice, Line, Reason, State};
use crate::world::clock::Moment;
use crate::world::contract::Standing;
use crate::world::cycle::Period;
use crate::world::subscription::{Change, Opening, Why};

impl Biller<'_> {
    /// The first invoice.
    pub(super) fn start(&mut self, opening: Opening, at: Moment) {
        let (written, lines) = match opening {
            Opening::AtOnce | Opening::Incomplete => {
                self.begin_period(0);
                (at, self.period_lines())
            }
            Opening::OnTrial { until } => {
                self.period = Period { from: at, to: until };
                self.billed = 0;
                let free = |line: Line| Line { amount: 0, trial: true, ..line };
                (at, self.period_lines().into_iter().map(free).collect())
            }
            Opening::Backdated { entered } => {
                // A line for each item and each period that has begun since service began.
                let mut lines = Vec::new();
                for k in 0..=self.contract.cycle.index_at(entered) {
                    if k > 0 {
                        lines.extend(self.usage_lines(self.period));
                    }
                    self.begin_period(k);
                    lines.extend(self.period_lines());
                }
                (entered, lines)
            }
        };
        self.invoice(Reason::Started, written, Period { from: written, to: written }, lines);
    }

    /// A payment failed, came after all, or was given up.
    pub(super) fn stand(&mut self, standing: Standing, change: &Change) {
        let before = self.contract.standing;
        self.contract.apply(change);
        match (before, standing) {
            (Standing::Trialing, Standing::Active) => {
                let trial = self.period;
                self.begin_period(0);
                let lines = self.period_lines();
                self.invoice(Reason::Renewed, change.at, trial, lines);
            }
            // Nothing was billed since the trial ended: billing begins anew with the anchor that is set now.
            (Standing::Paused, Standing::Active) => self.period.to = change.at,
            (_, Standing::Active) => self.settle_open(State::Paid, change.at),
            (_, Standing::PastDue) => {
                if let Some(invoice) = self.last(|invoice| invoice.state == State::Paid) {
                    (invoice.state, invoice.settled) = (State::Open, None);
                }
            }
            _ => {}
        }
    }

    /// An end that nothing is credited for.
    pub(super) fn end_uncredited(&mut self, why: Why, change: &Change) {
        self.contract.apply(change);
        match why {
            Why::NeverPaid => self.settle_open(State::Void, change.at),
            Why::PaymentFailed | Why::CustomerDeleted => self.settle_open(State::Uncollectible, change.at),
            Why::Planned => {}
        }
    }

    /// Money that moves after the last paid invoice.
    pub(super) fn after_the_fact(&mut self, then: impl FnOnce(&mut Invoice)) {
        if let Some(invoice) = self.last(|invoice| invoice.state == State::Paid && invoice.total() > 0) {
            then(invoice);
        }
    }

    /// The open invoice is taken back, and the same is written and paid anew.
    pub(super) fn reissue(&mut self, at: Moment) {
        let sequence = self.invoices;
        let Some(open) = self.last(|invoice| invoice.state == State::Open) else { return };
        let mut again = open.clone();
        (open.state, open.settled, open.replaced_by) = (State::Void, Some(at), Some(sequence));
        again.replaces = Some(open.sequence);
        (again.sequence, again.at) = (sequence, at);
        (again.state, again.settled) = (State::Paid, Some(at));
        self.invoices += 1;
        let (from, to) = (self.ledger.invoices.len() - 1, self.ledger.invoices.len());
        for proration in self.ledger.prorations.iter_mut().filter(|p| p.invoice == Some(from)) {
            proration.invoice = Some(to);
        }
        self.ledger.invoices.push(again);
    }

    fn settle_open(&mut self, state: State, at: Moment) {
        let number = self.number();
        let of_it = |invoice: &&mut Invoice| invoice.subscription == number && invoice.state == State::Open;
        for invoice in self.ledger.invoices.iter_mut().filter(of_it) {
            (invoice.state, invoice.settled) = (state, Some(at));
        }
    }

    fn last(&mut self, wanted: impl Fn(&Invoice) -> bool) -> Option<&mut Invoice> {
        let number = self.number();
        self.ledger.invoices.iter_mut().rev().find(|i| i.subscription == number && wanted(i))
    }
}
