//! From what a state costs to charges, cut where it is known in another way.

use chrono::{DateTime, Utc};
use revenue::fact::{Charge, Doubt, Evidence};

use super::charge::Priced;
use super::contract::Contract;
use super::doubt::Doubted;
use super::history::Change;
use super::span::Span;

/// The charges over a span: what was rebuilt must not look known, and what was guessed must not
/// look rebuilt.
pub(super) fn charges(
    contract: &Contract<'_>,
    item: &str,
    change: &Change,
    priced: &Priced,
    span: Span,
    doubts: &[Doubted],
) -> Vec<Charge> {
    // Only what stays the same when more invoices say it again: a charge that nothing changed must
    // not look restated every month. What was rebuilt points at the line that began it; what was
    // observed is in the subscription's own versions.
    let subscription = contract.known.map(|_| format!("subscriptions/{}", contract.id));
    let begun = change.origins.first().cloned();
    let origin = |evidence| match evidence {
        Evidence::Observed => subscription.iter().cloned().collect(),
        _ => subscription.iter().chain(&begun).cloned().collect(),
    };
    let charge = |(from, until, evidence)| Charge {
        contract: contract.id.to_owned(),
        item: item.to_owned(),
        usage: false,
        plan: priced.plan.clone(),
        currency: priced.currency,
        amount: priced.amount,
        quantity: priced.quantity,
        interval: priced.interval,
        from,
        until,
        evidence,
        origin: origin(evidence),
    };
    let of_item = |(_, about): &&Doubted| about.as_deref().is_none_or(|about| about == item);
    let doubts: Vec<&Doubt> = doubts.iter().filter(of_item).map(|(doubt, _)| doubt).collect();
    graded(contract, change, span, &doubts).into_iter().map(charge).collect()
}

/// A time with a grade.
type Graded = (DateTime<Utc>, Option<DateTime<Utc>>, Evidence);

/// A span, cut where its grade changes.
fn graded(contract: &Contract<'_>, change: &Change, (from, until): Span, doubts: &[&Doubt]) -> Vec<Graded> {
    let known = contract.known.map(|known| known.first().at);
    let seen = match contract.known {
        Some(known) => known.seen_since,
        // A subscription that is still to begin stands in its schedule.
        None => contract.scheduled.then_some(contract.start),
    };
    let grade = |at: DateTime<Utc>| {
        let doubted = |doubt: &&Doubt| doubt.from <= at && doubt.until.is_none_or(|until| at < until);
        if doubts.iter().any(doubted) {
            Evidence::Projected
        } else if seen.is_some_and(|seen| seen <= at) {
            Evidence::Observed
        } else if known.is_some_and(|known| known <= at) {
            Evidence::History
        } else if change.origins.is_empty() {
            Evidence::Projected
        } else {
            Evidence::Invoice
        }
    };
    let ends = doubts.iter().flat_map(|doubt| [Some(doubt.from), doubt.until]).chain([known, seen]).flatten();
    let within = |at: &DateTime<Utc>| from < *at && until.is_none_or(|until| *at < until);
    let mut borders: Vec<DateTime<Utc>> = ends.filter(within).chain([from]).collect();
    borders.sort_unstable();
    borders.dedup();
    let mut parts: Vec<Graded> = Vec::new();
    for border in borders {
        let evidence = grade(border);
        match parts.last_mut() {
            Some((_, _, last)) if *last == evidence => {}
            last => {
                if let Some((_, end, _)) = last {
                    *end = Some(border);
                }
                parts.push((border, until, evidence));
            }
        }
    }
    parts
}
