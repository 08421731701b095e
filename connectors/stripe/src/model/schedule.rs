//! Subscription schedules: phases that were planned, and have come about or are still ahead.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::{currency, instant, optional};
use revenue::money::Currency;
use rust_decimal::Decimal;

use super::price::id_of_price;
use super::value::quantity;
use super::{Problems, id_of};

/// A schedule of a subscription.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// `None` when it has not made one yet.
    pub(crate) subscription: Option<String>,
    /// When it let go of its subscription: what was planned for later did not come about.
    pub(crate) stopped: Option<DateTime<Utc>>,
    /// When its subscription ends with it.
    pub(crate) ends: Option<DateTime<Utc>>,
    pub(crate) phases: Vec<Phase>,
    /// Whether its time is a test's and not the world's.
    pub(crate) simulated: bool,
}

/// What a subscription was to be from an instant on.
#[derive(Debug, Clone)]
pub(crate) struct Phase {
    pub(crate) start: DateTime<Utc>,
    pub(crate) currency: Option<Currency>,
    /// Prices and how many of each.
    pub(crate) items: Vec<(String, Decimal)>,
    pub(crate) discounted: bool,
    pub(crate) trial: bool,
}

impl Schedule {
    /// `None`, with a problem, when it can't be read.
    pub(crate) fn read(payload: &str, problems: &mut Problems<'_>) -> Option<Self> {
        problems.keep(Object::of(payload).and_then(|record| schedule(&record)), "its phases are not used")
    }
}

fn schedule(record: &Object<'_>) -> Result<Schedule, Unreadable> {
    let subscription = record.get("subscription").or_else(|| record.get("released_subscription"));
    let stopped = match record.get("canceled_at").or_else(|| record.get("released_at")) {
        Some(stopped) => Some(instant(&stopped)?),
        None => optional(record, "completed_at", instant)?,
    };
    let phases = record.need("phases")?.list()?;
    let cancels = optional(record, "end_behavior", Node::string)?.as_deref() == Some("cancel");
    let last = phases.last().filter(|_| cancels && stopped.is_none()).map(Node::object).transpose()?;
    Ok(Schedule {
        subscription: subscription.map(|subscription| id_of(&subscription)).transpose()?,
        stopped,
        ends: last.map(|last| optional(&last, "end_date", instant)).transpose()?.flatten(),
        phases: phases.iter().map(phase).collect::<Result<_, _>>()?,
        simulated: record.get("test_clock").is_some(),
    })
}

fn phase(node: &Node<'_>) -> Result<Phase, Unreadable> {
    let phase = node.object()?;
    let mut items = Vec::new();
    // Versions before 2020-08-27 call them plans.
    let list = phase.get("items").map_or_else(|| phase.need("plans"), Ok)?;
    for node in list.list()? {
        let item = node.object()?;
        let price = id_of_price(&item)?.ok_or_else(|| node.unreadable("has no price"))?;
        items.push((price, quantity(&item)?));
    }
    let discounts = optional(&phase, "discounts", Node::list)?.is_some_and(|discounts| !discounts.is_empty());
    Ok(Phase {
        start: instant(&phase.need("start_date")?)?,
        currency: optional(&phase, "currency", currency)?,
        items,
        discounted: discounts || phase.get("coupon").is_some(),
        trial: phase.get("trial_end").is_some(),
    })
}
