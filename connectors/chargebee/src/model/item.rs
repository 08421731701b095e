//! What a subscription charges for: subscription items of catalog 2.0, plan and addons of 1.0.

use mrr_connector_sdk::Exponents;
use mrr_connector_sdk::json::{Object, Unreadable};
use revenue::calendar::Interval;
use revenue::money::Currency;
use rust_decimal::Decimal;

use super::{amount, interval, objects, quantity};

/// The key of the one plan of a subscription, whichever it is.
pub(crate) const PLAN: &str = "plan";

/// Something that is charged for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// Its place in the subscription: `plan`, or the addon's price, so that another plan is the same item.
    pub(crate) key: String,
    /// The item price, plan or addon.
    pub(crate) price: String,
    pub(crate) kind: Kind,
    /// Whether usage decides what it costs.
    pub(crate) metered: bool,
    pub(crate) quantity: Decimal,
    /// What one period costs before discounts, in the major unit; `None` where the record does not tell.
    pub(crate) amount: Option<Decimal>,
    /// Its own rhythm, where it is told.
    pub(crate) interval: Option<Interval>,
    /// Where it stands in the record.
    pub(crate) path: String,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Plan,
    Addon,
    /// Charged once.
    Charge,
}

impl Item {
    /// All items of a subscription.
    pub(crate) fn all(
        subscription: &Object<'_>,
        currency: Currency,
        exponents: &Exponents,
    ) -> Result<Vec<Self>, Unreadable> {
        if subscription.get("plan_id").is_none() {
            let items = objects(subscription, "subscription_items")?;
            return items.iter().map(|(path, item)| Self::of(item, path, currency, exponents)).collect();
        }
        let mut all = vec![Self::plan(subscription, currency, exponents)?];
        for (path, addon) in objects(subscription, "addons")? {
            let price = addon.need("id")?.string()?;
            all.push(Self {
                kind: Kind::Addon,
                key: price.clone(),
                price,
                path,
                ..Self::costs(&addon, "", currency, exponents)?
            });
        }
        Ok(all)
    }

    /// An element of `subscription_items`, or of what a ramp adds.
    pub(crate) fn of(
        item: &Object<'_>,
        path: &str,
        currency: Currency,
        exponents: &Exponents,
    ) -> Result<Self, Unreadable> {
        let price = item.need("item_price_id")?.string()?;
        let kind = item.need("item_type")?;
        let kind = match kind.string()?.as_str() {
            "plan" => Kind::Plan,
            "addon" => Kind::Addon,
            "charge" => Kind::Charge,
            _ => return Err(kind.unreadable("is no type of item that is known: plan, addon or charge")),
        };
        let key = if kind == Kind::Plan { PLAN.to_owned() } else { price.clone() };
        let metered = item.get("metered_quantity").is_some();
        Ok(Self { key, price, kind, metered, path: path.to_owned(), ..Self::costs(item, "", currency, exponents)? })
    }

    fn plan(subscription: &Object<'_>, currency: Currency, exponents: &Exponents) -> Result<Self, Unreadable> {
        let price = subscription.need("plan_id")?.string()?;
        let costs = Self::costs(subscription, "plan_", currency, exponents)?;
        // The rhythm of the subscription is the plan's.
        Ok(Self { price, interval: None, path: "plan_id".into(), ..costs })
    }

    /// Quantity and amount: what is told for the period, else the unit price times what is not free.
    fn costs(fields: &Object<'_>, prefix: &str, currency: Currency, exponents: &Exponents) -> Result<Self, Unreadable> {
        let named = |name: &str| format!("{prefix}{name}");
        let units = quantity(fields, &named("quantity"))?.unwrap_or(Decimal::ONE);
        let told = amount(fields, &named("amount"), currency, exponents)?;
        let unit = amount(fields, &named("unit_price"), currency, exponents)?;
        let free = quantity(fields, &named("free_quantity"))?.unwrap_or_default();
        // A unit price with more decimals than cents beside an amount in cents: the amount is rounded.
        let exact = fields.get(&named("unit_price_in_decimal")).is_some();
        let exact = exact && fields.get(&named("amount_in_decimal")).is_none();
        let paid = (units - free).max(Decimal::ZERO);
        let product = unit.and_then(|unit| unit.checked_mul(paid)).map(|amount| amount.normalize());
        Ok(Self {
            key: PLAN.to_owned(),
            price: String::new(),
            kind: Kind::Plan,
            metered: false,
            quantity: units,
            amount: if exact { product.or(told) } else { told.or(product) },
            interval: interval(fields, "billing_period", "billing_period_unit")?,
            path: String::new(),
        })
    }

    /// The items of a list, by the names of what a ramp changes.
    pub(crate) fn listed(
        record: &Object<'_>,
        name: &str,
        currency: Currency,
        exponents: &Exponents,
    ) -> Result<Vec<Self>, Unreadable> {
        objects(record, name)?.iter().map(|(path, item)| Self::of(item, path, currency, exponents)).collect()
    }
}
