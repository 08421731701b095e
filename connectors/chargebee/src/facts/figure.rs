//! Chargebee's own figure beside ours, as it stood on each day: an attribute of the account, in no number of ours.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mrr_connector_sdk::Exponents;
use revenue::fact::{AccountFacts, Attribute};
use revenue::money::Currency;
use rust_decimal::Decimal;

use super::contract::Contract;
use super::gather::By;

/// The attribute's name. A value is an amount a month, its currency, and by which rules it is made, such as `49.90 EUR
/// (items to 0.01, limited discounts monthly)`; several have a semicolon between.
const NAME: &str = "vendor_mrr";

/// Chargebee counts a discount for a limited period on what is billed monthly or more often, and nowhere else.
const LIMITED: &str = "limited discounts monthly";

/// A contract by its place, and what it is said to be worth a month.
type Figure = (usize, Currency, Option<Decimal>);

/// Adds the sum of all subscriptions' `mrr`.
pub(super) fn add(contracts: &[Contract<'_>], exponents: &Exponents, facts: &mut AccountFacts) {
    let mut changes: BTreeMap<DateTime<Utc>, Vec<Figure>> = BTreeMap::new();
    for (place, contract) in contracts.iter().enumerate() {
        for entry in contract.entries.iter().filter(|entry| entry.by != By::Plan) {
            let figure = entry.subscription.mrr.filter(|_| entry.subscription.status.in_force());
            changes.entry(entry.at).or_default().push((place, entry.subscription.currency, figure));
        }
    }
    let mut figures: BTreeMap<usize, (Currency, Decimal)> = BTreeMap::new();
    let mut last: Option<Attribute> = None;
    for (at, changed) in changes {
        for (place, currency, figure) in changed {
            match figure {
                Some(figure) => figures.insert(place, (currency, figure)),
                None => figures.remove(&place),
            };
        }
        let value = told(figures.values(), exponents);
        if last.as_ref().map(|last| last.value.as_str()).unwrap_or_default() == value {
            continue;
        }
        facts.attributes.extend(last.take().map(|last| Attribute { until: Some(at), ..last }));
        if !value.is_empty() {
            last = Some(Attribute { name: NAME.into(), value, from: Some(at), until: None });
        }
    }
    facts.attributes.extend(last);
}

fn told<'a>(figures: impl Iterator<Item = &'a (Currency, Decimal)>, exponents: &Exponents) -> String {
    let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
    for (currency, figure) in figures {
        // Each item is rounded to the smallest amount that Chargebee bills.
        let smallest = Decimal::new(1, exponents.of(*currency).unwrap_or(2));
        let sum = sums.entry(format!("{currency} (items to {smallest}, {LIMITED})")).or_default();
        *sum = sum.checked_add(*figure).unwrap_or(*sum);
    }
    let told: Vec<String> = sums.iter().map(|(currency, sum)| format!("{} {currency}", sum.normalize())).collect();
    told.join("; ")
}
