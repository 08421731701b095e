//! What Chargebee lists.

use mrr_connector_sdk::{Stream, StreamKind};

use crate::config::Catalog;

const fn reference(name: &'static str) -> Stream {
    Stream { name, kind: StreamKind::Reference }
}

const fn account(name: &'static str) -> Stream {
    Stream { name, kind: StreamKind::Account }
}

/// References first, then what refers to them.
const ITEMS: &[Stream] = &[
    reference("items"),
    reference("item_prices"),
    reference("coupons"),
    account("customers"),
    account("subscriptions"),
    account("invoices"),
    account("credit_notes"),
];

/// The same of product catalog 1.0.
const PLANS: &[Stream] = &[
    reference("plans"),
    reference("addons"),
    reference("coupons"),
    account("customers"),
    account("subscriptions"),
    account("invoices"),
    account("credit_notes"),
];

/// The streams of a site.
pub(crate) fn all(catalog: Catalog) -> &'static [Stream] {
    match catalog {
        Catalog::Items => ITEMS,
        Catalog::Plans => PLANS,
    }
}

/// How a stream is listed.
pub(crate) struct Listing {
    /// What one record is called in its wrapping: `{"list":[{"customer":{...}}]}`.
    pub(crate) noun: &'static str,
    /// Whether deleted records are hidden unless asked for.
    pub(crate) hides_deleted: bool,
    /// Whether it can be asked for what was changed since.
    pub(crate) by_update: bool,
}

/// How `stream` is listed; `None` when there is no such stream.
pub(crate) fn listing(stream: &str) -> Option<Listing> {
    let of = |noun, hides_deleted, by_update| Some(Listing { noun, hides_deleted, by_update });
    match stream {
        "items" => of("item", false, true),
        "item_prices" => of("item_price", false, true),
        "plans" => of("plan", true, false),
        "addons" => of("addon", true, false),
        "coupons" => of("coupon", false, true),
        "customers" => of("customer", true, true),
        "subscriptions" => of("subscription", true, true),
        "invoices" => of("invoice", true, true),
        "credit_notes" => of("credit_note", true, true),
        _ => None,
    }
}
