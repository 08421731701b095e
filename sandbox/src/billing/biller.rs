//! Replays one subscription and writes its documents.

use super::document::{Invoice, Ledger, Line, Proration, Reason, State};
use super::reductions::{Applied, kept_by_percentages, take_off};
use crate::random::splitmix;
use crate::world::account::Account;
use crate::world::catalogue::{Catalogue, Duration};
use crate::world::clock::Moment;
use crate::world::contract::{Contract, Standing};
use crate::world::cycle::Period;
use crate::world::money::{Minor, divide_half_up};
use crate::world::subscription::{Act, Change, Edit, Item, PauseBehavior, Settlement, Subscription};

/// Replays one subscription.
pub(super) struct Biller<'a> {
    account: &'a Account,
    subscription: &'a Subscription,
    catalogue: &'a Catalogue,
    pub(super) ledger: &'a mut Ledger,
    pub(super) contract: Contract,
    /// The running period.
    pub(super) period: Period,
    /// How many periods of the present cycle have been billed.
    pub(super) billed: u32,
    /// Prorations that wait for an invoice.
    pending: Vec<usize>,
    /// The coupons for one billing that a billing has used up.
    used_once: Vec<u16>,
    pub(super) invoices: u32,
    prorations: u32,
}

impl<'a> Biller<'a> {
    pub(super) fn new(
        account: &'a Account,
        subscription: &'a Subscription,
        catalogue: &'a Catalogue,
        ledger: &'a mut Ledger,
    ) -> Self {
        Self {
            account,
            used_once: Vec::new(),
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

    pub(super) fn number(&self) -> u16 {
        self.subscription.number
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
        let renews = !matches!(self.contract.standing, Standing::Incomplete | Standing::Trialing | Standing::Paused);
        while self.contract.in_force && renews && self.period.to < moment {
            let closed = self.period;
            let usage = self.usage_lines(closed);
            self.begin_period(self.billed);
            let lines = [usage, self.period_lines()].concat();
            self.invoice(Reason::Renewed, self.period.from, closed, lines);
        }
    }

    fn follow(&mut self, change: &Change) {
        let so_far = Period { from: self.period.from, to: change.at };
        match &change.act {
            Act::Started { opening, .. } => {
                self.contract.apply(change);
                self.start(*opening, change.at);
            }
            Act::Amended { edits, settlement } => {
                if *settlement != Settlement::Never {
                    edits.iter().for_each(|edit| self.prorate_edit(edit, change.at));
                }
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
            Act::Reanchored { settlement, .. } => {
                if *settlement != Settlement::Never {
                    self.credit_everything(change.at);
                }
                let usage = self.usage_lines(so_far);
                self.contract.apply(change);
                self.begin_period(0);
                let lines = [usage, self.period_lines()].concat();
                self.invoice(Reason::Amended, change.at, so_far, lines);
            }
            Act::EndedAtOnce => {
                self.credit_everything(change.at);
                let usage = self.usage_lines(so_far);
                self.contract.apply(change);
                self.invoice(Reason::Ended, change.at, so_far, usage);
            }
            Act::EndedWithPeriod => {
                let usage = self.usage_lines(so_far);
                self.contract.apply(change);
                // Nothing new to bill, but what was pending or used is still owed.
                if !self.pending.is_empty() || !usage.is_empty() {
                    self.invoice(Reason::Renewed, change.at, so_far, usage);
                }
            }
            Act::EndedUncredited(why) => self.end_uncredited(*why, change),
            Act::Stood(standing) => self.stand(*standing, change),
            Act::ProrationsDeleted { of } => self.strike_off(*of, change.at),
            Act::Refunded => self.after_the_fact(|invoice| invoice.refunded = Some(change.at)),
            Act::Credited => self.after_the_fact(|invoice| invoice.credited = Some(change.at)),
            Act::Reissued => self.reissue(change.at),
            Act::EndRequested
            | Act::EndPlanned { .. }
            | Act::EndWithdrawn
            | Act::Discounted(_)
            | Act::DiscountEnded { .. }
            | Act::CollectionPaused { .. }
            | Act::CollectionResumed => self.contract.apply(change),
        }
    }

    pub(super) fn begin_period(&mut self, k: u32) {
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
            Edit::Replace { item, price, quantity } => {
                let before = self.contract.item(*item).cloned();
                (before.clone(), before.map(|item| Item { price: *price, quantity: *quantity, ..item }))
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
        if self.is_metered(item) || self.period.to <= at {
            return;
        }
        let period = Period { from: at, to: self.period.to };
        // A percentage holds for prorations too; a fixed amount comes off whole periods only.
        let kept = kept_by_percentages(&self.applied(at), item, self.catalogue);
        let left = i128::from(self.full_amount(item)) * kept.0 * i128::from(period.seconds());
        let amount = divide_half_up(sign * left, kept.1 * i128::from(self.period.seconds()));
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
            deleted: None,
        });
        self.prorations += 1;
    }

    /// Deletes the prorations of a change that wait for an invoice.
    fn strike_off(&mut self, of: Moment, at: Moment) {
        let prorations = &mut self.ledger.prorations;
        self.pending.retain(|&number| {
            let struck = prorations[number].period.from == of;
            if struck {
                prorations[number].deleted = Some(at);
            }
            !struck
        });
    }

    /// A line for each item and the whole running period; usage is billed afterwards.
    pub(super) fn period_lines(&self) -> Vec<Line> {
        let licensed = self.contract.items.iter().filter(|item| !self.is_metered(item));
        licensed.map(|item| self.line(item, item.quantity, self.period, self.full_amount(item))).collect()
    }

    /// A line for what was used of each metered item in a period that is over.
    pub(super) fn usage_lines(&self, over: Period) -> Vec<Line> {
        let metered = self.contract.items.iter().filter(|item| self.is_metered(item));
        let line = |item: &Item| {
            let mut state = over.from.0 as u64 ^ u64::from(item.number) ^ u64::from(self.account.number) << 32;
            let used = (splitmix(&mut state) % 20_000) as u32;
            self.line(item, used, over, self.catalogue.price(item.price).charge(used).rounded())
        };
        metered.map(line).collect()
    }

    fn line(&self, item: &Item, quantity: u32, period: Period, amount: Minor) -> Line {
        let (item, price, discounts) = (item.number, item.price, Vec::new());
        Line { item, price, quantity, period, amount, discounts, trial: false, proration: None }
    }

    /// The coupons that work at a moment: the subscription's own, or the customer's if it has none.
    fn applied(&self, at: Moment) -> Vec<Applied> {
        let own = self.contract.discounts.iter().filter(|discount| !self.used_once.contains(&discount.number));
        let mut applied: Vec<Applied> = own.map(|discount| Applied::own(discount, self.catalogue)).collect();
        if self.contract.discounts.is_empty() {
            applied.extend(self.account.discount_at(at).map(|discount| Applied::customer(discount, self.catalogue)));
        }
        applied
    }

    pub(super) fn invoice(&mut self, reason: Reason, at: Moment, closes: Period, period_lines: Vec<Line>) {
        let position = self.ledger.invoices.len();
        let applied = self.applied(at);
        let mut period_lines = period_lines;
        take_off(&applied, &mut period_lines, self.catalogue);
        if period_lines.iter().any(|line| !line.trial) {
            let once = self.contract.discounts.iter();
            let once = once.filter(|discount| self.catalogue.coupon(discount.coupon).duration == Duration::Once);
            self.used_once.extend(once.map(|discount| discount.number));
        }
        // While collection is paused the pause says what becomes of bills; while nothing can be collected they stay drafts.
        let paused = self.contract.collection_paused.map(|pause| pause.behavior);
        let (state, settled) = match (paused, self.contract.standing) {
            (Some(PauseBehavior::Void), _) => (State::Void, Some(at)),
            (Some(PauseBehavior::MarkUncollectible), _) => (State::Uncollectible, Some(at)),
            (Some(PauseBehavior::KeepAsDraft), _) | (None, Standing::Unpaid) => (State::Draft, None),
            (None, Standing::Incomplete) => (State::Open, None),
            _ => (State::Paid, Some(at)),
        };
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
                discounts: Vec::new(),
                trial: false,
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
            discounts: applied.iter().map(|one| one.source).collect(),
            state,
            settled,
            replaces: None,
            replaced_by: None,
            refunded: None,
            credited: None,
            account_sequence: 0,
        });
        self.invoices += 1;
    }

    fn full_amount(&self, item: &Item) -> Minor {
        self.catalogue.price(item.price).charge(item.quantity).rounded()
    }

    fn is_metered(&self, item: &Item) -> bool {
        self.catalogue.price(item.price).tariff.is_metered()
    }
}
