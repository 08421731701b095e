//! What Stripe lists, and what must be asked for to get it whole.

use mrr_connector_sdk::{Stream, StreamKind};

/// The streams: references first, then what refers to them. Invoices come late, so that an
/// invoice item is read before the invoice that takes it up, and a refund after what it refunds.
pub(crate) const ALL: &[Stream] = &[
    Stream { name: "products", kind: StreamKind::Reference },
    Stream { name: "prices", kind: StreamKind::Reference },
    Stream { name: "coupons", kind: StreamKind::Reference },
    Stream { name: "customers", kind: StreamKind::Account },
    Stream { name: "subscription_schedules", kind: StreamKind::Account },
    Stream { name: "subscriptions", kind: StreamKind::Account },
    Stream { name: "invoiceitems", kind: StreamKind::Account },
    Stream { name: "invoices", kind: StreamKind::Account },
    Stream { name: "refunds", kind: StreamKind::Account },
];

/// How a stream is listed.
pub(crate) struct Listing {
    /// The endpoint.
    pub(crate) path: &'static str,
    /// Filters of every request.
    pub(crate) filters: &'static [(&'static str, &'static str)],
    /// Parts of records that Stripe otherwise sends as ids. Four levels are the most it allows.
    pub(crate) expand: &'static [&'static str],
    /// Parts that are asked for as well, and done without where the key may not read them.
    pub(crate) welcome: &'static [&'static str],
    /// Whether one of its records can be deleted at Stripe.
    pub(crate) deletable: bool,
    /// The list inside each record that Stripe cuts after ten elements.
    pub(crate) nested: Option<Nested>,
}

/// A list inside a record.
pub(crate) struct Nested {
    /// The record's field.
    pub(crate) field: &'static str,
    /// Where the whole list is read.
    pub(crate) endpoint: Endpoint,
    /// As the record's expansion, relative to the list.
    pub(crate) expand: &'static [&'static str],
    /// Whether a coupon that it only names has to be read too: from the record itself Stripe
    /// expands no deeper, and a coupon that was deleted is listed nowhere.
    pub(crate) coupons: bool,
}

/// Where a nested list is read.
pub(crate) enum Endpoint {
    /// A list of its own, narrowed by a parameter: `/v1/subscription_items?subscription=`.
    Filtered(&'static str, &'static str),
    /// Below the record: `/v1/invoices/{id}/lines`.
    Below(&'static str, &'static str),
}

/// How `stream` is listed; `None` when there is no such stream.
pub(crate) fn listing(stream: &str) -> Option<Listing> {
    let plain = |path| Listing { path, filters: &[], expand: &[], welcome: &[], deletable: true, nested: None };
    Some(match stream {
        "products" => plain("/v1/products"),
        // Tiers and other currencies of a price are only sent when asked for.
        "prices" => Listing { expand: &["data.currency_options", "data.tiers"], ..plain("/v1/prices") },
        "coupons" => Listing { expand: &["data.applies_to"], ..plain("/v1/coupons") },
        "customers" => Listing { expand: &["data.discount.source.coupon"], ..plain("/v1/customers") },
        "subscription_schedules" => Listing { deletable: false, ..plain("/v1/subscription_schedules") },
        "subscriptions" => Listing {
            path: "/v1/subscriptions",
            // Without it canceled subscriptions are left out.
            filters: &[("status", "all")],
            // A coupon that was deleted is listed nowhere, but is still part of its discounts.
            expand: &["data.discounts.source.coupon", "data.items.data.discounts"],
            // Test data can be, but what it once was is of interest to nobody.
            welcome: &[],
            deletable: false,
            nested: Some(Nested {
                field: "items",
                endpoint: Endpoint::Filtered("/v1/subscription_items", "subscription"),
                expand: &["data.discounts.source.coupon"],
                coupons: true,
            }),
        },
        "invoiceitems" => plain("/v1/invoiceitems"),
        "invoices" => Listing {
            path: "/v1/invoices",
            filters: &[],
            expand: &["data.discounts.source.coupon", "data.lines.data.discounts"],
            // What it was paid by, Stripe only sends when asked for.
            welcome: &["data.payments"],
            deletable: true,
            nested: Some(Nested {
                field: "lines",
                endpoint: Endpoint::Below("/v1/invoices", "lines"),
                expand: &["data.discounts"],
                coupons: false,
            }),
        },
        // A refund does not name its customer, but its charge does.
        "refunds" => Listing { expand: &["data.charge"], deletable: false, ..plain("/v1/refunds") },
        _ => return None,
    })
}

/// What is lost without a stream that the key need not be allowed to read.
pub(crate) fn lost_without(stream: &str) -> Option<&'static str> {
    (stream == "refunds").then_some(
        "all else is synced, but a policy with `refunded = false` does not know what was given back, and counts it",
    )
}
