//! Replays one subscription and writes its documents.

use super::discount::line_discounts;
use super::document::{Invoice, Ledger, Line, Proration, Reason};
use crate::world::catalogue::{Catalogue, Reduction};
use crate::world::clock::Moment;
use crate::world::cycle::Period;
use crate::world::money::{Minor, divide_half_up};
use crate::world::subscription::{Act, Change, Contract, Edit, Item, Settlement, Subscription};

/// Replays one subscription.
pub(super) struct Biller<'a> {
    subscription: &'a Subscription,
    catalogue: &'a Catalogue,
    ledger: &'a mut Ledger,
    contract: Contract,
    /// The running period.
    period: Period,
    /// How many periods of the present cycle have been billed.
    billed: u32,
    /// Prorations that wait for an invoice.
    pending: Vec<usize>,
    invoices: u32,
    prorations: u32,
}

impl<'a> Biller<'a> {
    pub(super) fn new(subscription: &'a Subscription, catalogue: &'a Catalogue, ledger: &'a mut Ledger) -> Self {
        Self {
            subscription,
            catalogue,
            ledger,
            contract: Contract::default(),
            period: Period { from: Moment(0), to: Moment(0) },
            billed: 0,
            pending: Vec::new(),
            invoices: 0,
            prorations: 0,
        }
    }

    pub(super) fn run(mut self, now: Moment) {
        for change in &self.subscription.history {
            self.renew_before(change.at);
            self.follow(change);
        }
        self.renew_before(now);
    }

    /// Bills every period that begins before a moment.
    fn renew_before(&mut self, moment: Moment) {
        while self.contract.in_force && self.period.to < moment {
            let closed = self.period;
            self.begin_period(self.billed);
            let lines = self.period_lines();
            self.invoice(Reason::Renewed, self.period.from, closed, lines);
        }
    }

    fn follow(&mut self, change: &Change) {
        let so_far = Period { from: self.period.from, to: change.at };
        match &change.act {
            Act::Started { .. } => {
                self.contract.apply(change);
                self.begin_period(0);
                let lines = self.period_lines();
                self.invoice(Reason::Started, change.at, Period { from: change.at, to: change.at }, lines);
            }
            Act::Amended { edits, settlement } => {
                edits.iter().for_each(|edit| self.prorate_edit(edit, change.at));
                self.contract.apply(change);
                if *settlement == Settlement::AtOnce {
                    self.invoice(Reason::Amended, change.at, so_far, Vec::new());
                }
            }
            Act::Switched { .. } => {
                self.credit_everything(change.at);
                self.contract.apply(change);
                self.begin_period(0);
                let lines = self.period_lines();
                self.invoice(Reason::Amended, change.at, so_far, lines);
            }
            Act::EndedAtOnce => {
                self.credit_everything(change.at);
                self.contract.apply(change);
                self.invoice(Reason::Ended, change.at, so_far, Vec::new());
            }
            Act::EndedWithPeriod => {
                self.contract.apply(change);
                // Nothing new to bill, but what was pending is still owed.
                if !self.pending.is_empty() {
                    self.invoice(Reason::Renewed, change.at, so_far, Vec::new());
                }
            }
            Act::EndRequested | Act::EndWithdrawn => self.contract.apply(change),
        }
    }

    fn begin_period(&mut self, k: u32) {
        let cycle = self.contract.cycle;
        self.period = Period { from: cycle.boundary(k), to: cycle.boundary(k + 1) };
        self.billed = k + 1;
    }

    /// A credit for the item as it was, if it was there, and a charge for the item as it is, if it stays.
    fn prorate_edit(&mut self, edit: &Edit, at: Moment) {
        let (before, after) = match edit {
            Edit::Add(item) => (None, Some(item.clone())),
            Edit::Remove { item } => (self.contract.item(*item).cloned(), None),
            Edit::Quantity { item, quantity } => {
                let before = self.contract.item(*item).cloned();
                (before.clone(), before.map(|item| Item { quantity: *quantity, ..item }))
            }
            Edit::Price { item, price } => {
                let before = self.contract.item(*item).cloned();
                (before.clone(), before.map(|item| Item { price: *price, ..item }))
            }
        };
        if let Some(item) = before {
            self.prorate(&item, -1, at);
        }
        if let Some(item) = after {
            self.prorate(&item, 1, at);
        }
    }

    fn credit_everything(&mut self, at: Moment) {
        for item in self.contract.items.clone() {
            self.prorate(&item, -1, at);
        }
    }

    /// Writes down the share of the running period that is left, by the second: sign 1 charges, -1 credits.
    fn prorate(&mut self, item: &Item, sign: i128, at: Moment) {
        let period = Period { from: at, to: self.period.to };
        // A percentage holds for prorations too; a fixed amount comes off whole periods only.
        let kept = match self.reduction() {
            Some(Reduction::Percent(hundredths)) => i128::from(10_000 - hundredths),
            _ => 10_000,
        };
        let left = i128::from(self.full_amount(item)) * kept * i128::from(period.seconds());
        let amount = divide_half_up(sign * left, 10_000 * i128::from(self.period.seconds()));
        self.pending.push(self.ledger.prorations.len());
        self.ledger.prorations.push(Proration {
            subscription: self.subscription.number,
            sequence: self.prorations,
            item: item.number,
            price: item.price,
            quantity: item.quantity,
            period,
            amount,
            invoice: None,
        });
        self.prorations += 1;
    }

    /// A line for each item and the whole running period.
    fn period_lines(&self) -> Vec<Line> {
        let items = &self.contract.items;
        let amounts: Vec<Minor> = items.iter().map(|item| self.full_amount(item)).collect();
        let discounts = line_discounts(self.reduction(), &amounts);
        let line = |(item, (amount, discount)): (&Item, (Minor, Minor))| Line {
            item: item.number,
            price: item.price,
            quantity: item.quantity,
            period: self.period,
            amount,
            discount,
            proration: None,
        };
        items.iter().zip(amounts.into_iter().zip(discounts)).map(line).collect()
    }

    fn invoice(&mut self, reason: Reason, at: Moment, closes: Period, period_lines: Vec<Line>) {
        let position = self.ledger.invoices.len();
        let mut lines = Vec::with_capacity(self.pending.len() + period_lines.len());
        for number in std::mem::take(&mut self.pending) {
            let proration = &mut self.ledger.prorations[number];
            proration.invoice = Some(position);
            lines.push(Line {
                item: proration.item,
                price: proration.price,
                quantity: proration.quantity,
                period: proration.period,
                amount: proration.amount,
                discount: 0,
                proration: Some(number),
            });
        }
        lines.extend(period_lines);
        self.ledger.invoices.push(Invoice {
            subscription: self.subscription.number,
            sequence: self.invoices,
            reason,
            at,
            closes,
            lines,
            starting_balance: 0,
            ending_balance: 0,
            due: 0,
            paid: true,
            account_sequence: 0,
        });
        self.invoices += 1;
    }

    fn reduction(&self) -> Option<Reduction> {
        self.subscription.coupon.map(|number| self.catalogue.coupon(number).reduction)
    }

    fn full_amount(&self, item: &Item) -> Minor {
        self.catalogue.price(item.price).amount * Minor::from(item.quantity)
    }
}
