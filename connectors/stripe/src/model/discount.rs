//! Discounts: a coupon that was applied to something.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::{instant, optional};

use super::{Coupon, Problems, id_of};

/// A discount on a subscription, an item, a customer or an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) id: String,
    pub(crate) coupon: CouponSource,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: Option<DateTime<Utc>>,
    /// The subscription that it is for, if it is for one.
    pub(crate) subscription: Option<String>,
    /// The subscription item that it is for, if it is for one.
    pub(crate) item: Option<String>,
    /// Whether it was given to one invoice and to nothing that lasts.
    pub(crate) invoice_only: bool,
    /// Where it stands in its record.
    pub(crate) path: String,
}

/// The coupon of a discount: embedded, or to be found among the references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CouponSource {
    Embedded(Coupon),
    Named(String),
}

/// A discount where it is attached: the whole of it, or its id alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attached {
    pub(crate) id: String,
    /// Where it stands in its record.
    pub(crate) path: String,
    pub(crate) applied: Option<Applied>,
}

impl Applied {
    pub(crate) fn read(node: &Node<'_>) -> Result<Self, Unreadable> {
        let discount = node.object()?;
        // Versions before 2025-09-30 have the coupon at the discount itself.
        let source = match discount.get("source") {
            Some(source) => source.object()?.need("coupon")?,
            None => discount.need("coupon")?,
        };
        let coupon = if source.is_string() {
            CouponSource::Named(source.string()?)
        } else {
            CouponSource::Embedded(Coupon::read(&source)?)
        };
        let lasting = ["subscription", "subscription_item", "customer"];
        Ok(Self {
            id: discount.need("id")?.string()?,
            coupon,
            start: instant(&discount.need("start")?)?,
            end: optional(&discount, "end", instant)?,
            subscription: optional(&discount, "subscription", id_of)?,
            item: optional(&discount, "subscription_item", id_of)?,
            invoice_only: discount.get("invoice").is_some() && lasting.iter().all(|name| discount.get(name).is_none()),
            path: node.path().to_owned(),
        })
    }

    /// Whether it is for whatever its customer has.
    pub(crate) fn of_customer(&self) -> bool {
        self.subscription.is_none() && self.item.is_none() && !self.invoice_only
    }
}

impl Attached {
    /// The discounts of a record that are readable. Versions before 2025-03-31 have one of them
    /// at `discount`, and it alone is whole.
    pub(crate) fn list(object: &Object<'_>, problems: &mut Problems<'_>) -> Vec<Self> {
        let lost = "the discount is ignored";
        let nodes = object.get("discounts").map(|node| problems.keep(node.list(), "its discounts are ignored"));
        let nodes = object.get("discount").into_iter().chain(nodes.flatten().unwrap_or_default());
        let mut found: Vec<Self> = Vec::new();
        for node in nodes {
            if let Some(attached) = problems.keep(Self::read(&node), lost)
                && found.iter().all(|other| other.id != attached.id)
            {
                found.push(attached);
            }
        }
        found
    }

    fn read(node: &Node<'_>) -> Result<Self, Unreadable> {
        let applied = if node.is_string() { None } else { Some(Applied::read(node)?) };
        Ok(Self { id: id_of(node)?, path: node.path().to_owned(), applied })
    }
}
