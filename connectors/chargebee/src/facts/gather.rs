//! What all records of a customer say, by subscription.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::Object;
use mrr_connector_sdk::{Exponents, Problems, RawRecord};
use revenue::fact::Problem;

use crate::model::{Document, Event, Line, Planned, Status, Subscription};

/// A subscription as something shows it.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    pub(super) subscription: Subscription,
    /// Since when it was so, as far as this tells.
    pub(super) at: DateTime<Utc>,
    /// The record, as `stream/id`.
    pub(super) origin: String,
    pub(super) by: By,
}

/// What shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    /// The event with which it was made.
    Creation,
    /// An event that is meant to hold from an earlier time on.
    Backdating,
    /// An event.
    Change,
    /// The record itself.
    Record,
    /// What the record says is planned.
    Plan,
}

/// What is told of one subscription.
#[derive(Default)]
pub(super) struct Told {
    pub(super) snapshots: Vec<Snapshot>,
    /// When its record was found gone.
    pub(super) gone: Option<DateTime<Utc>>,
    pub(super) planned: Planned,
    pub(super) bills: Vec<(Line, String)>,
    pub(super) credits: Vec<Line>,
    /// Whether this customer has its record. Events stay where they were written when a subscription moves to another
    /// customer: who has the record has the subscription, and nobody else counts it.
    own: bool,
}

/// Reads all records. What can't be read is a problem, and what stands beside it is used.
pub(super) fn gather(
    records: &[&RawRecord],
    exponents: &Exponents,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Told> {
    let mut all: BTreeMap<String, Told> = BTreeMap::new();
    for record in records.iter().filter(|record| record.stream == "subscriptions") {
        let told = all.entry(record.id.clone()).or_default();
        told.own = true;
        told.gone = record.versions.last().filter(|version| version.deleted).map(|version| version.seen_at);
        for version in record.versions.iter().filter(|version| !version.deleted) {
            let read = Object::of(&version.payload).and_then(|fields| Subscription::read(&fields, exponents));
            let mut problems = Problems::of("subscriptions", &record.id, problems);
            let Some(subscription) = problems.keep(read, "the subscription is not counted as this shows it") else {
                continue;
            };
            told.snapshots.push(Snapshot {
                at: subscription.updated.unwrap_or(version.seen_at),
                subscription,
                origin: format!("subscriptions/{}", record.id),
                by: By::Record,
            });
        }
        let mut problems = Problems::of("subscriptions", &record.id, problems);
        if told.snapshots.last().is_some_and(|newest| newest.subscription.status == Status::Unknown) {
            problems.say("status", "is no status that is known; the subscription is counted as active".into());
        }
        if let Some(newest) = record.newest() {
            let read = Object::of(&newest.payload).and_then(|fields| Planned::read(&fields, exponents));
            told.planned = problems.keep(read, "what is planned is not used").unwrap_or_default();
        }
    }
    for record in records.iter().filter(|record| record.stream == "events") {
        let Some(version) = record.newest() else { continue };
        let mut problems = Problems::of("events", &record.id, problems);
        let read = Event::read(&version.payload, exponents);
        let Some(event) = problems.keep(read, "what it tells is not used") else { continue };
        let Some(told) = all.get_mut(&event.subscription.id) else { continue };
        let by = match event.backdated {
            _ if event.first => By::Creation,
            Some(_) => By::Backdating,
            None => By::Change,
        };
        let at = event.backdated.filter(|_| by == By::Backdating).unwrap_or(event.at);
        let origin = format!("events/{}", record.id);
        told.snapshots.push(Snapshot { subscription: event.subscription, at, origin, by });
    }
    add_documents(records, exponents, problems, &mut all);
    all.retain(|_, told| told.own && !told.snapshots.is_empty());
    all
}

fn add_documents(
    records: &[&RawRecord],
    exponents: &Exponents,
    problems: &mut Vec<Problem>,
    all: &mut BTreeMap<String, Told>,
) {
    for record in records {
        let Some(version) = record.newest() else { continue };
        let origin = format!("{}/{}", record.stream, record.id);
        let mut problems = Problems::of(&record.stream, &record.id, problems);
        match record.stream.as_str() {
            "invoices" | "credit_notes" => {
                let read = Document::read(&version.payload, exponents);
                let Some(document) = problems.keep(read, "what it bills is not used") else { continue };
                for line in document.lines {
                    let Some(told) = all.get_mut(&line.subscription) else { continue };
                    if record.stream == "invoices" {
                        told.bills.push((line, origin.clone()));
                    } else {
                        told.credits.push(line);
                    }
                }
            }
            _ => {}
        }
    }
}
