//! Subscription schedules: phases that were planned, and have come about.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use rust_decimal::Decimal;

use super::price::id_of_price;
use super::value::{instant, optional, quantity};
use super::{Problems, id_of};

/// A schedule of a subscription.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) subscription: String,
    /// When it let go of its subscription: what was planned for later did not come about.
    pub(crate) stopped: Option<DateTime<Utc>>,
    pub(crate) phases: Vec<Phase>,
}

/// What a subscription was to be from an instant on.
#[derive(Debug, Clone)]
pub(crate) struct Phase {
    pub(crate) start: DateTime<Utc>,
    /// Prices and how many of each.
    pub(crate) items: Vec<(String, Decimal)>,
}

impl Schedule {
    /// `None` when it has no subscription yet, or can't be read, the latter with a problem.
    pub(crate) fn read(payload: &str, problems: &mut Problems<'_>) -> Option<Self> {
        problems.keep(Object::of(payload).and_then(|record| schedule(&record)), "its phases are not used").flatten()
    }
}

fn schedule(record: &Object<'_>) -> Result<Option<Schedule>, Unreadable> {
    let subscription = record.get("subscription").or_else(|| record.get("released_subscription"));
    let Some(subscription) = subscription else { return Ok(None) };
    let stopped = match record.get("canceled_at").or_else(|| record.get("released_at")) {
        Some(stopped) => Some(instant(&stopped)?),
        None => optional(record, "completed_at", instant)?,
    };
    let phases = record.need("phases")?.list()?;
    let phases = phases.iter().map(phase).collect::<Result<_, _>>()?;
    Ok(Some(Schedule { subscription: id_of(&subscription)?, stopped, phases }))
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
    Ok(Phase { start: instant(&phase.need("start_date")?)?, items })
}
