//! All bills of an account and their lines, each once, by subscription.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::model::{Invoice, InvoiceStatus, Line};

/// What invoices and pending invoice items say.
#[derive(Default)]
pub(super) struct Bills {
    bills: Vec<(String, Bill)>,
    lines: Vec<Line>,
    items: Vec<Line>,
}

/// An invoice of one subscription, as far as it tells how the subscription stood.
#[derive(Debug, Clone)]
pub(super) struct Bill {
    /// The record that it is, as `stream/id`.
    pub(super) origin: String,
    /// When the period that it bills began.
    pub(super) at: DateTime<Utc>,
    /// How the subscription stood then; `None` when the bill does not tell.
    pub(super) mark: Option<Mark>,
    /// When it was paid; of one that was taken back or given up as it was made, nothing was owed.
    pub(super) settled: Option<DateTime<Utc>>,
    /// Whether an attempt to collect it has failed.
    pub(super) failed: bool,
    /// Until when it may be paid, where the customer is sent it instead of being charged.
    pub(super) due: Option<DateTime<Utc>>,
    /// Until when it bills whole periods, if it does.
    pub(super) covers: Option<DateTime<Utc>>,
    /// Whether it began the subscription.
    pub(super) first: bool,
    /// The discounts that it names, itself or on a line, in the order in which they work.
    pub(super) discounts: Vec<String>,
    /// What was paid on it, if it is paid.
    pub(super) paid: Option<Paid>,
    /// Whether it would name a discount: it bills a whole period, and not for nothing.
    pub(super) telling: bool,
}

/// A payment of a bill, or several.
#[derive(Debug, Clone)]
pub(super) struct Paid {
    /// In the minor unit.
    pub(super) amount: Decimal,
    /// Payment intents and charges.
    pub(super) by: BTreeSet<String>,
}

/// How a subscription stood when a bill was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// What it costs was collected, or was to be.
    Collected,
    /// Its bills were voided as they were made.
    Voided,
    /// Its bills were left as drafts, because one before was never paid.
    Held,
}

/// Stripe tries for two weeks by default before it gives a bill up.
pub(super) const RETRIES: TimeDelta = TimeDelta::days(14);
/// A draft becomes a bill within three days at the latest.
const DRAFTED: TimeDelta = TimeDelta::days(3);
/// A bill that was taken back or given up later than this was so by hand, or after attempts.
const AT_ONCE: TimeDelta = TimeDelta::days(1);

impl Bill {
    /// `told` is when the invoice was as it is.
    fn of(origin: String, invoice: &Invoice, told: DateTime<Utc>) -> Self {
        let soon = |at: DateTime<Utc>| at - invoice.created <= AT_ONCE;
        let at_once = invoice.voided.is_none_or(soon);
        // While a pause gives bills up as they are made, service goes on for nothing.
        let for_nothing = invoice.status == InvoiceStatus::Void || invoice.written_off.is_some_and(soon);
        let mark = match invoice.status {
            InvoiceStatus::Final => Some(Mark::Collected),
            InvoiceStatus::Draft => (told - invoice.created > DRAFTED).then_some(Mark::Held),
            InvoiceStatus::Void if invoice.first => None,
            InvoiceStatus::Void if at_once && !invoice.revised => Some(Mark::Voided),
            InvoiceStatus::Void => Some(Mark::Collected),
        };
        let attached = invoice.line_discounts.iter().chain(&invoice.discounts).map(|attached| &attached.id);
        let named = attached.chain(invoice.lines.iter().flat_map(|line| &line.named));
        let mut discounts: Vec<String> = Vec::new();
        for id in named {
            if !discounts.contains(id) {
                discounts.push(id.clone());
            }
        }
        Self {
            origin,
            at: invoice.at(),
            mark,
            settled: invoice.paid.or(for_nothing.then_some(invoice.created)),
            failed: invoice.failed,
            due: invoice.due,
            covers: invoice.lines.iter().filter(|line| line.is_period()).map(|line| line.end).max(),
            first: invoice.first,
            discounts,
            paid: invoice.paid.map(|_| Paid { amount: invoice.amount_paid, by: invoice.payments.clone() }),
            telling: invoice.lines.iter().any(|line| line.is_period() && !line.free),
        }
    }
}

impl Bill {
    /// Whether it was sent or charged and not paid by then.
    pub(super) fn is_owed_at(&self, at: DateTime<Utc>) -> bool {
        self.at <= at && self.mark == Some(Mark::Collected) && self.settled.is_none_or(|paid| at < paid)
    }

    /// Whether it was sent or charged although one before was owed for longer than Stripe tries: whoever has it so
    /// leaves such subscriptions past due, and none goes unpaid.
    pub(super) fn goes_on_past_due(&self, bills: &[&Self]) -> bool {
        let long_owed = |other: &&Self| other.is_owed_at(self.at) && self.at - other.expected() > RETRIES * 2;
        self.mark == Some(Mark::Collected) && bills.iter().any(long_owed)
    }

    /// When it should have been paid.
    pub(super) fn expected(&self) -> DateTime<Utc> {
        self.due.map_or(self.at, |due| due.max(self.at))
    }
}

/// What they say about one subscription.
#[derive(Default)]
pub(super) struct ContractBills {
    /// Oldest first.
    pub(super) bills: Vec<Bill>,
    /// In the order in which things happened.
    pub(super) lines: Vec<Line>,
}

impl Bills {
    pub(super) fn add_invoice(&mut self, origin: String, invoice: Invoice, told: DateTime<Utc>) {
        let of_line = invoice.lines.first().map(|line| line.subject.subscription.clone());
        if let Some(subscription) = invoice.subscription.clone().or(of_line) {
            self.bills.push((subscription, Bill::of(origin, &invoice, told)));
        }
        self.lines.extend(invoice.lines);
    }

    pub(super) fn add_item(&mut self, item: Line) {
        self.items.push(item);
    }

    /// The bills and lines of each subscription that is known or named, but for those of
    /// `without`.
    ///
    /// An invoice item is used as the line that it became, or by itself while it waits. Lines of
    /// drafts and of void invoices tell as well what was in force: only what they ask for came to
    /// nothing.
    pub(super) fn by_subscription<'a>(
        self,
        known: impl Iterator<Item = &'a str>,
        without: &BTreeSet<&str>,
    ) -> BTreeMap<String, ContractBills> {
        let mut contracts: BTreeMap<String, ContractBills> =
            known.map(|id| (id.to_owned(), ContractBills::default())).collect();
        let mut lines = self.lines;
        lines.sort_by(|a, b| (&a.order, &a.id).cmp(&(&b.order, &b.id)));
        let mut used_lines = BTreeSet::new();
        let mut used_items = BTreeSet::new();
        for line in lines.into_iter().chain(self.items) {
            // Ids of lines were reused by old versions, but never within one invoice.
            let again = !used_lines.insert((line.origin.clone(), line.id.clone()))
                || line.invoice_item.as_ref().is_some_and(|item| !used_items.insert(item.clone()));
            if again || without.contains(line.subject.subscription.as_str()) {
                continue;
            }
            contracts.entry(line.subject.subscription.clone()).or_default().lines.push(line);
        }
        for (subscription, bill) in self.bills {
            if let Some(contract) = contracts.get_mut(&subscription) {
                contract.bills.push(bill);
            }
        }
        for contract in contracts.values_mut() {
            contract.lines.sort_by(|a, b| (a.start, &a.order, &a.id).cmp(&(b.start, &b.order, &b.id)));
            contract.bills.sort_by(|a, b| (a.at, &a.origin).cmp(&(b.at, &b.origin)));
        }
        contracts
    }
}
