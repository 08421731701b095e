//! The shapes of records. Tolerant: what is not needed is not read, and money is text.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;

/// A customer.
#[derive(Deserialize)]
pub(crate) struct Customer {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    #[serde(default)]
    pub(crate) subscriptions: Vec<serde_json::Value>,
}

/// A subscription of a customer. Each is read by itself, so that one that can't be costs only itself.
#[derive(Deserialize)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) plan: String,
    /// What one billing costs, in the major unit; text, so that no float is on its way.
    pub(crate) amount: Decimal,
    pub(crate) quantity: Decimal,
    pub(crate) currency: String,
    /// `1 month`.
    pub(crate) interval: String,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
}
