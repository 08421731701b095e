//! What a billing system makes of the world: invoices with lines, and prorations for changes inside a period.
//!
//! Between the world and the faces. The rules are those of the common cloud billing systems; the words and shapes
//! of one vendor are left to its face.

mod aftermath;
mod biller;
mod discount;
mod document;
mod reductions;
mod settle;

pub use discount::{allocate, line_discounts};
pub use document::{Invoice, Ledger, Line, Proration, Reason, Source, State};

use crate::world::Company;
use crate::world::account::Account;
use crate::world::catalogue::Catalogue;
use crate::world::clock::{DAY, Moment};

/// Everything that an account was billed before now, oldest first.
pub fn bill(account: &Account, catalogue: &Catalogue, now: Moment) -> Ledger {
    let mut ledger = Ledger::default();
    for subscription in &account.subscriptions {
        biller::Biller::new(account, subscription, catalogue, &mut ledger).run(now);
    }
    settle::settle(&mut ledger, u64::from(account.number), now);
    ledger
}

/// How long an account's payments are on their way, in seconds.
pub(crate) fn collection_seconds(account: &Account) -> Option<i64> {
    settle::pays_by_debit(u64::from(account.number)).then_some(settle::DEBIT_DAYS * DAY)
}

/// The ledgers of all accounts, in the order of the accounts.
pub fn bill_all(company: &Company) -> Vec<Ledger> {
    company.accounts.iter().map(|account| bill(account, &company.catalogue, company.horizon.now)).collect()
}
