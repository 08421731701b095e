//! Refunds: what was given back of a payment.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::{decimal, instant, optional};
use rust_decimal::Decimal;

use super::{Problems, id_of};

/// Money that has gone back, or is to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refund {
    pub(crate) at: DateTime<Utc>,
    /// In the minor unit.
    pub(crate) amount: Decimal,
    /// What was paid by: the payment intent, the charge, or both.
    pub(crate) payments: Vec<String>,
}

impl Refund {
    /// `None` when it did not come about, or not yet; with a problem, when it can't be read.
    pub(crate) fn read(payload: &str, problems: &mut Problems<'_>) -> Option<Self> {
        let read = || {
            let record = Object::of(payload)?;
            // Those of long ago have no status: there were none that failed.
            if optional(&record, "status", Node::string)?.is_some_and(|status| status != "succeeded") {
                return Ok(None);
            }
            let payments = payments_of(&record)?;
            Ok(Some(Self {
                at: instant(&record.need("created")?)?,
                amount: decimal(&record.need("amount")?)?,
                payments,
            }))
        };
        problems.keep(read(), "the refund is not used").flatten()
    }
}

/// The payment intent and the charge that an object names. Before 2025-03-31 invoices name them themselves.
pub(super) fn payments_of(object: &Object<'_>) -> Result<Vec<String>, Unreadable> {
    let named = ["payment_intent", "charge"].map(|name| optional(object, name, id_of));
    named.into_iter().filter_map(Result::transpose).collect()
}
