//! Invoices and credit notes: what was billed for which time.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::Exponents;
use mrr_connector_sdk::json::{Object, Unreadable};
use mrr_connector_sdk::value::{currency, instant};
use revenue::money::Currency;
use rust_decimal::Decimal;

use super::{PLAN, amount, flag, objects, quantity, text};

/// An invoice or a credit note.
pub(crate) struct Document {
    pub(crate) lines: Vec<Line>,
}

/// What one line bills for a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) subscription: String,
    /// The item's place in the subscription: `plan`, or the addon's price.
    pub(crate) key: String,
    pub(crate) price: String,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
    pub(crate) currency: Currency,
    pub(crate) quantity: Decimal,
    /// Before discounts, in the major unit.
    pub(crate) amount: Decimal,
    /// What so many units cost for a whole period; `None` where tiers decide, or where the price of one was rounded.
    pub(crate) whole: Option<Decimal>,
    /// The coupons and discounts that took something off.
    pub(crate) coupons: Vec<String>,
}

impl Document {
    /// Without its lines when it was taken back or never sent.
    pub(crate) fn read(payload: &str, exponents: &Exponents) -> Result<Self, Unreadable> {
        let record = Object::of(payload)?;
        let status = text(&record, "status")?;
        if flag(&record, "deleted")? || matches!(status.as_deref(), Some("voided" | "pending")) {
            return Ok(Self { lines: Vec::new() });
        }
        let currency = currency(&record.need("currency_code")?)?;
        let own = text(&record, "subscription_id")?;
        let mut taken: Vec<(String, String)> = Vec::new();
        for (_, discount) in objects(&record, "line_item_discounts")? {
            // A discount that is no coupon is named by its own id.
            if let Some(coupon) = text(&discount, "coupon_id")?.or(text(&discount, "entity_id")?) {
                taken.push((discount.need("line_item_id")?.string()?, coupon));
            }
        }
        let mut lines = Vec::new();
        for (_, line) in objects(&record, "line_items")? {
            let kind = line.need("entity_type")?.string()?;
            let is_plan = matches!(kind.as_str(), "plan_item_price" | "plan");
            let is_addon = matches!(kind.as_str(), "addon_item_price" | "addon");
            // A consolidated invoice has lines of several subscriptions, which name theirs.
            let subscription = text(&line, "subscription_id")?.or_else(|| own.clone());
            let (Some(subscription), true) = (subscription, is_plan || is_addon) else { continue };
            if flag(&line, "metered")? {
                continue;
            }
            let (price, id) = (line.need("entity_id")?.string()?, text(&line, "id")?);
            let units = quantity(&line, "quantity")?.unwrap_or(Decimal::ONE);
            let billed = amount(&line, "amount", currency, exponents)?.unwrap_or_default();
            let unit = amount(&line, "unit_amount", currency, exponents)?.filter(|unit| !unit.is_zero());
            let whole = unit.and_then(|unit| unit.checked_mul(units)).map(|whole| whole.normalize());
            // A part of a period costs less, so what costs more has a unit price that was rounded.
            let exact = line.get("unit_amount_in_decimal").is_some();
            lines.push(Line {
                subscription,
                key: if is_plan { PLAN.to_owned() } else { price.clone() },
                price,
                from: instant(&line.need("date_from")?)?,
                to: instant(&line.need("date_to")?)?,
                currency,
                quantity: units,
                amount: billed,
                whole: whole.filter(|whole| exact || billed <= *whole),
                coupons: taken.iter().filter(|(of, _)| Some(of) == id.as_ref()).map(|(_, id)| id.clone()).collect(),
            });
        }
        Ok(Self { lines })
    }
}
