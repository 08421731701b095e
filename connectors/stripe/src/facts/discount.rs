//! Discounts: what was attached when, and what it takes off.

use std::collections::{BTreeMap, BTreeSet};

use revenue::fact::{AccountFacts, Discount, DiscountScope, DiscountValue, Duration, Problem};
use rust_decimal::Decimal;

use super::book::Book;
use super::contract::Contract;
use super::doubt::Open;
use super::granted::Granted;
use super::in_force::{Span, without};
use super::inherited::Inherited;
use super::registry::{Entry, Registry};
use crate::model::{Applied, Coupon, CouponSource};

/// The products that each item was sold as.
pub(super) type Products<'a> = BTreeMap<&'a str, BTreeSet<String>>;

/// Adds the discounts of a contract; answers what is open about them.
pub(super) fn add(
    contract: &Contract<'_>,
    products: &Products<'_>,
    registry: &Registry,
    inherited: &[Inherited<'_>],
    facts: &mut AccountFacts,
) -> Vec<Open> {
    let (granted, unknown) = contract.granted(registry);
    let mut open = Vec::new();
    facts.problems.extend(unknown.into_iter().map(|(path, id)| nowhere(("subscriptions", contract.id), path, &id)));
    for line in &contract.bills.lines {
        let unknown = line.discounts.iter().filter(|id| registry.get(id).is_none());
        facts.problems.extend(unknown.map(|id| nowhere(line.record(), format!("{}.discount_amounts", line.path), id)));
    }
    // While it has a discount of its own, its customer's does not work.
    let mut own: Vec<Span> = Vec::new();
    for Granted { entry, item, attached } in granted {
        let span = (attached.from.unwrap_or(contract.start), attached.until);
        let (from, until) = (attached.from, attached.until);
        own.push(span);
        if push(contract, entry, item.as_deref(), &[(from, until)], products, facts) {
            open.extend(attached.open);
        }
    }
    for Inherited { entry, attached } in inherited {
        let start = entry.applied.start.max(attached.from.unwrap_or(contract.start));
        let span = (start.max(contract.start), super::contract::earlier(attached.until, contract.end));
        let spans = own.iter().copied().fold(vec![span], without);
        let spans: Vec<_> = spans.into_iter().filter(|(from, until)| until.is_none_or(|until| *from < until)).collect();
        let since_the_start = |(from, until): Span| ((contract.start < from).then_some(from), until);
        let spans: Vec<_> = spans.into_iter().map(since_the_start).collect();
        if !spans.is_empty() && push(contract, entry, None, &spans, products, facts) {
            open.extend(attached.open.clone());
        }
    }
    open
}

fn nowhere((stream, record): (&str, &str), field: String, id: &str) -> Problem {
    Problem {
        stream: stream.to_owned(),
        record: record.to_owned(),
        field,
        message: format!("names the discount {id}, which stands nowhere; the discount is ignored"),
    }
}

/// Since when and until when; `None` for as far back as the contract, and without a known end.
type Times = (Option<chrono::DateTime<chrono::Utc>>, Option<chrono::DateTime<chrono::Utc>>);

/// Adds one discount; answers whether it has a bearing on MRR.
fn push(
    contract: &Contract<'_>,
    entry: &Entry,
    item: Option<&str>,
    spans: &[Times],
    products: &Products<'_>,
    facts: &mut AccountFacts,
) -> bool {
    let applied = &entry.applied;
    if applied.invoice_only {
        return false;
    }
    let found = coupon(applied, contract.book).and_then(|coupon| {
        let value = value(coupon, contract)?;
        let scopes = scopes(contract, item, coupon, products);
        if scopes.len() > 1 && matches!(value, DiscountValue::Amount { .. }) {
            return Err(format!("the coupon {} takes one amount off several products", coupon.id));
        }
        Ok((coupon, value, scopes))
    });
    let (coupon, value, scopes) = match found {
        Ok(found) => found,
        Err(message) => {
            facts.problems.push(Problem {
                stream: entry.stream.clone(),
                record: entry.record.clone(),
                field: applied.path.clone(),
                message: format!("{message}; the discount {} is ignored", applied.id),
            });
            return false;
        }
    };
    for (from, until) in spans {
        facts.discounts.extend(scopes.iter().map(|scope| Discount {
            id: applied.id.clone(),
            scope: scope.clone(),
            value: value.clone(),
            duration: coupon.duration,
            from: *from,
            until: *until,
        }));
    }
    coupon.duration != Duration::Once
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
