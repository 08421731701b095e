//! Billing documents.

use crate::world::catalogue::PriceNumber;
use crate::world::clock::Moment;
use crate::world::cycle::Period;
use crate::world::money::Minor;

/// Why an invoice was written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reason {
    /// The subscription started.
    Started,
    /// A period ended and the next began, or only ended.
    Renewed,
    /// A change was settled at once.
    Amended,
    /// It ended inside a period.
    Ended,
}

/// Which coupon in use took something off.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    /// One of the subscription's own, by its number.
    Own(u16),
    /// One of the customer's, by its number.
    Customer(u16),
}

/// What has become of an invoice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// Written and never sent.
    Draft,
    /// Waits for its payment.
    Open,
    /// Collected, or nothing was owed.
    Paid,
    /// Given up.
    Uncollectible,
    /// Taken back.
    Void,
}

/// The part of a period that a change makes cheaper (negative) or dearer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proration {
    /// Of this subscription of the account.
    pub subscription: u16,
    /// Number within the subscription.
    pub sequence: u32,
    /// Of this item.
    pub item: u16,
    /// What one unit costs for a whole period.
    pub price: PriceNumber,
    /// Units.
    pub quantity: u32,
    /// From the change to the end of the running period.
    pub period: Period,
    /// With percent reductions already in it; negative for unused time.
    pub amount: Minor,
    /// Position in [`Ledger::invoices`] of the invoice that it was billed with, if it has been.
    pub invoice: Option<usize>,
    /// When it was struck off instead.
    pub deleted: Option<Moment>,
}

/// One line of an invoice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// For this item of the subscription.
    pub item: u16,
    /// What one unit costs for a whole period.
    pub price: PriceNumber,
    /// Units.
    pub quantity: u32,
    /// The service paid for.
    pub period: Period,
    /// Before reductions.
    pub amount: Minor,
    /// What each coupon in use takes off, positive.
    pub discounts: Vec<(Source, Minor)>,
    /// Whether it stands for a trial, which costs nothing.
    pub trial: bool,
    /// Position in [`Ledger::prorations`] of the proration that it bills; none for a whole period.
    pub proration: Option<usize>,
}

impl Line {
    /// The sum of the reductions, positive.
    pub fn discount(&self) -> Minor {
        self.discounts.iter().map(|(_, amount)| amount).sum()
    }
}

/// One invoice of one subscription.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invoice {
    /// Of this subscription of the account.
    pub subscription: u16,
    /// Number within the subscription.
    pub sequence: u32,
    /// Why it was written.
    pub reason: Reason,
    /// When.
    pub at: Moment,
    /// The span that it closes: the period before a renewal, nothing for a start.
    pub closes: Period,
    /// Prorations first, then a line for each item.
    pub lines: Vec<Line>,
    /// Owed by the customer (positive) or to it (negative) before this invoice.
    pub starting_balance: Minor,
    /// The same after it.
    pub ending_balance: Minor,
    /// To be collected, never negative.
    pub due: Minor,
    /// The coupons in use when it was written.
    pub discounts: Vec<Source>,
    /// What has become of it.
    pub state: State,
    /// When it became paid, uncollectible or void.
    pub settled: Option<Moment>,
    /// The invoice that it was written in place of, by its number within the subscription.
    pub replaces: Option<u32>,
    /// The invoice that was written in its place.
    pub replaced_by: Option<u32>,
    /// When it was paid back.
    pub refunded: Option<Moment>,
    /// When a part of it was credited.
    pub credited: Option<Moment>,
    /// Number within the account, from 1.
    pub account_sequence: u32,
}

impl Invoice {
    /// The sum of the lines before reductions.
    pub fn subtotal(&self) -> Minor {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// The sum of the reductions, positive.
    pub fn discount(&self) -> Minor {
        self.lines.iter().map(Line::discount).sum()
    }

    /// What one coupon in use took off it.
    pub fn discount_by(&self, source: Source) -> Minor {
        self.lines.iter().flat_map(|line| &line.discounts).filter(|(by, _)| *by == source).map(|(_, off)| off).sum()
    }

    /// What the service costs.
    pub fn total(&self) -> Minor {
        self.subtotal() - self.discount()
    }
}

/// All documents of one account.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ledger {
    /// Oldest first.
    pub invoices: Vec<Invoice>,
    /// Grouped by subscription, oldest first in each.
    pub prorations: Vec<Proration>,
    /// Owed by the customer (positive) or to it (negative) at virtual now.
    pub balance: Minor,
}
