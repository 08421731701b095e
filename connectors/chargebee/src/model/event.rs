//! Events that show a subscription as it was after a change.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::Exponents;
use mrr_connector_sdk::json::{Object, Unreadable};
use mrr_connector_sdk::value::{instant, optional};

use super::{Subscription, objects};

/// One event.
pub(crate) struct Event {
    pub(crate) subscription: Subscription,
    /// When it happened, to the second.
    pub(crate) at: DateTime<Utc>,
    /// Whether the subscription was made with it, and was nothing before.
    pub(crate) first: bool,
    /// Since when it is meant to be so, where that is before it happened.
    pub(crate) backdated: Option<DateTime<Utc>>,
}

impl Event {
    pub(crate) fn read(payload: &str, exponents: &Exponents) -> Result<Self, Unreadable> {
        let event = Object::of(payload)?;
        let kind = event.need("event_type")?.string()?;
        let at = instant(&event.need("occurred_at")?)?;
        let content = event.need("content")?.object()?;
        let subscription = Subscription::read(&content.need("subscription")?.object()?, exponents)?;
        let backdated = if kind.ends_with("_with_backdating") { since(&kind, &content, &subscription)? } else { None };
        Ok(Self {
            first: kind.starts_with("subscription_created"),
            backdated: backdated.filter(|since| *since < at),
            subscription,
            at,
        })
    }
}

/// The day to which a change was backdated. An activation and an end tell it themselves; another change is told by the
/// document that it wrote, else it began with the term.
fn since(kind: &str, content: &Object<'_>, subscription: &Subscription) -> Result<Option<DateTime<Utc>>, Unreadable> {
    if kind.contains("cancel") {
        return Ok(subscription.cancelled);
    }
    if kind.contains("activated") {
        return Ok(subscription.activated.or(subscription.term.map(|(from, _)| from)));
    }
    let mut dates = Vec::new();
    for name in ["invoice", "credit_note"] {
        let Some(document) = content.get(name) else { continue };
        for (_, line) in objects(&document.object()?, "line_items")? {
            dates.extend(optional(&line, "date_from", instant)?);
        }
    }
    Ok(dates.into_iter().min().or(subscription.term.map(|(from, _)| from)))
}
