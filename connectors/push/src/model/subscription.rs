//! `subscription`: one recurring charge.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use revenue::calendar::Interval;
use revenue::money::{Currency, RunRate};
use rust_decimal::Decimal;

use super::value::{decimal, id, moment, need, number, object, optional, text};

pub(super) const FIELDS: &[&str] =
    &["plan", "currency", "amount", "amount_minor", "interval", "quantity", "start", "end", "status", "trial_end"];

/// What an item says about a recurring charge.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) plan: String,
    pub(crate) currency: Currency,
    /// What one billing costs, in the major unit, for the whole quantity.
    pub(crate) amount: Decimal,
    pub(crate) quantity: Decimal,
    pub(crate) interval: Interval,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: Option<DateTime<Utc>>,
    pub(crate) status: Status,
    pub(crate) trial_end: Option<DateTime<Utc>>,
    /// Since when it is so.
    pub(crate) ts: Option<DateTime<Utc>>,
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Active,
    Trial,
    Paused,
    PastDue,
}

impl Subscription {
    pub(crate) fn read(fields: &Object<'_>, zone: Tz) -> Result<Self, Unreadable> {
        object(fields, "extra")?;
        id(&need(fields, "account_id", "write the `id` of its account")?)?;
        let currency = currency(&need(fields, "currency", "write an ISO 4217 code such as \"EUR\"")?)?;
        let interval = interval(&need(fields, "interval", "write \"month\", \"year\" or \"3 months\"")?)?;
        let amount = amount(fields, currency)?;
        if RunRate::from_billing(amount, interval).is_err() {
            let path = if fields.get("amount").is_some() { "amount" } else { "amount_minor" };
            let message = "is too large to be kept: a year of it is beyond nine trillion; correct it".to_owned();
            return Err(Unreadable { path: path.to_owned(), message });
        }
        let start = moment(&need(fields, "start", "write since when it is charged")?, zone)?;
        let end = optional(fields, "end", |node| {
            let end = moment(node, zone)?;
            if end < start {
                return Err(node.unreadable("is before `start`; write the first day on which it is no longer charged"));
            }
            Ok(end)
        })?;
        Ok(Self {
            plan: text(&need(fields, "plan", "write the name of the plan or product")?)?,
            currency,
            amount,
            quantity: optional(fields, "quantity", number)?.unwrap_or(Decimal::ONE),
            interval,
            start,
            end,
            status: optional(fields, "status", status)?.unwrap_or(Status::Active),
            trial_end: optional(fields, "trial_end", |node| moment(node, zone))?,
            ts: optional(fields, "ts", |node| moment(node, zone))?,
        })
    }
}

fn currency(node: &Node<'_>) -> Result<Currency, Unreadable> {
    let currency: Currency = node.string()?.parse().map_err(|error| node.unreadable(format!("{error}")))?;
    match currency.exponent() {
        Some(_) => Ok(currency),
        None => Err(node.unreadable("is no currency in use; write an ISO 4217 code such as \"EUR\"")),
    }
}

/// In the major unit as text, or in minor units as a whole number. A bare number is refused: nobody
/// could tell 50 euros from 50 cents, and in many languages it has been a float already.
fn amount(fields: &Object<'_>, currency: Currency) -> Result<Decimal, Unreadable> {
    const BOTH: &str = "write \"49.90\" as `amount`, or 4990 as `amount_minor`";
    match (fields.get("amount"), fields.get("amount_minor")) {
        (None, None) => Err(super::value::missing("amount", BOTH)),
        (Some(_), Some(minor)) => Err(minor.unreadable("stands beside `amount`; write one of them")),
        (Some(node), None) if !node.is_string() => {
            Err(node.unreadable(format!("is not in quotes, so that its digits are not safe; {BOTH}")))
        }
        (Some(node), None) => decimal(&node.string()?)
            .ok_or_else(|| node.unreadable("is no decimal number; write digits with a point, such as \"1049.90\"")),
        (None, Some(node)) => {
            let minor = node
                .integer()
                .map_err(|_| node.unreadable(format!("is not a whole number of the currency's minor unit; {BOTH}")))?;
            let exponent = currency.exponent().unwrap_or_default();
            Ok(Decimal::new(minor, exponent).normalize())
        }
    }
}

fn interval(node: &Node<'_>) -> Result<Interval, Unreadable> {
    let text = node.string()?;
    let counted = if text.contains(' ') { text } else { format!("1 {text}") };
    counted.parse().map_err(|_| {
        node.unreadable(
            "is no billing interval; write \"day\", \"week\", \"month\", \"year\", or with a count \"3 months\"",
        )
    })
}

fn status(node: &Node<'_>) -> Result<Status, Unreadable> {
    match node.string()?.as_str() {
        "active" => Ok(Status::Active),
        "trial" => Ok(Status::Trial),
        "paused" => Ok(Status::Paused),
        "past_due" => Ok(Status::PastDue),
        _ => Err(node.unreadable(
            "is none of active, trial, paused and past_due; what is over has an `end`, which is all that is needed",
        )),
    }
}
