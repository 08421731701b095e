//! Coupons.

use mrr_connector_sdk::Exponents;
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::{currency, optional};
use revenue::calendar::{Interval, IntervalUnit};
use revenue::fact::{DiscountValue, Duration};
use revenue::money::Currency;

use super::reduction::{duration, value};
use super::{interval, objects, text};

/// What a coupon takes off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Coupon {
    /// `None` for free units, which are in the amounts already.
    pub(crate) value: Option<DiscountValue>,
    pub(crate) duration: Duration,
    /// For how long it works once it is on a subscription.
    pub(crate) limit: Option<Interval>,
    /// Whether it comes off each of its items, and not off the whole.
    pub(crate) each: bool,
    /// Which items it is for, by type: all of them without an entry.
    constraints: Vec<Constraint>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Constraint {
    kind: String,
    /// `all`, `none` or `specific`.
    which: String,
    prices: Vec<String>,
}

impl Coupon {
    pub(crate) fn read(payload: &str, exponents: &Exponents) -> Result<Self, Unreadable> {
        let coupon = Object::of(payload)?;
        let free = text(&coupon, "discount_type")?.as_deref() == Some("offer_quantity");
        // A share has no currency; the one that is given then is never looked at.
        let currency = optional(&coupon, "currency_code", currency)?.unwrap_or(Currency::NONE);
        let value = || value(&coupon, ["discount_percentage", "discount_amount"], currency, exponents);
        let mut constraints = Vec::new();
        for (_, constraint) in objects(&coupon, "item_constraints")? {
            constraints.push(Constraint {
                kind: constraint.need("item_type")?.string()?,
                which: constraint.need("constraint")?.string()?,
                prices: strings(&constraint, "item_price_ids")?,
            });
        }
        // Catalog 1.0 has the same in fields of its own.
        for (kind, which, ids) in [("plan", "plan_constraint", "plan_ids"), ("addon", "addon_constraint", "addon_ids")]
        {
            if let Some(which) = text(&coupon, which)?.filter(|which| which != "not_applicable") {
                constraints.push(Constraint { kind: kind.into(), which, prices: strings(&coupon, ids)? });
            }
        }
        Ok(Self {
            value: if free { None } else { Some(value()?) },
            duration: duration(&coupon)?,
            limit: limit(&coupon)?,
            each: text(&coupon, "apply_on")?.as_deref() == Some("each_specified_item"),
            constraints,
        })
    }

    /// Whether it is for an item of a type (`plan`, `addon`) at a price.
    pub(crate) fn is_for(&self, kind: &str, price: &str) -> bool {
        if self.constraints.is_empty() {
            return true;
        }
        let of_kind = self.constraints.iter().filter(|constraint| constraint.kind == kind);
        of_kind.into_iter().any(|constraint| match constraint.which.as_str() {
            "none" => false,
            "specific" => constraint.prices.iter().any(|id| id == price),
            _ => true,
        })
    }
}

/// Older coupons count months, newer ones any period.
fn limit(coupon: &Object<'_>) -> Result<Option<Interval>, Unreadable> {
    if coupon.get("period").is_some() {
        return interval(coupon, "period", "period_unit");
    }
    let Some(node) = coupon.get("duration_month") else { return Ok(None) };
    let months = u32::try_from(node.integer()?).map_err(|_| node.unreadable("is no count of months"))?;
    Interval::new(IntervalUnit::Month, months).map(Some).map_err(|error| node.unreadable(format!("{error}")))
}

fn strings(fields: &Object<'_>, name: &str) -> Result<Vec<String>, Unreadable> {
    let list = optional(fields, name, Node::list)?.unwrap_or_default();
    // The published types leave open whether an id is text or an object around one.
    list.iter().map(|node| if node.is_string() { node.string() } else { node.object()?.need("id")?.string() }).collect()
}
