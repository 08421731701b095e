//! Subscriptions, whole, as one record or one event shows them.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::Exponents;
use mrr_connector_sdk::json::{Object, Unreadable};
use mrr_connector_sdk::value::{currency, decimal, instant, optional};
use revenue::calendar::Interval;
use revenue::money::Currency;
use rust_decimal::Decimal;

use super::{Item, Reduction, amount, flag, interval, text};

/// A subscription as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) customer: String,
    pub(crate) status: Status,
    pub(crate) currency: Currency,
    pub(crate) interval: Option<Interval>,
    pub(crate) created: Option<DateTime<Utc>>,
    /// When service began, or is to begin.
    pub(crate) started: Option<DateTime<Utc>>,
    pub(crate) activated: Option<DateTime<Utc>>,
    pub(crate) trial: Option<(DateTime<Utc>, DateTime<Utc>)>,
    pub(crate) term: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// When it ended or is to end.
    pub(crate) cancelled: Option<DateTime<Utc>>,
    pub(crate) paused: Option<DateTime<Utc>>,
    pub(crate) resumes: Option<DateTime<Utc>>,
    /// Since when a bill is late.
    pub(crate) due_since: Option<DateTime<Utc>>,
    /// Whether changes are planned for it.
    pub(crate) planned: bool,
    /// When its contract ends for good.
    pub(crate) contract_end: Option<DateTime<Utc>>,
    pub(crate) items: Vec<Item>,
    pub(crate) reductions: Vec<Reduction>,
    /// Chargebee's own figure, in the major unit of its currency.
    pub(crate) mrr: Option<Decimal>,
    pub(crate) updated: Option<DateTime<Utc>>,
    /// Milliseconds; grows with each change.
    pub(crate) version: Option<i64>,
}

/// How a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Future,
    Trial,
    Active,
    /// Active, and its end is known.
    Ending,
    Paused,
    Cancelled,
    /// Under another id, at another entity of the same business, or deleted: what goes on is told there.
    Elsewhere,
    /// One that this release does not know: counted as active.
    Unknown,
}

impl Status {
    /// Whether something is agreed, counted or not.
    pub(crate) fn in_force(self) -> bool {
        !matches!(self, Self::Cancelled | Self::Elsewhere)
    }
}

impl Subscription {
    pub(crate) fn read(record: &Object<'_>, exponents: &Exponents) -> Result<Self, Unreadable> {
        let currency = currency(&record.need("currency_code")?)?;
        let at = |name: &str| optional(record, name, instant);
        let pair = |from: &str, to: &str| Ok::<_, Unreadable>(at(from)?.zip(at(to)?));
        let due: Decimal = optional(record, "due_invoices_count", decimal)?.unwrap_or_default();
        Ok(Self {
            id: record.need("id")?.string()?,
            customer: record.need("customer_id")?.string()?,
            status: status(record)?,
            currency,
            interval: interval(record, "billing_period", "billing_period_unit")?,
            created: at("created_at")?,
            started: at("started_at")?.or(at("start_date")?),
            activated: at("activated_at")?,
            trial: pair("trial_start", "trial_end")?,
            term: pair("current_term_start", "current_term_end")?,
            cancelled: at("cancelled_at")?,
            paused: at("pause_date")?,
            resumes: at("resume_date")?,
            due_since: at("due_since")?.filter(|_| !due.is_zero()),
            planned: flag(record, "has_scheduled_changes")?,
            contract_end: contract_end(record)?,
            items: Item::all(record, currency, exponents)?,
            reductions: Reduction::all(record, currency, exponents)?,
            mrr: amount(record, "mrr", currency, exponents)?,
            updated: at("updated_at")?,
            version: optional(record, "resource_version", |node| node.integer())?,
        })
    }
}

fn status(record: &Object<'_>) -> Result<Status, Unreadable> {
    if flag(record, "deleted")? || flag(record, "decommissioned")? {
        return Ok(Status::Elsewhere);
    }
    Ok(match record.need("status")?.string()?.as_str() {
        "future" => Status::Future,
        "in_trial" => Status::Trial,
        "active" => Status::Active,
        "non_renewing" => Status::Ending,
        "paused" => Status::Paused,
        "cancelled" => Status::Cancelled,
        "transferred" => Status::Elsewhere,
        _ => Status::Unknown,
    })
}

/// The end of a contract that is neither renewed nor goes on without one.
fn contract_end(record: &Object<'_>) -> Result<Option<DateTime<Utc>>, Unreadable> {
    let Some(term) = record.get("contract_term") else { return Ok(None) };
    let term = term.object()?;
    let ends = text(&term, "action_at_term_end")?.as_deref() == Some("cancel");
    let active = text(&term, "status")?.as_deref() == Some("active");
    if ends && active { optional(&term, "contract_end", instant) } else { Ok(None) }
}
