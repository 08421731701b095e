//! What no agreement tells, and only bills do: what was used, and that money was given back.

use super::rate::RunRate;
use crate::billing::{Invoice, Ledger, Line, State};
use crate::world::account::Account;
use crate::world::catalogue::Catalogue;
use crate::world::clock::Moment;
use crate::world::contract::Contract;
use crate::world::cycle::{Cycle, Interval};
use crate::world::money::{Rate, divide_half_even};
use crate::world::subscription::Subscription;

/// A bill for usage as a rate: over a quarter, or over the price's own interval where that is longer.
pub(super) struct Used {
    /// Of this subscription of the account.
    pub subscription: u16,
    /// When the bill was written.
    pub from: Moment,
    pub until: Moment,
    rate: Rate,
}

impl Used {
    /// What a subscription's bills for usage come to at a moment. What was used has no reductions left to take off.
    pub fn at(all: &[Self], subscription: u16, moment: Moment) -> RunRate {
        let running = all.iter().filter(|used| used.from <= moment && moment < used.until);
        let net: Rate = running.filter(|used| used.subscription == subscription).map(|used| used.rate).sum();
        RunRate { net, gross: net }
    }
}

/// All that was used and billed.
pub(super) fn used(account: &Account, catalogue: &Catalogue, ledger: &Ledger) -> Vec<Used> {
    let sent = |invoice: &&Invoice| matches!(invoice.state, State::Open | State::Paid | State::Uncollectible);
    let mut all = Vec::new();
    for invoice in ledger.invoices.iter().filter(sent) {
        let currency = account.subscription(invoice.subscription).currency;
        for line in invoice.lines.iter().filter(|line| is_usage(line, catalogue)) {
            let interval = match catalogue.price(line.price).interval {
                longer @ (Interval::Year | Interval::TwoYears) => longer,
                _ => Interval::Quarter,
            };
            let (billings, years) = interval.billings();
            let a_year = i128::from(line.amount - line.discount()) * i128::from(billings) * 1_000_000;
            let parts = i128::from(years) * 10_i128.pow(currency.exponent());
            all.push(Used {
                subscription: invoice.subscription,
                from: invoice.at,
                until: Cycle { anchor: invoice.at, interval }.boundary(1),
                rate: Rate(divide_half_even(a_year, parts)),
            });
        }
    }
    all
}

/// When all was given back that a subscription had paid for its last period; none if it goes on all the same.
pub(super) fn given_back(subscription: &Subscription, catalogue: &Catalogue, ledger: &Ledger) -> Option<Moment> {
    let mut contract = Contract::default();
    subscription.history.iter().for_each(|change| contract.apply(change));
    if contract.in_force && contract.end_requested.is_none() && contract.end_planned.is_none() {
        return None;
    }
    let paid = ledger.invoices.iter().filter(|i| i.subscription == subscription.number && i.state == State::Paid);
    let begins = |invoice: &Invoice| {
        let whole = invoice.lines.iter().filter(|line| line.proration.is_none() && !is_usage(line, catalogue));
        whole.map(|line| line.period.from).max()
    };
    let (last, _) = paid.filter_map(|invoice| Some((invoice, begins(invoice)?))).max_by_key(|(_, begins)| *begins)?;
    last.refunded.filter(|_| last.due > 0)
}

fn is_usage(line: &Line, catalogue: &Catalogue) -> bool {
    catalogue.price(line.price).tariff.is_metered()
}
