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
    /// The reduction, positive.
    pub discount: Minor,
    /// Position in [`Ledger::prorations`] of the proration that it bills; none for a whole period.
    pub proration: Option<usize>,
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
    /// Whether it has been collected.
    pub paid: bool,
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
        self.lines.iter().map(|line| line.discount).sum()
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
