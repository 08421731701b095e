//! Events: what an object was right after a change, and what of it was otherwise right before.
//!
//! An event is rendered in the version of the API that was in use when it was made, so its object
//! may have any shape that the readers of this module know.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::instant;
use serde_json::value::RawValue;

use super::{Problems, id_of};

/// An event about an object that matters to revenue.
#[derive(Debug, Clone)]
pub(crate) struct Event<'a> {
    pub(crate) id: &'a str,
    pub(crate) about: About,
    /// When it happened, to the second.
    pub(crate) at: DateTime<Utc>,
    /// The id of the object that it is about.
    pub(crate) object_id: String,
    /// The object after the change.
    pub(crate) object: Node<'a>,
    /// The former values of what was changed, where the event tells.
    previous: Option<Node<'a>>,
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// A subscription was made, and there was nothing before.
    SubscriptionMade,
    /// A subscription was changed or ended.
    Subscription,
    /// A discount was given, or changed.
    Discount,
    /// A discount was taken off, or ran out.
    DiscountGone,
    Invoice,
    InvoiceItem,
}

impl About {
    /// `None` for what has no bearing on revenue, also for what Stripe will think of later.
    fn of(kind: &str) -> Option<Self> {
        Some(match kind {
            "customer.subscription.created" => Self::SubscriptionMade,
            "customer.discount.deleted" => Self::DiscountGone,
            _ if kind.starts_with("customer.subscription.") => Self::Subscription,
            _ if kind.starts_with("customer.discount.") => Self::Discount,
            _ if kind.starts_with("invoiceitem.") => Self::InvoiceItem,
            // The one that is to come is not there yet.
            "invoice.upcoming" => return None,
            _ if kind.starts_with("invoice.") => Self::Invoice,
            _ => return None,
        })
    }
}

impl<'a> Event<'a> {
    pub(crate) fn read(id: &'a str, payload: &'a str, problems: &mut Problems<'_>) -> Option<Self> {
        let lost = "what it tells is not used";
        let record = problems.keep(Object::of(payload), lost)?;
        let kind = problems.keep(record.need("type").and_then(|kind| kind.string()), lost)?;
        let about = About::of(&kind)?;
        let read = || {
            let data = record.need("data")?.object()?;
            let object = data.need("object")?;
            let at = instant(&record.need("created")?)?;
            Ok(Self { id, about, at, object_id: id_of(&object)?, previous: data.get("previous_attributes"), object })
        };
        problems.keep(read(), lost)
    }

    /// The record that it is, as `stream/id`.
    pub(crate) fn origin(&self) -> String {
        format!("events/{}", self.id)
    }

    /// The object as it was right before; `None` where that is not told.
    pub(crate) fn before(&self) -> Option<String> {
        merged(self.object.text(), self.previous.as_ref()?.text(), 0).ok()
    }
}

/// What stands deeper is replaced as a whole; Stripe's former values are not as deep.
const DEEPEST: usize = 16;

/// An object with former values in place of its own. Of objects inside only what is named is
/// replaced, arrays are replaced as a whole. All other bytes stay, so that no digit is lost.
fn merged(now: &str, was: &str, depth: usize) -> Result<String, Unreadable> {
    let mut fields = fields(now)?;
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    for (name, former) in self::fields(was)? {
        let present = fields.remove(&name).map(RawValue::get);
        let deeper = present.filter(|text| text.starts_with('{') && former.get().starts_with('{') && depth < DEEPEST);
        let value = deeper.map_or_else(|| Ok(former.get().to_owned()), |text| merged(text, former.get(), depth + 1));
        kept.insert(name, value?);
    }
    let mut text = String::from("{");
    let rest = fields.iter().map(|(name, value)| (name, value.get()));
    for (name, value) in rest.chain(kept.iter().map(|(name, value)| (name, value.as_str()))) {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&serde_json::Value::from(name.as_str()).to_string());
        text.push(':');
        text.push_str(value);
    }
    text.push('}');
    Ok(text)
}

fn fields(text: &str) -> Result<BTreeMap<String, &RawValue>, Unreadable> {
    serde_json::from_str(text).map_err(|error| Unreadable { path: String::new(), message: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::merged;

    #[test]
    fn former_values_take_the_place_of_present_ones() {
        let now = r#"{"a":1.10,"items":{"data":[3],"has_more":false},"pause":null,"plan":{"id":"x","n":2}}"#;
        let was = r#"{"items":{"data":[1,2]},"pause":{"behavior":"void"},"plan":{"id":"w"}}"#;
        let expect =
            r#"{"a":1.10,"items":{"has_more":false,"data":[1,2]},"pause":{"behavior":"void"},"plan":{"n":2,"id":"w"}}"#;
        assert_eq!(merged(now, was, 0).unwrap(), expect);
        assert!(merged("[]", "{}", 0).is_err());
    }
}
