//! Prices.

use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::{currency, decimal, optional};
use revenue::calendar::{Interval, IntervalUnit};
use revenue::money::Currency;
use revenue::pricing::{Pricing, Tier};
use rust_decimal::Decimal;

use super::id_of;

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
    /// So much for a quantity in every interval, in the minor unit of each currency. The price's
    /// own currency is the first.
    Licensed { interval: Interval, pricings: Vec<Listed> },
    /// What was used, billed after the interval; nothing that was agreed on. One without a readable
    /// interval is no problem: no amount depends on it.
    Metered { interval: Option<Interval> },
    /// Not MRR: billed once.
    NotRecurring,
    /// Recurring in a way that is not read yet; the words name it.
    Unsupported(&'static str),
}

/// What a price asks for in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) currency: Currency,
    pub(crate) pricing: Pricing,
    pub(crate) includes_tax: bool,
}

impl Price {
    pub(crate) fn read(node: &Node<'_>) -> Result<Self, Unreadable> {
        let price = node.object()?;
        Ok(Self { id: price.need("id")?.string()?, product: id_of(&price.need("product")?)?, terms: terms(&price)? })
    }
}

/// The price that a line or an invoice item is for. Versions before 2025-03-31 have the whole
/// price at it, and before 2020-08-27 a plan.
pub(super) fn id_of_price(line: &Object<'_>) -> Result<Option<String>, Unreadable> {
    let pricing = optional(line, "pricing", Node::object)?;
    let details = pricing.map(|pricing| optional(&pricing, "price_details", Node::object)).transpose()?.flatten();
    match details {
        Some(details) => Ok(Some(id_of(&details.need("price")?)?)),
        None => line.get("price").or_else(|| line.get("plan")).map(|price| id_of(&price)).transpose(),
    }
}

fn terms(price: &Object<'_>) -> Result<PriceTerms, Unreadable> {
    // A plan is a price whose rhythm stands at itself.
    let plan = price.get("interval").is_some();
    let recurring = match price.get("recurring") {
        Some(recurring) => recurring.object()?,
        None if plan => price.clone(),
        None => return Ok(PriceTerms::NotRecurring),
    };
    if text_is(&recurring, "usage_type", "metered")? {
        return Ok(PriceTerms::Metered { interval: interval(&recurring).ok() });
    }
    if price.get("custom_unit_amount").is_some() {
        return Ok(PriceTerms::Unsupported("chosen by the customer (custom_unit_amount)"));
    }
    let scheme = Scheme::read(price)?;
    // A price inside of an item comes without its tiers; the one among the prices has them.
    if matches!(scheme, Scheme::Graduated | Scheme::Volume) && price.get("tiers").is_none() {
        return Ok(PriceTerms::Unsupported("in tiers that were not sent"));
    }
    let mut pricings = vec![scheme.listed(currency(&price.need("currency")?)?, price)?];
    if let Some(options) = price.get("currency_options") {
        for (code, option) in options.object()?.entries() {
            // An option whose tiers were not sent has no price; it says so when used.
            let Ok(currency) = code.parse() else { continue };
            pricings.extend(option.object().and_then(|option| scheme.listed(currency, &option)));
        }
    }
    Ok(PriceTerms::Licensed { interval: interval(&recurring)?, pricings })
}

fn text_is(object: &Object<'_>, name: &str, wanted: &str) -> Result<bool, Unreadable> {
    Ok(optional(object, name, Node::string)?.is_some_and(|text| text == wanted))
}

/// How a price turns quantities into amounts: alike in all of its currencies.
enum Scheme {
    PerUnit,
    Package { size: Decimal, round_up: bool },
    Graduated,
    Volume,
}

impl Scheme {
    fn read(price: &Object<'_>) -> Result<Self, Unreadable> {
        if text_is(price, "billing_scheme", "tiered")? {
            let mode = price.need("tiers_mode")?;
            return match mode.string()?.as_str() {
                "graduated" => Ok(Self::Graduated),
                "volume" => Ok(Self::Volume),
                _ => Err(mode.unreadable("is no mode of tiers that is known: graduated, volume")),
            };
        }
        // A plan calls its quantity usage.
        let package = price.get("transform_quantity").or_else(|| price.get("transform_usage"));
        let Some(package) = package else { return Ok(Self::PerUnit) };
        let package = package.object()?;
        let round = package.need("round")?;
        let round_up = match round.string()?.as_str() {
            "up" => true,
            "down" => false,
            _ => return Err(round.unreadable("is no rounding that is known: up, down")),
        };
        Ok(Self::Package { size: Decimal::from(package.need("divide_by")?.integer()?), round_up })
    }

    fn listed(&self, currency: Currency, amounts: &Object<'_>) -> Result<Listed, Unreadable> {
        let includes_tax = text_is(amounts, "tax_behavior", "inclusive")?;
        Ok(Listed { currency, pricing: self.pricing(amounts)?, includes_tax })
    }

    /// The pricing that a price, or its option in another currency, spells out.
    fn pricing(&self, amounts: &Object<'_>) -> Result<Pricing, Unreadable> {
        Ok(match self {
            Self::PerUnit => Pricing::PerUnit(unit_amount(amounts)?),
            Self::Package { size, round_up } => {
                Pricing::Package { unit: unit_amount(amounts)?, size: *size, round_up: *round_up }
            }
            Self::Graduated => Pricing::Graduated(tiers(amounts)?),
            Self::Volume => Pricing::Volume(tiers(amounts)?),
        })
    }
}

fn tiers(amounts: &Object<'_>) -> Result<Vec<Tier>, Unreadable> {
    let tier = |node: Node<'_>| {
        let tier = node.object()?;
        // A tier may have a flat amount, an amount a unit, or both.
        let or_nothing = |name: &str| {
            let absent = tier.get(name).is_none() && tier.get(&format!("{name}_decimal")).is_none();
            if absent { Ok(Decimal::ZERO) } else { amount(&tier, name) }
        };
        Ok(Tier {
            up_to: optional(&tier, "up_to", Node::integer)?.map(Decimal::from),
            unit: or_nothing("unit_amount")?,
            flat: or_nothing("flat_amount")?,
        })
    };
    amounts.need("tiers")?.list()?.into_iter().map(tier).collect()
}

/// What one unit costs; a plan calls it its amount.
fn unit_amount(amounts: &Object<'_>) -> Result<Decimal, Unreadable> {
    let plan = ["unit_amount", "unit_amount_decimal"].iter().all(|name| amounts.get(name).is_none());
    let plan = plan && ["amount", "amount_decimal"].iter().any(|name| amounts.get(name).is_some());
    amount(amounts, if plan { "amount" } else { "unit_amount" })
}

/// `unit_amount` is null for fractions of a minor unit, `unit_amount_decimal` never.
fn amount(object: &Object<'_>, name: &str) -> Result<Decimal, Unreadable> {
    match object.get(&format!("{name}_decimal")) {
        Some(node) => decimal(&node),
        None => decimal(&object.need(name)?),
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
