//! What each state charges for.

use std::collections::BTreeMap;

use revenue::fact::{Charge, Doubt, Evidence, Problem};

use super::contract::Contract;
use super::history::Entry;
use crate::model::{Item, Kind, Span};

impl Contract<'_> {
    /// A charge for each item over the time in which it was the same.
    pub(super) fn charges(&self, problems: &mut Vec<Problem>) -> Vec<Charge> {
        let mut all: Vec<Charge> = Vec::new();
        let mut wrong = Wrong::default();
        for (entry, span) in self.in_force() {
            for item in entry.subscription.items.iter().filter(|item| self.book.is_recurring(item)) {
                match self.charge(entry, item, span) {
                    Ok(charge) => join(&mut all, charge),
                    Err(message) => wrong.add(entry, &item.path, format!("{message}; the charge is left out")),
                }
            }
        }
        wrong.tell(problems);
        all
    }

    pub(super) fn charge(&self, entry: &Entry, item: &Item, (from, until): Span) -> Result<Charge, String> {
        let amount = item.amount.ok_or("has no amount, and no unit price to work it out from")?;
        let subscription = &entry.subscription;
        let listed = self.book.price(item.kind, &item.price).and_then(|price| price.interval);
        let interval = match item.kind {
            Kind::Plan => item.interval.or(subscription.interval).or(listed),
            _ => item.interval.or(listed).or(subscription.interval),
        };
        Ok(Charge {
            contract: self.id.to_owned(),
            item: item.key.clone(),
            usage: false,
            plan: self.book.plan(item.kind, &item.price),
            currency: subscription.currency,
            amount,
            quantity: item.quantity,
            interval: interval.ok_or("has no period, neither itself nor at its price")?,
            from,
            until,
            evidence: entry.evidence(),
            origin: vec![entry.origin.clone()],
        })
    }
}

/// What is wrong with several states in the same way is told of the newest.
#[derive(Default)]
pub(super) struct Wrong(BTreeMap<String, Problem>);

impl Wrong {
    pub(super) fn add(&mut self, entry: &Entry, field: &str, message: String) {
        let (stream, record) = entry.origin.split_once('/').unwrap_or(("subscriptions", &entry.origin));
        let problem = Problem {
            stream: stream.to_owned(),
            record: record.to_owned(),
            field: field.to_owned(),
            message: message.clone(),
        };
        self.0.insert(message, problem);
    }

    pub(super) fn tell(self, problems: &mut Vec<Problem>) {
        problems.extend(self.0.into_values());
    }
}

/// Adds a charge, or lengthens the one that it goes on from.
pub(super) fn join(all: &mut Vec<Charge>, charge: Charge) {
    let goes_on = |last: &&mut Charge| {
        last.until == Some(charge.from)
            && (&last.item, &last.plan, last.currency, last.amount, last.quantity, last.interval, last.evidence)
                == (
                    &charge.item,
                    &charge.plan,
                    charge.currency,
                    charge.amount,
                    charge.quantity,
                    charge.interval,
                    charge.evidence,
                )
    };
    match all.iter_mut().rev().find(goes_on) {
        Some(last) => last.until = charge.until,
        None => all.push(charge),
    }
}

/// A charge with the part that is in doubt graded as a guess.
pub(super) fn graded(charge: Charge, doubt: &Doubt) -> Vec<Charge> {
    let ends_before = |until: Option<_>, at| until.is_some_and(|until| until <= at);
    if ends_before(charge.until, doubt.from) || ends_before(doubt.until, charge.from) {
        return vec![charge];
    }
    let (from, until) = (charge.from.max(doubt.from), earlier(charge.until, doubt.until));
    let mut parts = Vec::new();
    if charge.from < from {
        parts.push(Charge { until: Some(from), ..charge.clone() });
    }
    parts.push(Charge { from, until, evidence: Evidence::Projected, ..charge.clone() });
    if let Some(until) = until.filter(|until| charge.until.is_none_or(|end| *until < end)) {
        parts.push(Charge { from: until, ..charge });
    }
    parts
}

/// The earlier of two ends, of which each may be open.
pub(super) fn earlier<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
