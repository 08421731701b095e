//! Discounts: a coupon that was applied to something.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};

use super::value::{instant, optional};
use super::{Coupon, Problems, id_of};

/// A discount on a subscription, an item, a customer or an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) id: String,
    pub(crate) coupon: CouponSource,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: Option<DateTime<Utc>>,
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

impl Applied {
    fn read(node: &Node<'_>) -> Result<Self, Unreadable> {
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
            item: optional(&discount, "subscription_item", id_of)?,
            invoice_only: discount.get("invoice").is_some() && lasting.iter().all(|name| discount.get(name).is_none()),
            path: node.path().to_owned(),
        })
    }

    /// The discounts of a record that are readable.
    pub(crate) fn list(object: &Object<'_>, problems: &mut Problems<'_>) -> Vec<Self> {
        let nodes = Self::nodes(object, problems);
        nodes.iter().filter_map(|node| problems.keep(Self::read(node), IGNORED)).collect()
    }

    /// The same for invoices and their lines, where a discount that stands elsewhere may be a
    /// mere id: whether it is known is asked when it took something off.
    pub(crate) fn list_expanded(object: &Object<'_>, problems: &mut Problems<'_>) -> Vec<Self> {
        let nodes = Self::nodes(object, problems);
        let expanded = nodes.iter().filter(|node| !node.is_string());
        expanded.filter_map(|node| problems.keep(Self::read(node), IGNORED)).collect()
    }

    fn nodes<'a>(object: &Object<'a>, problems: &mut Problems<'_>) -> Vec<Node<'a>> {
        let Some(node) = object.get("discounts") else { return Vec::new() };
        problems.keep(node.list(), "its discounts are ignored").unwrap_or_default()
    }
}

const IGNORED: &str = "the discount is ignored";
