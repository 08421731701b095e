//! A discount on recurring charges.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::money::Currency;

/// A discount and the time in which it applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discount {
    /// The source's id.
    pub id: String,
    /// What it applies to.
    pub scope: DiscountScope,
    /// How much it takes off.
    pub value: DiscountValue,
    /// For how long it was granted; policy decides which durations reduce MRR.
    pub duration: Duration,
    /// The instant it begins; `None` when it holds as far back as the contract.
    pub from: Option<DateTime<Utc>>,
    /// The instant it ends; `None` while no end is known.
    pub until: Option<DateTime<Utc>>,
}

/// What a discount applies to. Discounts on one item come before those on its contract or on some of its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscountScope {
    /// All charges of a contract.
    Contract(String),
    /// Some items of a contract, which share an amount.
    Items {
        /// The contract.
        contract: String,
        /// The items.
        items: Vec<String>,
    },
    /// One item of a contract.
    Item {
        /// The contract.
        contract: String,
        /// The item.
        item: String,
    },
}

/// How much a discount takes off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscountValue {
    /// A share of what is left, in percent: 33.33.
    Percent(Decimal),
    /// An amount in the major unit, off each billing of the contract's shortest interval.
    Amount {
        /// How much.
        amount: Decimal,
        /// In which currency; charges in another one are not reduced.
        currency: Currency,
        /// How many decimals the source's amounts in it have, which need not be as many as ISO
        /// 4217 says: to the last of them the amount is spread over charges.
        decimals: u32,
    },
}

/// For how long a discount was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duration {
    /// As long as the contract.
    Forever,
    /// For several billings.
    Repeating,
    /// For one billing. It does not reduce MRR by default: it is gone at the next one.
    Once,
}
