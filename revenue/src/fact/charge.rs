//! A recurring charge.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::Evidence;
use crate::calendar::Interval;
use crate::money::Currency;

/// A recurring charge at one price and one quantity, over the time in which it is in force.
/// A change of price or quantity ends one charge and begins the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The source's id of the contract (subscription) that it belongs to. Discounts on a
    /// contract are spread over its charges.
    pub contract: String,
    /// The source's id of the item within the contract; it stays when the price changes.
    pub item: String,
    /// Whether it is what was used, as a bill tells it afterwards, and no price that was agreed on.
    /// No discount reaches it: its amount is what was billed. By default it does not count.
    pub usage: bool,
    /// The plan or product, by the name that people use for it.
    pub plan: String,
    /// The currency it is billed in.
    pub currency: Currency,
    /// What one billing costs before discounts, in the major unit, for the whole quantity.
    pub amount: Decimal,
    /// How many seats or units the amount is for.
    pub quantity: Decimal,
    /// How often the amount is billed.
    pub interval: Interval,
    /// The instant it comes into force.
    pub from: DateTime<Utc>,
    /// The instant it is no longer in force; `None` while no end is known.
    pub until: Option<DateTime<Utc>>,
    /// How this is known.
    pub evidence: Evidence,
    /// The raw records that say so, as `stream/id`.
    pub origin: Vec<String>,
}
