//! Stripe's log of events: what may have changed, and what was so when.
//!
//! An event is frozen in the API version of its creation, several share a second, and none comes
//! in order for sure. So it is a hint, and the record is read again. Only what the record itself
//! does not tell is kept: when its subscription was otherwise.

mod follow;

use chrono::{DateTime, TimeDelta, Utc};
use mrr_connector_sdk::json::{Object, Unreadable};
use mrr_connector_sdk::{Delivery, Feed, Hint, Record};

use crate::model::id_of;

pub(crate) use follow::follow;

/// Stripe keeps events for 30 days.
pub(crate) const FEED: Feed = Feed { stream: "events", retention: TimeDelta::days(30) };

/// The events that are kept, by their beginnings.
const KEPT: [&str; 2] = ["customer.subscription.", "customer.discount."];

/// Takes an event apart.
pub(crate) fn event(payload: &str) -> Result<Delivery, Unreadable> {
    let event = Object::of(payload)?;
    let id = event.need("id")?.string()?;
    let kind = event.need("type")?.string()?;
    let created = event.need("created")?;
    let at = DateTime::from_timestamp(created.integer()?, 0).ok_or_else(|| created.unreadable("is no time"))?;
    let object = event.need("data")?.object()?.need("object")?.object()?;
    // What lives by a test clock is in no list and in no number.
    if object.get("test_clock").is_some() {
        return Ok(Delivery { id, record: None, at, hints: Vec::new() });
    }
    let customer = object.get("customer").and_then(|customer| id_of(&customer).ok());
    let kept = KEPT.iter().any(|beginning| kind.starts_with(beginning));
    let record = customer.filter(|_| kept).map(|account| Record {
        id: id.clone(),
        account: Some(account),
        payload: payload.to_owned(),
    });
    Ok(Delivery { hints: hints(&id, at, &object), id, record, at })
}

/// The records that an event's object stands for. An object of another kind tells nothing that
/// is read here.
fn hints(entry: &str, at: DateTime<Utc>, object: &Object<'_>) -> Vec<Hint> {
    let text = |name: &str| object.get(name).and_then(|node| id_of(&node).ok()).filter(|id| !id.is_empty());
    let hint = |stream, id: Option<String>| id.map(|id| Hint { stream, id, entry: entry.to_owned(), at });
    let kind = object.get("object").and_then(|node| node.string().ok()).unwrap_or_default();
    let stream = match kind.as_str() {
        "customer" => "customers",
        "subscription" => "subscriptions",
        "subscription_schedule" => "subscription_schedules",
        "invoice" => "invoices",
        "invoiceitem" => "invoiceitems",
        "product" => "products",
        // A plan is a price under its old name.
        "price" | "plan" => "prices",
        "coupon" => "coupons",
        "refund" => "refunds",
        // Before 2022-11-15 a charge has its refunds in it; since then they have events of their own.
        "charge" => {
            let listed = object.get("refunds").and_then(|list| list.object().ok()?.get("data")?.list().ok());
            let ids = listed.unwrap_or_default().into_iter().map(|refund| id_of(&refund).ok());
            return ids.filter_map(|id| hint("refunds", id)).collect();
        }
        "discount" => {
            let of = [hint("customers", text("customer")), hint("subscriptions", text("subscription"))];
            return of.into_iter().flatten().collect();
        }
        _ => return Vec::new(),
    };
    hint(stream, text("id")).into_iter().collect()
}

/// When an event was made, for those that can't be taken apart further.
pub(crate) fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}
