//! Counts that show at a glance what a world holds.

mod special;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::billing::bill_all;
use crate::world::Company;
use crate::world::subscription::{Act, Edit, Subscription};

/// One count a line, `name value`.
pub fn summary(company: &Company) -> String {
    let ledgers = bill_all(company);
    let subscriptions: Vec<&Subscription> = company.accounts.iter().flat_map(|a| &a.subscriptions).collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut count = |name: &str, n: usize| *counts.entry(name.into()).or_default() += n;
    count("accounts", company.accounts.len());
    count("subscriptions", subscriptions.len());
    count("invoices", ledgers.iter().map(|l| l.invoices.len()).sum());
    count("invoice_lines", ledgers.iter().flat_map(|l| &l.invoices).map(|i| i.lines.len()).sum());
    count("invoices_over_10_lines", ledgers.iter().flat_map(|l| &l.invoices).filter(|i| i.lines.len() > 10).count());
    count("prorations", ledgers.iter().map(|l| l.prorations.len()).sum());
    count(
        "prorations_pending",
        ledgers.iter().flat_map(|l| &l.prorations).filter(|p| p.invoice.is_none() && p.deleted.is_none()).count(),
    );
    for account in &company.accounts {
        count(&format!("accounts_{}", account.customer.currency.code()), 1);
        count("accounts_without_subscription", usize::from(account.subscriptions.is_empty()));
        count("accounts_with_several_subscriptions", usize::from(account.subscriptions.len() > 1));
    }
    for subscription in subscriptions {
        let contract = subscription.contract();
        count("subscriptions_in_force", usize::from(contract.in_force));
        count("subscriptions_ending_with_period", usize::from(contract.in_force && contract.end_requested.is_some()));
        count("subscriptions_over_10_items", usize::from(contract.items.len() > 10));
        count("subscriptions_with_coupon", usize::from(subscription.first_coupon().is_some()));
        special::kinds(subscription, company).into_iter().for_each(|kind| count(kind, 1));
        for change in &subscription.history {
            kinds(&change.act).into_iter().for_each(|kind| count(kind, 1));
        }
    }
    for account in &company.accounts {
        special::account_kinds(account).into_iter().for_each(|kind| count(kind, 1));
    }
    counts.iter().fold(String::new(), |mut text, (name, n)| {
        let _ = writeln!(text, "{name} {n}");
        text
    })
}

fn kinds(act: &Act) -> Vec<&'static str> {
    match act {
        Act::Started { .. } => vec!["change_started"],
        Act::Switched { .. } => vec!["change_interval"],
        Act::EndRequested => vec!["change_end_requested"],
        Act::EndWithdrawn => vec!["change_end_withdrawn"],
        Act::EndedAtOnce => vec!["change_ended_at_once"],
        Act::EndedWithPeriod => vec!["change_ended_with_period"],
        Act::Amended { edits, .. } => edits
            .iter()
            .map(|edit| match edit {
                Edit::Quantity { .. } => "change_quantity",
                Edit::Price { .. } | Edit::Replace { .. } => "change_plan",
                Edit::Add(_) => "change_item_added",
                Edit::Remove { .. } => "change_item_removed",
            })
            .collect(),
        // Everything else happens in the full repertoire only, and is counted where that is at home.
        _ => Vec::new(),
    }
}
