//! From the records of one customer to facts: pure, total, and the same in any order.

mod account;
mod book;
mod charge;
mod contract;
mod discount;
mod granted;
mod history;
mod in_force;
mod lines;
mod seen;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use mrr_connector_sdk::{Mapper, RawRecord};
use revenue::fact::{AccountFacts, Problem};

use crate::currency::Exponents;
use crate::model::{self, Problems};
use book::Book;
use charge::Pricing;
use contract::Contract;
use lines::Evidence;
use seen::Seen;

/// Maps customers with the prices, products and coupons of the whole account.
pub(crate) struct StripeMapper {
    book: Book,
}

impl StripeMapper {
    pub(crate) fn new(references: &[RawRecord], exponents: Exponents) -> Self {
        Self { book: Book::of(references, exponents) }
    }
}

impl Mapper for StripeMapper {
    fn facts(&self, account: &str, records: &[RawRecord]) -> AccountFacts {
        let mut facts = AccountFacts::default();
        let mut records: Vec<&RawRecord> = records.iter().collect();
        // One order for all orders, so that no choice below depends on how the records came.
        records.sort_by_key(|record| (&record.stream, &record.id));
        let of_stream = |stream: &'static str| records.iter().filter(move |record| record.stream == stream);

        for record in of_stream("customers").filter(|record| record.id == account) {
            account::read(record, &mut facts);
        }
        let mut subscriptions: BTreeMap<&str, Seen> = BTreeMap::new();
        let mut unreadable: BTreeSet<&str> = BTreeSet::new();
        for record in of_stream("subscriptions") {
            let mut problems = Problems::of("subscriptions", &record.id, &mut facts.problems);
            match Seen::read(record, &mut problems) {
                Some(seen) => drop(subscriptions.insert(&record.id, seen)),
                None => drop(unreadable.insert(&record.id)),
            }
        }
        let mut evidence = Evidence::default();
        let newest_of = |stream: &'static str| {
            of_stream(stream).filter_map(|record| Some((record.id.as_str(), record.newest()?.payload.as_str())))
        };
        for (id, payload) in newest_of("invoices") {
            let mut problems = Problems::of("invoices", id, &mut facts.problems);
            if let Some(invoice) = model::invoice(id, payload, &mut problems) {
                evidence.add_invoice(invoice);
            }
        }
        for (id, payload) in newest_of("invoiceitems") {
            let mut problems = Problems::of("invoiceitems", id, &mut facts.problems);
            if let Some(line) = model::invoice_item(id, payload, &mut problems) {
                evidence.add_item(line);
            }
        }
        // What an invoice says about a subscription that can't be read has no beginning or end.
        let contracts = evidence.by_subscription(subscriptions.keys().copied(), &unreadable);
        for (id, lines) in contracts {
            let seen = subscriptions.get(id.as_str());
            add(&Contract::of(&id, seen, &lines, &self.book), &mut facts);
        }
        tidy(&mut facts.problems);
        facts
    }
}

/// Adds the charges, discounts and problems of one subscription.
fn add(contract: &Contract<'_>, facts: &mut AccountFacts) {
    if contract.seen.is_none() {
        facts.problems.push(Problem {
            stream: "subscriptions".into(),
            record: contract.id.to_owned(),
            field: String::new(),
            message: "is named by invoices but was not listed; its charges are taken from the invoices alone".into(),
        });
    }
    if !contract.ever_in_force() {
        return;
    }
    let items = contract.histories();
    let mut pricing = Pricing::of(contract, &mut facts.problems);
    let mut products: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (item, history) in &items {
        for (index, change) in history.0.iter().enumerate() {
            let Some(state) = &change.state else { continue };
            let next = history.0.get(index + 1).map(|next| next.at);
            let Some(priced) = pricing.price(item, state, change) else { continue };
            products.entry(item).or_default().insert(priced.product.clone());
            for (from, until) in contract.in_force(change.at, next.or_else(|| contract.item_end(item))) {
                facts.charges.extend(charge::split(contract, item, change, &priced, from, until));
            }
        }
    }
    discount::add(contract, &products, facts);
}

/// One problem is told once, whichever way it was met.
fn tidy(problems: &mut Vec<Problem>) {
    problems.sort();
    problems.dedup();
}
