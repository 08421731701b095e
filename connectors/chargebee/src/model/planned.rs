//! What is planned for a subscription: its state after changes on a day to come, and ramps.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::Exponents;
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::{currency, instant, optional};
use revenue::money::Currency;

use super::{Item, Subscription, objects, text};

/// What stands in a record beside its own `has_scheduled_changes`.
#[derive(Default)]
pub(crate) struct Planned {
    /// The subscription with the changes that are planned for one day, and that day.
    pub(crate) changed: Option<(DateTime<Utc>, Box<Subscription>)>,
    pub(crate) ramps: Vec<Ramp>,
}

impl Planned {
    /// Nothing where the record has nothing of it.
    pub(crate) fn read(record: &Object<'_>, exponents: &Exponents) -> Result<Self, Unreadable> {
        let Some(planned) = record.get("scheduled_changes") else { return Ok(Self::default()) };
        let planned = planned.object()?;
        let currency = currency(&record.need("currency_code")?)?;
        let mut changed = None;
        if let Some(node) = planned.get("subscription") {
            let fields = node.object()?;
            // Without a day of its own it comes with the next term.
            let told = |of: &Object<'_>| optional(of, "changes_scheduled_at", instant);
            let at = told(&fields)?.or(told(record)?).or(optional(record, "current_term_end", instant)?);
            let subscription = Box::new(Subscription::read(&fields, exponents)?);
            changed = at.map(|at| (at, subscription));
        }
        let mut ramps = Vec::new();
        for (_, ramp) in objects(&planned, "ramps")? {
            ramps.extend(Ramp::read(&ramp, currency, exponents)?);
        }
        Ok(Self { changed, ramps })
    }
}

/// A planned change of items.
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
}
