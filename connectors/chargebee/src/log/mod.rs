//! Chargebee's log of events: what may have changed, and how each subscription was after each change.

mod follow;

use chrono::{DateTime, TimeDelta, Utc};
use mrr_connector_sdk::json::{Object, Unreadable};
use mrr_connector_sdk::value::instant;
use mrr_connector_sdk::{Delivery, Feed, Hint, Record};

pub(crate) use follow::follow;

/// The log. No limit to its age is documented: where none is set, an entry counts as kept for ten years.
pub(crate) fn feed(kept_days: Option<u32>) -> Feed {
    Feed { stream: "events", retention: TimeDelta::days(kept_days.map_or(3_650, i64::from)) }
}

/// What an event may be about, longer names before those that they begin with.
const NOUNS: [(&str, &str); 10] = [
    ("item_price", "item_prices"),
    ("item", "items"),
    ("plan", "plans"),
    ("addon", "addons"),
    ("coupon", "coupons"),
    ("credit_note", "credit_notes"),
    ("invoice", "invoices"),
    // Ramps stand in the record of their subscription.
    ("ramp", "subscriptions"),
    ("subscription", "subscriptions"),
    ("customer", "customers"),
];

/// Takes an event apart. Kept are those that show a subscription as it was after a change of its own.
pub(crate) fn event(payload: &str) -> Result<Delivery, Unreadable> {
    let event = Object::of(payload)?;
    let id = event.need("id")?.string()?;
    let kind = event.need("event_type")?.string()?;
    let at = instant(&event.need("occurred_at")?)?;
    let content = event.need("content")?.object()?;
    let about = about(&kind, &content);
    let subscription = content.get("subscription").map(|node| node.object()).transpose()?;
    let account = match &subscription {
        Some(fields) if about == Some("subscription") => Some(fields.need("customer_id")?.string()?),
        _ => None,
    };
    let record = account.map(|account| Record { id: id.clone(), account: Some(account), payload: payload.to_owned() });
    Ok(Delivery { hints: about.and_then(|noun| hint(&id, at, noun, &content)).into_iter().collect(), id, record, at })
}

/// The part of the content that an event is about: that which its type begins with, else the first that there is.
fn about(kind: &str, content: &Object<'_>) -> Option<&'static str> {
    let there = || NOUNS.iter().map(|(noun, _)| *noun).filter(|noun| content.get(noun).is_some());
    // `subscription_ramp_created` is about the ramp, `mrr_updated` about the subscription.
    let named = |noun: &&str| kind.starts_with(&format!("{noun}_")) || kind.contains(&format!("_{noun}_"));
    there().find(named).or_else(|| there().next())
}

fn hint(entry: &str, at: DateTime<Utc>, noun: &str, content: &Object<'_>) -> Option<Hint> {
    let (_, stream) = NOUNS.iter().find(|(known, _)| *known == noun)?;
    let id = if noun == "ramp" { "subscription_id" } else { "id" };
    let id = content.get(noun)?.object().ok()?.get(id)?.string().ok().filter(|id| !id.is_empty())?;
    Some(Hint { stream, id, entry: entry.to_owned(), at })
}
