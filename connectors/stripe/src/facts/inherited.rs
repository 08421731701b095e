//! Discounts of the customer itself: they work on each of its subscriptions that has none of its
//! own at that time.

use std::collections::BTreeMap;

use super::attached::{Attachment, By, Sight, follow};
use super::bills::ContractBills;
use super::registry::{Entry, Registry};

/// A discount of the customer.
pub(super) struct Inherited<'a> {
    pub(super) entry: &'a Entry,
    pub(super) attached: Attachment,
}

/// The customer's discounts, the oldest first, by its own records and by the bills of all of its
/// subscriptions.
pub(super) fn inherited<'a>(
    customer: &str,
    registry: &'a Registry,
    contracts: &BTreeMap<String, ContractBills>,
) -> Vec<Inherited<'a>> {
    let of_customer = |id: &str| registry.get(id).is_some_and(|entry| entry.applied.of_customer());
    let mut found = Vec::new();
    for entry in registry.entries().filter(|entry| entry.applied.of_customer()) {
        let id = entry.applied.id.as_str();
        let read = registry.of_customer.iter().map(|(at, shown)| Sight {
            at: *at,
            shown: shown.as_deref() == Some(id),
            by: By::State,
            origin: format!("customers/{customer}"),
        });
        let mut sights: Vec<Sight> = read.chain(registry.sights(id)).collect();
        for bills in contracts.values() {
            for bill in &bills.bills {
                let named = bill.discounts.iter().any(|named| named == id);
                // A bill with a discount of its subscription's own would not name the customer's.
                let own = bill.discounts.iter().any(|named| !of_customer(named));
                if named || (bill.telling && !own) {
                    sights.push(Sight { at: bill.at, shown: named, by: By::Bill, origin: bill.origin.clone() });
                }
            }
        }
        found.push(Inherited { entry, attached: follow(&entry.applied, true, sights) });
    }
    found.sort_by_key(|inherited| (inherited.entry.applied.start, inherited.entry.applied.id.clone()));
    found
}
