//! Prices.

use mrr_connector_sdk::json::{Node, Object, Unreadable};
use revenue::calendar::{Interval, IntervalUnit};
use revenue::money::Currency;
use rust_decimal::Decimal;

use super::id_of;
use super::value::{currency, decimal, optional};

/// A price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Price {
    pub(crate) id: String,
    pub(crate) product: String,
    pub(crate) terms: PriceTerms,
}

/// What a price asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PriceTerms {
    /// So much for each unit in every interval, in the minor unit of each currency. The price's
    /// own currency is the first.
    PerUnit { interval: Interval, units: Vec<(Currency, Decimal)> },
    /// Not recurring, so not MRR.
    OneTime,
    /// Recurring in a way that is not read yet; the words name it.
    Unsupported(&'static str),
}

impl Price {
    pub(crate) fn read(node: &Node<'_>) -> Result<Self, Unreadable> {
        let price = node.object()?;
        Ok(Self { id: price.need("id")?.string()?, product: id_of(&price.need("product")?)?, terms: terms(&price)? })
    }
}

fn terms(price: &Object<'_>) -> Result<PriceTerms, Unreadable> {
    let Some(recurring) = price.get("recurring") else { return Ok(PriceTerms::OneTime) };
    let recurring = recurring.object()?;
    let text_is = |object: &Object<'_>, name: &str, wanted: &str| {
        Ok::<_, Unreadable>(optional(object, name, Node::string)?.is_some_and(|text| text == wanted))
    };
    if text_is(&recurring, "usage_type", "metered")? {
        return Ok(PriceTerms::Unsupported("metered"));
    }
    if text_is(price, "billing_scheme", "tiered")? {
        return Ok(PriceTerms::Unsupported("tiered"));
    }
    if price.get("transform_quantity").is_some() {
        return Ok(PriceTerms::Unsupported("sold in packages (transform_quantity)"));
    }
    if price.get("custom_unit_amount").is_some() {
        return Ok(PriceTerms::Unsupported("chosen by the customer (custom_unit_amount)"));
    }
    let mut units = vec![(currency(&price.need("currency")?)?, unit_amount(price)?)];
    if let Some(options) = price.get("currency_options") {
        for (code, option) in options.object()?.entries() {
            // An option in tiers or chosen by the customer has no amount; it says so when used.
            if let (Ok(currency), Ok(unit)) = (code.parse(), option.object().and_then(|option| unit_amount(&option))) {
                units.push((currency, unit));
            }
        }
    }
    Ok(PriceTerms::PerUnit { interval: interval(&recurring)?, units })
}

/// `unit_amount` is null for fractions of a minor unit, `unit_amount_decimal` never.
fn unit_amount(price: &Object<'_>) -> Result<Decimal, Unreadable> {
    match price.get("unit_amount_decimal") {
        Some(node) => decimal(&node),
        None => decimal(&price.need("unit_amount")?),
    }
}

fn interval(recurring: &Object<'_>) -> Result<Interval, Unreadable> {
    let node = recurring.need("interval")?;
    let unit = match node.string()?.as_str() {
        "day" => IntervalUnit::Day,
        "week" => IntervalUnit::Week,
        "month" => IntervalUnit::Month,
        "year" => IntervalUnit::Year,
        _ => return Err(node.unreadable("is no interval that is known: day, week, month or year")),
    };
    let count = match recurring.get("interval_count") {
        Some(node) => u32::try_from(node.integer()?).map_err(|_| node.unreadable("is no count of intervals"))?,
        None => 1,
    };
    Interval::new(unit, count).map_err(|error| node.unreadable(format!("{error}")))
}
