//! Discounts: those that were seen on the subscription, and those that only its invoices show.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use revenue::fact::{AccountFacts, Discount, DiscountScope, DiscountValue, Problem};
use rust_decimal::Decimal;

use super::book::Book;
use super::contract::Contract;
use super::granted::{self, Granted};
use crate::model::{Applied, Coupon, CouponSource, Direction, Line};

/// A period may begin a little before the one before it is over.
const OVERLAP: TimeDelta = TimeDelta::days(1);

/// The products that each item was sold as.
type Products<'a> = BTreeMap<&'a str, BTreeSet<String>>;

/// Adds the discounts of a contract.
pub(super) fn add(contract: &Contract<'_>, products: &Products<'_>, facts: &mut AccountFacts) {
    let seen = contract.seen.map(|seen| granted::granted(seen, &contract.lines.lines)).unwrap_or_default();
    let seen_ids: BTreeSet<&str> = seen.iter().map(|granted| granted.applied.id.as_str()).collect();
    for granted in &seen {
        push(contract, ("subscriptions", contract.id), granted, products, facts);
    }
    for line in &contract.lines.lines {
        let unknown = |id: &&String| !seen_ids.contains(id.as_str()) && !contract.lines.discounts.contains_key(*id);
        facts.problems.extend(line.discounts.iter().filter(unknown).map(|id| {
            let (stream, record) = line.record();
            Problem {
                stream: stream.to_owned(),
                record: record.to_owned(),
                field: format!("{}.discount_amounts", line.path),
                message: format!("names the discount {id}, which stands nowhere; the discount is ignored"),
            }
        }));
    }
    let mut billed: Vec<&Applied> =
        contract.lines.discounts.values().filter(|applied| !seen_ids.contains(applied.id.as_str())).collect();
    billed.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
    for applied in billed {
        let lines = &contract.lines.lines;
        let Some(line) = lines.iter().find(|line| line.discounts.contains(&applied.id)) else { continue };
        let start = contract.seen.map(|seen| seen.newest().start);
        let from = start.is_none_or(|start| granted::is_late(applied, start)).then_some(applied.start);
        let granted = Granted { applied, item: applied.item.as_deref(), from, until: end_of(applied, lines, contract) };
        push(contract, line.record(), &granted, products, facts);
    }
}

/// When a discount that was never seen on its subscription ended: with its own end, or with the
/// last period that had it when a later one has not.
fn end_of(applied: &Applied, lines: &[Line], contract: &Contract<'_>) -> Option<DateTime<Utc>> {
    let periods = || lines.iter().filter(|line| line.direction == Direction::Period);
    let covered = periods().filter(|line| line.discounts.contains(&applied.id)).map(|line| line.end).max();
    let Some(covered) = covered else { return applied.end };
    let later = periods().any(|line| line.start + OVERLAP > covered);
    let removed = later || contract.counts_now();
    match applied.end {
        Some(end) if end <= covered || !removed => Some(end),
        None if !removed => None,
        _ => Some(covered),
    }
}

fn push(
    contract: &Contract<'_>,
    (stream, record): (&str, &str),
    granted: &Granted<'_>,
    products: &Products<'_>,
    facts: &mut AccountFacts,
) {
    let applied = granted.applied;
    let mut say = |message: String| {
        facts.problems.push(Problem {
            stream: stream.to_owned(),
            record: record.to_owned(),
            field: applied.path.clone(),
            message: format!("{message}; the discount {} is ignored", applied.id),
        });
    };
    if applied.invoice_only {
        return;
    }
    let coupon = match coupon(applied, contract.book) {
        Ok(coupon) => coupon,
        Err(message) => return say(message),
    };
    let value = match value(coupon, contract) {
        Ok(value) => value,
        Err(message) => return say(message),
    };
    let scopes = scopes(contract, granted.item, coupon, products);
    if scopes.len() > 1 && matches!(value, DiscountValue::Amount { .. }) {
        return say(format!("the coupon {} takes one amount off several products", coupon.id));
    }
    facts.discounts.extend(scopes.into_iter().map(|scope| Discount {
        id: applied.id.clone(),
        scope,
        value: value.clone(),
        duration: coupon.duration,
        from: granted.from,
        until: granted.until,
    }));
}

fn coupon<'a>(applied: &'a Applied, book: &'a Book) -> Result<&'a Coupon, String> {
    match &applied.coupon {
        // The listed one knows which products it is for, the embedded one need not.
        CouponSource::Embedded(coupon) => {
            Ok(book.coupon(&coupon.id).and_then(|listed| listed.as_ref().ok()).unwrap_or(coupon))
        }
        CouponSource::Named(id) => match book.coupon(id) {
            Some(Ok(coupon)) => Ok(coupon),
            Some(Err(error)) => Err(format!("the coupon {id} can't be read: {error}")),
            None => Err(format!("the coupon {id} is not among the coupons")),
        },
    }
}

fn value(coupon: &Coupon, contract: &Contract<'_>) -> Result<DiscountValue, String> {
    if let Some(percent) = coupon.percent {
        return Ok(DiscountValue::Percent(percent));
    }
    let billed = contract.currency();
    let known = coupon.amounts.iter().find(|(currency, _)| billed.is_none_or(|billed| billed == *currency));
    let (currency, minor) =
        known.ok_or_else(|| format!("the coupon {} has no amount in the subscription's currency", coupon.id))?;
    let exponent = contract
        .book
        .exponents
        .of(*currency)
        .ok_or_else(|| format!("{currency} is in no table of Stripe's decimals: add it to `currency_exponents`"))?;
    let amount = minor.checked_mul(Decimal::new(1, exponent)).ok_or("its amount is too large to be kept")?;
    Ok(DiscountValue::Amount { amount, currency: *currency, decimals: exponent })
}

/// What a discount reaches: its item, or all of the contract, or the items of the products that
/// its coupon is for.
fn scopes(contract: &Contract<'_>, item: Option<&str>, coupon: &Coupon, products: &Products<'_>) -> Vec<DiscountScope> {
    let of_item = |item: &str| DiscountScope::Item { contract: contract.id.to_owned(), item: item.to_owned() };
    match item {
        Some(item) => vec![of_item(item)],
        None if coupon.products.is_empty() => vec![DiscountScope::Contract(contract.id.to_owned())],
        None => {
            let reached =
                products.iter().filter(|(_, sold)| coupon.products.iter().any(|product| sold.contains(product)));
            reached.map(|(item, _)| of_item(item)).collect()
        }
    }
}
