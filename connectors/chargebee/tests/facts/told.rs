//! Facts as lines of text.

use chrono::{DateTime, Utc};
use revenue::fact::{AccountFacts, DiscountScope, DiscountValue};

fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

fn span(from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> String {
    format!("{} to {}", from.map_or("...".into(), day), until.map_or("...".into(), day))
}

/// The parts of a case, each with what was found.
pub fn parts(facts: &AccountFacts) -> Vec<(&'static str, Vec<String>)> {
    let mut charges: Vec<_> = facts.charges.iter().collect();
    charges.sort_by_key(|charge| (charge.from, &charge.contract, &charge.item));
    let charges = charges.iter().map(|charge| {
        format!(
            "{} {} x {} for {} {} every {} {:?}: {} {}",
            charge.contract,
            charge.plan,
            charge.quantity,
            charge.amount,
            charge.currency,
            charge.interval.count(),
            charge.interval.unit(),
            span(Some(charge.from), charge.until),
            charge.evidence
        )
    });
    let discounts = facts.discounts.iter().map(|discount| {
        let value = match &discount.value {
            DiscountValue::Percent(percent) => format!("{percent} %"),
            DiscountValue::Amount { amount, currency, .. } => format!("{amount} {currency}"),
        };
        let on = match &discount.scope {
            DiscountScope::Contract(_) => "all".to_owned(),
            DiscountScope::Items { items, .. } => items.join(" + "),
            DiscountScope::Item { item, .. } => format!("only {item}"),
        };
        format!("{value} off {on} {:?}: {}", discount.duration, span(discount.from, discount.until))
    });
    let stood = facts.stood.iter().map(|stood| format!("{}: {}", stood.standing, span(Some(stood.from), stood.until)));
    let doubts = facts.doubts.iter().map(|doubt| format!("{}: {}", span(Some(doubt.from), doubt.until), doubt.reason));
    let problems = facts.problems.iter().map(ToString::to_string);
    let figures = facts.attributes.iter().filter(|attribute| attribute.name == "vendor_mrr");
    let figures = figures.map(|figure| format!("{}: {}", figure.value, span(figure.from, figure.until)));
    vec![
        ("charges", charges.collect()),
        ("discounts", discounts.collect()),
        ("stood", stood.collect()),
        ("doubts", doubts.collect()),
        ("problems", problems.collect()),
        ("figures", figures.collect()),
    ]
}
