//! Subscriptions and their items, as they are now.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::{currency, instant, optional};
use revenue::money::Currency;
use rust_decimal::Decimal;

use super::value::quantity;
use super::{Attached, Price, Problems};

/// A subscription.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) status: Status,
    pub(crate) currency: Option<Currency>,
    pub(crate) created: DateTime<Utc>,
    /// From when on it is billed; before `created` when it was backdated.
    pub(crate) start: DateTime<Utc>,
    pub(crate) trial: Option<(DateTime<Utc>, DateTime<Utc>)>,
    pub(crate) ended: Option<DateTime<Utc>>,
    pub(crate) cancel_at: Option<DateTime<Utc>>,
    pub(crate) cancel_at_period_end: bool,
    /// When its end was asked for, the last time that it was.
    pub(crate) canceled_at: Option<DateTime<Utc>>,
    /// Whether a payment is late.
    pub(crate) past_due: bool,
    pub(crate) items: Vec<Item>,
    /// Whether it has more items than these: a list inside of an event is cut.
    pub(crate) cut: bool,
    pub(crate) discounts: Vec<Attached>,
    /// Whether its time is a test's and not the world's.
    pub(crate) simulated: bool,
    /// Whether it was ended because nobody paid.
    pub(crate) not_paid: bool,
}

/// What a status means for MRR now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Counts: active, past_due.
    Counts,
    /// Counted until it ended.
    Canceled,
    /// Counts from the end of its trial.
    Trialing,
    /// Counted and does not any more, and why.
    Suspended(Suspension),
    /// Never counted: the first payment is missing.
    Incomplete,
}

/// Why a subscription does not count although it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suspension {
    /// Its invoices are no longer collected, because too many attempts have failed.
    Unpaid,
    /// Its trial has ended without a way to pay.
    AfterTrial,
    /// Its invoices are voided as they are made.
    Voided,
}

/// One item of a subscription.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) price: Price,
    pub(crate) quantity: Decimal,
    pub(crate) created: Option<DateTime<Utc>>,
    pub(crate) period_start: DateTime<Utc>,
    pub(crate) period_end: DateTime<Utc>,
    pub(crate) discounts: Vec<Attached>,
    /// Where it stands in its record.
    pub(crate) path: String,
}

impl Subscription {
    /// `None`, with a problem, when the subscription as a whole can't be read.
    pub(crate) fn read(node: &Node<'_>, problems: &mut Problems<'_>) -> Option<Self> {
        let record = problems.keep(node.object(), "the subscription is left out")?;
        let read = head(&record, problems);
        let mut subscription = problems.keep(read, "the subscription is left out")?;
        subscription.discounts = Attached::list(&record, problems);
        let list = || {
            let list = record.need("items")?.object()?;
            Ok((list.need("data")?.list()?, optional(&list, "has_more", Node::boolean)?.unwrap_or(false)))
        };
        let list = problems.keep(list(), "it is left out unless invoices name its items");
        let (nodes, cut) = list.unwrap_or_default();
        subscription.cut = cut;
        for node in nodes {
            let Some(fields) = problems.keep(node.object(), "the item is left out") else { continue };
            if let Some(mut item) = problems.keep(item(&node, &fields, &record), "the item is left out") {
                item.discounts = Attached::list(&fields, problems);
                subscription.items.push(item);
            }
        }
        Some(subscription)
    }
}

fn head(record: &Object<'_>, problems: &mut Problems<'_>) -> Result<Subscription, Unreadable> {
    let start = instant(&record.need("start_date")?)?;
    let canceled_at = optional(record, "canceled_at", instant)?;
    let status = status(record, problems)?;
    let ended = optional(record, "ended_at", instant)?;
    let trial_end = optional(record, "trial_end", instant)?;
    let trial_start = optional(record, "trial_start", instant)?.unwrap_or(start);
    Ok(Subscription {
        status,
        currency: optional(record, "currency", currency)?,
        created: optional(record, "created", instant)?.unwrap_or(start),
        start,
        trial: trial_end.map(|end| (trial_start, end)),
        ended: if status == Status::Canceled { ended.or(canceled_at) } else { ended },
        cancel_at: optional(record, "cancel_at", instant)?,
        cancel_at_period_end: optional(record, "cancel_at_period_end", Node::boolean)?.unwrap_or(false),
        canceled_at,
        past_due: record.need("status")?.string()? == "past_due",
        items: Vec::new(),
        cut: false,
        discounts: Vec::new(),
        simulated: record.get("test_clock").is_some(),
        not_paid: not_paid(record)?,
    })
}

fn not_paid(record: &Object<'_>) -> Result<bool, Unreadable> {
    let details = optional(record, "cancellation_details", Node::object)?;
    let reason = details.map(|details| optional(&details, "reason", Node::string)).transpose()?.flatten();
    Ok(reason.as_deref() == Some("payment_failed"))
}

fn status(record: &Object<'_>, problems: &mut Problems<'_>) -> Result<Status, Unreadable> {
    let node = record.need("status")?;
    let status = match node.string()?.as_str() {
        "active" | "past_due" => Status::Counts,
        "canceled" => Status::Canceled,
        "trialing" => Status::Trialing,
        "unpaid" => Status::Suspended(Suspension::Unpaid),
        "paused" => Status::Suspended(Suspension::AfterTrial),
        "incomplete" | "incomplete_expired" => Status::Incomplete,
        _ => {
            problems.say(node.path(), "is no status that is known; the subscription is counted as active".into());
            Status::Counts
        }
    };
    // Stripe keeps a subscription active while its invoices are voided as they are made.
    let voided = match record.get("pause_collection") {
        Some(pause) => {
            pause.object()?.get("behavior").is_some_and(|node| node.string().is_ok_and(|text| text == "void"))
        }
        None => false,
    };
    Ok(if voided && status == Status::Counts { Status::Suspended(Suspension::Voided) } else { status })
}

fn item(node: &Node<'_>, item: &Object<'_>, subscription: &Object<'_>) -> Result<Item, Unreadable> {
    // Versions before 2025-03-31 have the period at the subscription.
    let period = |name: &str| match subscription.get(name).filter(|_| item.get(name).is_none()) {
        Some(node) => instant(&node),
        None => instant(&item.need(name)?),
    };
    Ok(Item {
        id: item.need("id")?.string()?,
        // Versions before 2020-08-27 have a plan where there is a price since.
        price: Price::read(&item.get("price").map_or_else(|| item.need("plan").or(item.need("price")), Ok)?)?,
        quantity: quantity(item)?,
        created: optional(item, "created", instant)?,
        period_start: period("current_period_start")?,
        period_end: period("current_period_end")?,
        discounts: Vec::new(),
        path: node.path().to_owned(),
    })
}
