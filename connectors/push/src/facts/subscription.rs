//! A recurring charge, over the time in which it is charged.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mrr_connector_sdk::RawRecord;
use revenue::fact::{AccountFacts, Charge, Doubt, Evidence, Standing, Stood};

use super::said;
use crate::model::{Status, Subscription};

/// A time over which one item holds.
struct Span {
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
}

impl Span {
    /// The part of it in which the subscription is in force; `None` when there is none.
    fn within(&self, from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> Option<Self> {
        let span = Self { from: self.from.max(from), until: earlier(self.until, until) };
        span.until.is_none_or(|until| span.from < until).then_some(span)
    }
}

fn earlier(a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    a.into_iter().chain(b).min()
}

/// Adds the charges. Each item holds until the next one does, so that a new price is a movement on
/// its day; when the subscription begins and ends is what the last one says.
pub(super) fn add(record: &RawRecord, zone: Tz, facts: &mut AccountFacts) {
    let all = said(
        record,
        &mut facts.problems,
        |fields| Subscription::read(fields, zone),
        |said| said.ts,
        |said| Some(said.start),
    );
    let Some(last) = all.iter().rev().find_map(|said| said.what.as_ref()) else { return };
    let (start, end) = (last.start, last.end);
    for (index, said) in all.iter().enumerate() {
        let (Some(from), Some(terms)) = (said.from, &said.what) else { continue };
        let until = all.get(index + 1).and_then(|next| next.from);
        // Nothing was said about the time before the first item, if that is dated later.
        if index == 0
            && let Some(before) = (Span { from: start, until: Some(from) }).within(start, end)
        {
            charge(record, terms, &before, Evidence::Projected, facts);
            facts.doubts.push(doubt(record, &before));
        }
        if let Some(span) = (Span { from, until }).within(start, end) {
            charge(record, terms, &span, Evidence::Observed, facts);
        }
    }
}

fn charge(record: &RawRecord, terms: &Subscription, span: &Span, evidence: Evidence, facts: &mut AccountFacts) {
    facts.charges.push(Charge {
        contract: record.id.clone(),
        item: record.id.clone(),
        usage: false,
        plan: terms.plan.clone(),
        currency: terms.currency,
        amount: terms.amount,
        quantity: terms.quantity,
        interval: terms.interval,
        from: span.from,
        until: span.until,
        evidence,
        origin: vec![origin(record)],
    });
    let mut stood = |standing, until| {
        if let Some(Span { from, until }) = span.within(span.from, until) {
            facts.stood.push(Stood { contract: record.id.clone(), standing, from, until });
        }
    };
    match terms.status {
        Status::Trial => stood(Standing::Trial, terms.trial_end),
        Status::Active => {
            if let Some(end) = terms.trial_end {
                stood(Standing::Trial, Some(end));
            }
        }
        Status::Paused => stood(Standing::Paused, None),
        Status::PastDue => stood(Standing::PastDue, None),
    }
}

fn doubt(record: &RawRecord, span: &Span) -> Doubt {
    Doubt {
        contract: record.id.clone(),
        from: span.from,
        until: span.until,
        reason: "the first item about it is dated later than its start; the terms are taken to have been the same since then".into(),
        origin: vec![origin(record)],
    }
}

fn origin(record: &RawRecord) -> String {
    format!("{}/{}", record.stream, record.id)
}
