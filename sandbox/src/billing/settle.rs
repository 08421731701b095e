//! Collecting: an account's invoices in the order of time, with its balance.

use super::document::{Ledger, State};
use crate::random::splitmix;
use crate::world::clock::{DAY, Moment};
use crate::world::money::Minor;

/// How long a bank debit may be on its way.
pub(super) const DEBIT_DAYS: i64 = 3;

/// Whether an account's payments are on their way for some days.
pub(super) fn pays_by_debit(account: u64) -> bool {
    splitmix(&mut account.wrapping_add(0x5eba)).is_multiple_of(3)
}

/// Orders the invoices, carries credits from one to the next, and leaves some of the very latest unpaid.
pub(super) fn settle(ledger: &mut Ledger, account: u64, now: Moment) {
    let mut order: Vec<usize> = (0..ledger.invoices.len()).collect();
    order.sort_by_key(|&n| (ledger.invoices[n].at, ledger.invoices[n].subscription, n));
    let mut position = vec![0; order.len()];
    order.iter().enumerate().for_each(|(to, &from)| position[from] = to);
    for proration in &mut ledger.prorations {
        proration.invoice = proration.invoice.map(|from| position[from]);
    }
    let mut slots: Vec<_> = std::mem::take(&mut ledger.invoices).into_iter().map(Some).collect();
    ledger.invoices = order.iter().filter_map(|&from| slots[from].take()).collect();

    let pays_by_debit = pays_by_debit(account);
    let mut balance: Minor = 0;
    for (n, invoice) in ledger.invoices.iter_mut().enumerate() {
        if matches!(invoice.state, State::Draft | State::Void | State::Uncollectible) {
            // Nothing will come of it, so it takes nothing from the balance either.
            (invoice.starting_balance, invoice.ending_balance) = (balance, balance);
            invoice.due = invoice.total().max(0);
            invoice.account_sequence = n as u32 + 1;
            continue;
        }
        let owed = invoice.total() + balance;
        invoice.starting_balance = balance;
        invoice.ending_balance = owed.min(0);
        invoice.due = owed.max(0);
        invoice.account_sequence = n as u32 + 1;
        let on_its_way = pays_by_debit && invoice.at.0 > now.0 - DEBIT_DAYS * DAY;
        if invoice.due == 0 {
            (invoice.state, invoice.settled) = (State::Paid, invoice.settled.or(Some(invoice.at)));
        } else if on_its_way && invoice.state == State::Paid {
            (invoice.state, invoice.settled) = (State::Open, None);
        }
        balance = invoice.ending_balance;
    }
    ledger.balance = balance;
}
