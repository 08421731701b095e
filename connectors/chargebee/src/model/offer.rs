//! What is sold: items and item prices of catalog 2.0, plans and addons of 1.0.

use mrr_connector_sdk::json::{Object, Unreadable};
use revenue::calendar::Interval;

use super::{flag, interval, text};

/// An item, item price, plan or addon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) name: Option<String>,
    /// The item that a price is of.
    pub(crate) item: Option<String>,
    /// How often it is billed.
    pub(crate) interval: Option<Interval>,
    /// Whether usage decides what it costs.
    pub(crate) metered: bool,
    /// Whether it is charged again and again.
    pub(crate) recurring: bool,
}

impl Offer {
    pub(crate) fn read(payload: &str) -> Result<Self, Unreadable> {
        let offer = Object::of(payload)?;
        Ok(Self {
            name: text(&offer, "external_name")?.or(text(&offer, "name")?).filter(|name| !name.trim().is_empty()),
            item: text(&offer, "item_id")?,
            interval: interval(&offer, "period", "period_unit")?,
            metered: flag(&offer, "metered")?,
            recurring: text(&offer, "charge_type")?.as_deref() != Some("non_recurring"),
        })
    }
}
