//! Coupons and discounts on a subscription.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::Exponents;
use mrr_connector_sdk::json::{Object, Unreadable};
use mrr_connector_sdk::value::{decimal, instant, optional};
use revenue::fact::{DiscountValue, Duration};
use revenue::money::Currency;

use super::{amount, flag, objects, text};

/// A coupon that a subscription names, or a discount that it spells out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reduction {
    /// The coupon's id, or the discount's.
    pub(crate) id: String,
    pub(crate) on: On,
    /// Until when it is applied, where that is told.
    pub(crate) until: Option<DateTime<Utc>>,
    /// Where it stands in the record.
    pub(crate) path: String,
}

/// What it works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum On {
    /// What the coupon says.
    Coupon,
    /// The whole, or the item of one price.
    Told { price: Option<String>, value: DiscountValue, duration: Duration },
}

impl Reduction {
    /// All of a subscription, in the order in which they work: discounts of items first.
    pub(crate) fn all(
        subscription: &Object<'_>,
        currency: Currency,
        exponents: &Exponents,
    ) -> Result<Vec<Self>, Unreadable> {
        let mut all = Vec::new();
        for (path, coupon) in objects(subscription, "coupons")? {
            let id = coupon.need("coupon_id")?.string()?;
            all.push(Self { id, on: On::Coupon, until: optional(&coupon, "apply_till", instant)?, path });
        }
        // Before there were several, there was one.
        if let Some(id) = text(subscription, "coupon")?.filter(|id| all.iter().all(|other| other.id != *id)) {
            all.push(Self { id, on: On::Coupon, until: None, path: "coupon".into() });
        }
        for (path, discount) in objects(subscription, "discounts")? {
            // Free units are in the amount already.
            if text(&discount, "type")?.as_deref() == Some("offer_quantity") || flag(&discount, "deleted")? {
                continue;
            }
            let on_item = text(&discount, "apply_on")?.as_deref() == Some("specific_item_price");
            let price = if on_item { text(&discount, "item_price_id")? } else { None };
            let value = value(&discount, ["percentage", "amount"], currency, exponents)?;
            all.push(Self {
                id: discount.need("id")?.string()?,
                on: On::Told { price, value, duration: duration(&discount)? },
                until: optional(&discount, "apply_till", instant)?,
                path,
            });
        }
        Ok(all)
    }
}

/// A share or an amount, by the names of their fields.
pub(super) fn value(
    fields: &Object<'_>,
    [percentage, fixed]: [&str; 2],
    currency: Currency,
    exponents: &Exponents,
) -> Result<DiscountValue, Unreadable> {
    if let Some(node) = fields.get(percentage) {
        return Ok(DiscountValue::Percent(decimal(&node)?.normalize()));
    }
    let currency = optional(fields, "currency_code", mrr_connector_sdk::value::currency)?.unwrap_or(currency);
    let told = amount(fields, fixed, currency, exponents)?;
    let amount = told.ok_or_else(|| Unreadable { path: fixed.to_owned(), message: "is missing".into() })?;
    Ok(DiscountValue::Amount { amount, currency, decimals: exponents.of(currency).unwrap_or(2) })
}

/// For how long it was granted.
pub(super) fn duration(fields: &Object<'_>) -> Result<Duration, Unreadable> {
    let node = fields.need("duration_type")?;
    match node.string()?.as_str() {
        "forever" => Ok(Duration::Forever),
        "limited_period" => Ok(Duration::Repeating),
        "one_time" => Ok(Duration::Once),
        _ => Err(node.unreadable("is no duration that is known: one_time, forever or limited_period")),
    }
}
