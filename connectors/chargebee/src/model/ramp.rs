//! Ramps: changes of items that are planned.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::Exponents;
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::{instant, optional};
use revenue::money::Currency;

use super::{Item, text};

/// A planned change.
pub(crate) struct Ramp {
    pub(crate) at: DateTime<Utc>,
    /// Items that come or are changed.
    pub(crate) changed: Vec<Item>,
    /// The prices that go.
    pub(crate) removed: Vec<String>,
}

impl Ramp {
    /// `None` when it is planned no more.
    pub(crate) fn read(
        record: &Object<'_>,
        currency: Currency,
        exponents: &Exponents,
    ) -> Result<Option<Self>, Unreadable> {
        let open = text(record, "status")?.as_deref() == Some("scheduled");
        let deleted = optional(record, "deleted", Node::boolean)?.unwrap_or(false);
        if !open || deleted {
            return Ok(None);
        }
        let mut changed = Item::listed(record, "items_to_add", currency, exponents)?;
        changed.extend(Item::listed(record, "items_to_update", currency, exponents)?);
        let removed = optional(record, "items_to_remove", Node::list)?.unwrap_or_default();
        let removed = removed.iter().map(Node::string).collect::<Result<_, _>>()?;
        Ok(Some(Self { at: instant(&record.need("effective_from")?)?, changed, removed }))
    }

    /// The subscription that it is of.
    pub(crate) fn subscription(record: &Object<'_>) -> Result<String, Unreadable> {
        record.need("subscription_id")?.string()
    }
}
