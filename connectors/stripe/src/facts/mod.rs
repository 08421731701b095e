//! From the records of one customer to facts: pure, total, and the same in any order.

mod account;
mod attached;
mod bills;
mod book;
mod charge;
mod contract;
mod discount;
mod doubt;
mod gather;
mod grade;
mod granted;
mod history;
mod in_force;
mod inherited;
mod known;
mod moment;
mod order;
mod planned;
mod rebuild;
mod refunded;
mod registry;
mod span;
mod standing;
mod stood;
mod taken;
mod usage;
mod watch;

use std::collections::BTreeMap;

use mrr_connector_sdk::{Mapper, RawRecord};
use revenue::fact::{AccountFacts, Problem};

use crate::config::Config;
use crate::model::Status;
use bills::ContractBills;
use book::Book;
use charge::{Pricing, Unpriced};
use contract::Contract;
use discount::Sold;
use doubt::Open;
use inherited::Inherited;
use registry::Registry;

/// Maps customers with the prices, products and coupons of the whole account.
pub(crate) struct StripeMapper {
    book: Book,
    foreign_ids: BTreeMap<String, String>,
}

impl StripeMapper {
    pub(crate) fn new(references: &[RawRecord], config: &Config) -> Self {
        Self { book: Book::of(references, config.exponents.clone()), foreign_ids: config.foreign_ids.clone() }
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
            account::read(record, &self.foreign_ids, &mut facts);
        }
        let gathered = gather::gather(account, &records, &mut facts.problems);
        if gathered.simulated {
            return facts;
        }
        let gather::Gathered { subscriptions, left_out, bills, planned, scheduled, registry, refunds, .. } = gathered;
        // What an invoice says about a subscription that can't be read has no beginning or end.
        let left_out = left_out.iter().map(String::as_str).collect();
        let contracts = bills.by_subscription(subscriptions.keys().map(String::as_str), &left_out);
        let inherited = inherited::inherited(account, &registry, &contracts);
        for (id, bills) in &contracts {
            let mut contract = Contract::of(id, subscriptions.get(id), bills, planned.get(id), &self.book);
            contract.refunded = contract.given_back(&refunds);
            add(contract, &registry, &inherited, &mut facts);
        }
        let none = ContractBills::default();
        for (id, plan) in &scheduled {
            add(Contract::scheduled(id, plan, &none, &self.book), &registry, &inherited, &mut facts);
        }
        tidy(&mut facts.problems);
        facts
    }
}

/// Adds the charges, discounts, doubts and problems of one subscription.
fn add(mut contract: Contract<'_>, registry: &Registry, inherited: &[Inherited<'_>], facts: &mut AccountFacts) {
    if contract.known.is_none() && !contract.scheduled {
        facts.problems.push(Problem {
            stream: "subscriptions".into(),
            record: contract.id.to_owned(),
            field: String::new(),
            message: "is named by invoices but was not listed; its charges are taken from the invoices alone".into(),
        });
    }
    let standing = contract.standing_by_bills();
    (contract.suspended, contract.paused) = (standing.suspended, standing.paused);
    for (span, paused) in contract.suspended_as_known() {
        if paused { &mut contract.paused } else { &mut contract.suspended }.push(span);
    }
    if !contract.ever_in_force() {
        return;
    }
    let contract = &contract;
    let counts = contract.known.is_some_and(|known| known.newest().status == Status::Counts);
    if counts && contract.lines_by_item().is_empty() {
        facts.problems.push(Problem {
            stream: "subscriptions".into(),
            record: contract.id.to_owned(),
            field: "items".into(),
            message: "are none, and no invoice names any; the subscription is in force and counted with nothing".into(),
        });
    }
    let mut open = standing.open;
    open.extend(contract.turned_unseen());
    let mut items = contract.histories();
    let mut pricing = Pricing::of(contract, &mut facts.problems);
    let mut sold: Vec<Sold<'_>> = Vec::new();
    let mut priced = Vec::new();
    for (item, history) in &mut items {
        let gaps = std::mem::take(&mut history.gaps);
        // Usage is another in each period, and nothing that recurs; what can't be priced may be.
        let mut recurs = false;
        for (index, change) in history.changes.iter().enumerate() {
            let Some(state) = &change.state else { continue };
            let next = history.changes.get(index + 1).map(|next| next.at);
            let until = next.or_else(|| contract.item_end(item));
            let costs = match pricing.price(item, state, change) {
                Ok(Some(costs)) => costs,
                Ok(None) => continue,
                Err(Unpriced) => {
                    recurs = true;
                    open.push(Open::unpriced(contract, item, change, until));
                    continue;
                }
            };
            recurs = true;
            sold.push(Sold { item, product: costs.product.clone(), from: change.at, until });
            priced.push((*item, change, costs, until));
        }
        open.extend(gaps.into_iter().filter(|_| recurs).map(|gap| Open::of_item(item, gap)));
    }
    open.extend(discount::add(contract, &sold, registry, inherited, facts));
    // What never counted leaves nothing open.
    if !contract.ever_counted() {
        open.clear();
    }
    let doubts = doubt::doubts(contract, open);
    for (item, change, costs, until) in priced {
        for span in contract.in_force(change.at, until) {
            facts.charges.extend(grade::charges(contract, item, change, &costs, span, &doubts));
        }
    }
    usage::add(contract, facts);
    facts.doubts.extend(doubts.into_iter().map(|(doubt, _)| doubt));
    facts.stood.extend(contract.stood());
}

/// One problem is told once, whichever way it was met.
fn tidy(problems: &mut Vec<Problem>) {
    problems.sort();
    problems.dedup();
}
