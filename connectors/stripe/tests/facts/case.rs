//! A case, and how it is told.

use mrr_connector_sdk::{Mapper, RawRecord};
use revenue::fact::{AccountFacts, Charge, DiscountScope, DiscountValue, Doubt, Evidence, Stood};
use serde_json::Value;

use super::build::*;

pub const JAN: (&str, &str) = ("2025-01-01", "2025-02-01");
pub const FEB: (&str, &str) = ("2025-02-01", "2025-03-01");
pub const MAR: (&str, &str) = ("2025-03-01", "2025-04-01");
pub const APR: (&str, &str) = ("2025-04-01", "2025-05-01");
/// The connector first saw everything on this day unless a case says otherwise.
pub const SEEN: &str = "2025-04-10";

pub fn mapper(references: &[RawRecord]) -> Box<dyn Mapper> {
    mrr_connector_stripe::configure("api_key = 'sk_test_x'".parse().unwrap()).unwrap().mapper(references)
}

/// The facts, after it was seen that no order of the records changes them.
pub fn facts(records: &[RawRecord]) -> AccountFacts {
    let mut references = references();
    let facts = mapper(&references).facts("cus_1", records);
    let mut shuffled = records.to_vec();
    for turn in 0..records.len().max(1) {
        shuffled.rotate_left(1);
        if turn % 2 == 0 {
            shuffled.reverse();
        }
        references.reverse();
        assert_eq!(mapper(&references).facts("cus_1", &shuffled), facts, "the order of the records decides something");
    }
    for guess in counted(&facts).iter().filter(|charge| charge.evidence == Evidence::Projected) {
        // Doubts that follow one another may cover it together.
        let mut mine: Vec<&Doubt> = facts.doubts.iter().filter(|doubt| doubt.contract == guess.contract).collect();
        mine.sort_by_key(|doubt| doubt.from);
        let mut left = Some(guess.from);
        for doubt in mine {
            if let Some(at) = left.filter(|at| doubt.from <= *at) {
                left = doubt.until.map(|until| until.max(at));
            }
        }
        let covered = left.is_none_or(|at| guess.until.is_some_and(|until| until <= at));
        assert!(covered, "{} is in no doubt", told(guess));
    }
    facts
}

/// `2025-01-01 to 2025-02-01: invoices/in_1, invoices/in_2`.
pub fn doubts(facts: &AccountFacts) -> Vec<String> {
    let until = |doubt: &Doubt| doubt.until.map_or("...".to_owned(), instant);
    let told = facts.doubts.iter();
    told.map(|doubt| format!("{} to {}: {}", instant(doubt.from), until(doubt), doubt.origin.join(", "))).collect()
}

/// One case: the present, the invoices, what waits for one, and the charges that follow.
pub struct Case {
    pub name: &'static str,
    pub subscription: Value,
    pub invoices: Vec<Value>,
    pub pending: Vec<Value>,
    pub charges: Vec<&'static str>,
}

pub fn check(case: Case) {
    let records = records(&[case.subscription], &case.invoices, &case.pending, SEEN);
    let facts = facts(&records);
    let found: Vec<String> = counted(&facts).iter().map(told).collect();
    assert_eq!(found, case.charges, "{}", case.name);
    assert_eq!(facts.problems, [], "{}", case.name);
}

pub fn records(subscriptions: &[Value], invoices: &[Value], pending: &[Value], seen: &str) -> Vec<RawRecord> {
    let of = |stream: &'static str, values: &[Value]| {
        values.iter().map(|value| record(stream, seen, value.clone())).collect::<Vec<_>>()
    };
    [of("subscriptions", subscriptions), of("invoices", invoices), of("invoiceitems", pending)].concat()
}

/// The charges of the times in which they count by default.
pub fn counted(facts: &AccountFacts) -> Vec<Charge> {
    let uncounted = facts.stood.iter().filter(|stood| !stood.standing.counts());
    let agreed = facts.charges.iter().filter(|charge| !charge.usage).cloned().collect();
    uncounted.fold(agreed, |charges: Vec<Charge>, stood| {
        let parts = charges.into_iter().flat_map(|charge| {
            if charge.contract != stood.contract {
                return vec![charge];
            }
            let earlier = |a: Option<Instant>, b: Option<Instant>| a.into_iter().chain(b).min();
            let before = (charge.from, earlier(charge.until, Some(stood.from)));
            let after = stood.until.map(|until| (charge.from.max(until), charge.until));
            let some = |(from, until): &(Instant, Option<Instant>)| until.is_none_or(|until| *from < until);
            let spans = [Some(before), after].into_iter().flatten().filter(some);
            spans.map(|(from, until)| Charge { from, until, ..charge.clone() }).collect()
        });
        parts.collect()
    })
}

type Instant = chrono::DateTime<chrono::Utc>;

/// How it stood: `Trial from 2025-01-01 until 2025-01-15`.
pub fn stood(facts: &AccountFacts) -> Vec<String> {
    let until = |stood: &Stood| stood.until.map_or("...".to_owned(), instant);
    let told = facts.stood.iter();
    told.map(|stood| format!("{} from {} until {}", stood.standing, instant(stood.from), until(stood))).collect()
}

/// `si_1 Team 2 = 20 EUR / 1 month, 2025-01-01 to ..., invoice`.
pub fn told(charge: &Charge) -> String {
    let until = charge.until.map_or("...".to_owned(), instant);
    format!(
        "{} {} {} = {} {} / {}, {} to {until}, {}",
        charge.item,
        charge.plan,
        charge.quantity,
        charge.amount,
        charge.currency,
        charge.interval,
        instant(charge.from),
        charge.evidence,
    )
}

pub fn instant(instant: chrono::DateTime<chrono::Utc>) -> String {
    let text = instant.format("%Y-%m-%dT%H:%M:%S").to_string();
    text.trim_end_matches("T00:00:00").to_owned()
}

pub fn now(price: &str, quantity: i64) -> Vec<Value> {
    vec![item("si_1", price, quantity, "2025-01-01", APR)]
}

pub fn cycles(price: &str, quantity: i64) -> Vec<Value> {
    let lines = [JAN, FEB, MAR, APR];
    lines
        .map(|month| invoice(&format!("in_{}", month.0), month.0, vec![period("si_1", price, quantity, month)]))
        .to_vec()
}

/// `contract third 33.33 % Forever from 2025-01-01 until ...`.
pub fn discounts(facts: &AccountFacts) -> Vec<String> {
    let end = |end: Option<chrono::DateTime<chrono::Utc>>| end.map_or("...".to_owned(), instant);
    let told = facts.discounts.iter().map(|discount| {
        let scope = match &discount.scope {
            DiscountScope::Contract(contract) => contract.clone(),
            DiscountScope::Items { items, .. } => items.join("+"),
            DiscountScope::Item { item, .. } => item.clone(),
        };
        let value = match &discount.value {
            DiscountValue::Percent(percent) => format!("{percent} %"),
            DiscountValue::Amount { amount, currency, .. } => format!("{amount} {currency}"),
        };
        let (from, until) = (end(discount.from), end(discount.until));
        format!("{} on {scope}: {value}, {:?}, {from} to {until}", discount.id, discount.duration)
    });
    told.collect()
}
