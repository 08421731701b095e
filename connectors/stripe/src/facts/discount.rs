//! Discounts: what was attached when, and what it takes off.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use revenue::fact::{AccountFacts, Discount, DiscountScope, DiscountValue, Duration, Problem};
use rust_decimal::Decimal;

use super::contract::Contract;
use super::doubt::Open;
use super::granted::Granted;
use super::inherited::Inherited;
use super::registry::{Entry, Registry};
use super::span::{Span, earlier, without};
use crate::model::{Applied, Coupon, CouponSource};

/// As what an item was sold, and when.
pub(super) struct Sold<'a> {
    pub(super) item: &'a str,
    pub(super) product: String,
    pub(super) from: DateTime<Utc>,
    pub(super) until: Option<DateTime<Utc>>,
}

/// Adds the discounts of a contract; answers what is open about them.
pub(super) fn add(
    contract: &Contract<'_>,
    sold: &[Sold<'_>],
    registry: &Registry,
    inherited: &[Inherited<'_>],
    facts: &mut AccountFacts,
) -> Vec<Open> {
    let (granted, unknown) = contract.granted(registry);
    let mut open = Vec::new();
    for ((origin, path), id) in unknown {
        open.push(untaken(&id, None, (None, None), contract, origin.clone()));
        let record = origin.split_once('/').unwrap_or(("subscriptions", contract.id));
        facts.problems.push(nowhere(record, path, &id));
    }
    for line in &contract.bills.lines {
        let taken: BTreeSet<&String> = line.taken.iter().map(|taken| &taken.discount).collect();
        for id in taken.into_iter().filter(|id| registry.get(id).is_none()) {
            open.push(untaken(id, None, (Some(line.start), Some(line.end)), contract, line.origin.clone()));
            facts.problems.push(nowhere(line.record(), format!("{}.discount_amounts", line.path), id));
        }
    }
    // While it has a discount of its own, its customer's does not work.
    let mut own: Vec<Span> = Vec::new();
    for Granted { entry, item, attached } in granted {
        let span = (attached.from.unwrap_or(contract.start), attached.until);
        let (from, until) = (attached.from, attached.until);
        own.push(span);
        match push(contract, entry, item.as_deref(), &[(from, until)], sold, facts) {
            Bearing::Some => open.extend(attached.open),
            Bearing::Likely => {
                open.push(likely(&entry.applied.id, item, (from, until), contract, entry.origin()));
                open.extend(attached.open);
            }
            Bearing::None => {}
            Bearing::Unreadable => {
                open.push(untaken(&entry.applied.id, item, (from, until), contract, entry.origin()));
            }
        }
    }
    for Inherited { entry, attached } in inherited {
        // What its customer had lost when it was entered, a backdated one never had.
        if attached.until.is_some_and(|until| until <= contract.made()) {
            continue;
        }
        let start = entry.applied.start.max(attached.from.unwrap_or(contract.start));
        let span = (start.max(contract.start), earlier(attached.until, contract.end));
        let spans = own.iter().copied().fold(vec![span], without);
        let spans: Vec<_> = spans.into_iter().filter(|(from, until)| until.is_none_or(|until| *from < until)).collect();
        let since_the_start = |(from, until): Span| ((contract.start < from).then_some(from), until);
        let spans: Vec<_> = spans.into_iter().map(since_the_start).collect();
        if spans.is_empty() {
            continue;
        }
        match push(contract, entry, None, &spans, sold, facts) {
            Bearing::Some => open.extend(attached.open.clone()),
            Bearing::Likely => {
                let id = &entry.applied.id;
                open.extend(spans.into_iter().map(|span| likely(id, None, span, contract, entry.origin())));
                open.extend(attached.open.clone());
            }
            Bearing::None => {}
            Bearing::Unreadable => {
                let id = &entry.applied.id;
                open.extend(spans.into_iter().map(|span| untaken(id, None, span, contract, entry.origin())));
            }
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

/// The time over which a discount that can't be read would have worked.
fn untaken(id: &str, item: Option<String>, (from, until): Times, contract: &Contract<'_>, origin: String) -> Open {
    Open {
        item,
        from: from.unwrap_or(contract.start),
        until,
        reason: format!("nothing tells what the discount {id} takes off; it is counted as if there were none"),
        origin: vec![origin],
    }
}

/// The time over which a discount works whose coupon is read from bills, which can be read in another way.
fn likely(id: &str, item: Option<String>, (from, until): Times, contract: &Contract<'_>, origin: String) -> Open {
    Open {
        item,
        from: from.unwrap_or(contract.start),
        until,
        reason: format!(
            "the coupon of the discount {id} was deleted, and its bills were all of the same amount;              what it took off is counted as a share of it"
        ),
        origin: vec![origin],
    }
}

/// What a discount does to MRR.
enum Bearing {
    Some,
    /// What its bills say, where they may be read otherwise.
    Likely,
    None,
    /// Nobody can tell.
    Unreadable,
}

/// Since when and until when; `None` for as far back as the contract, and without a known end.
type Times = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Adds one discount; answers whether it has a bearing on MRR.
fn push(
    contract: &Contract<'_>,
    entry: &Entry,
    item: Option<&str>,
    spans: &[Times],
    sold: &[Sold<'_>],
    facts: &mut AccountFacts,
) -> Bearing {
    let applied = &entry.applied;
    if applied.invoice_only {
        return Bearing::None;
    }
    let found = coupon(applied, contract).and_then(|(coupon, sure)| {
        let value = value(&coupon, contract)?;
        Ok((coupon, sure, value))
    });
    let (coupon, sure, value) = match found {
        Ok(found) => found,
        Err(message) => {
            facts.problems.push(Problem {
                stream: entry.stream.clone(),
                record: entry.record.clone(),
                field: applied.path.clone(),
                message: format!("{message}; the discount {} is ignored", applied.id),
            });
            return Bearing::Unreadable;
        }
    };
    // One that is used up with one bill works for what that bill is for.
    let used_by: Vec<Times>;
    let spans = if coupon.duration == Duration::Once {
        let naming = contract.bills.bills.iter().filter(|bill| bill.discounts.contains(&applied.id));
        used_by = naming.filter_map(|bill| Some((Some(bill.at), Some(bill.covers?)))).collect();
        &used_by[..]
    } else {
        spans
    };
    for span in spans {
        let reached = scopes(contract, item, &coupon, sold, *span);
        facts.discounts.extend(reached.into_iter().map(|(scope, (from, until))| Discount {
            id: applied.id.clone(),
            scope,
            value: value.clone(),
            duration: coupon.duration,
            from,
            until,
        }));
    }
    match coupon.duration {
        Duration::Once => Bearing::None,
        _ if sure => Bearing::Some,
        _ => Bearing::Likely,
    }
}

/// The coupon of a discount, and whether that is what it is.
fn coupon<'a>(applied: &'a Applied, contract: &'a Contract<'_>) -> Result<(Cow<'a, Coupon>, bool), String> {
    let book = contract.book;
    let by_bills = |id: &str| contract.coupon_by_bills(applied, id).map(|told| (Cow::Owned(told.coupon), told.sure));
    match &applied.coupon {
        // The listed one knows which products it is for, the embedded one need not.
        CouponSource::Embedded(coupon) => {
            let listed = book.coupon(&coupon.id).and_then(|listed| listed.as_ref().ok());
            Ok((Cow::Borrowed(listed.unwrap_or(coupon)), true))
        }
        CouponSource::Named(id) => match book.coupon(id) {
            Some(Ok(coupon)) => Ok((Cow::Borrowed(coupon), true)),
            Some(Err(error)) => Err(format!("the coupon {id} can't be read: {error}")),
            None => by_bills(id).ok_or_else(|| format!("the coupon {id} is not among the coupons")),
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

/// What a discount reaches and when: its item, or all of the contract, or the items of the products
/// that its coupon is for, while they are sold as such.
fn scopes(
    contract: &Contract<'_>,
    item: Option<&str>,
    coupon: &Coupon,
    sold: &[Sold<'_>],
    span: Times,
) -> Vec<(DiscountScope, Times)> {
    let id = || contract.id.to_owned();
    if let Some(item) = item {
        return vec![(DiscountScope::Item { contract: id(), item: item.to_owned() }, span)];
    }
    if coupon.products.is_empty() {
        return vec![(DiscountScope::Contract(id()), span)];
    }
    let (meant, other): (Vec<&Sold<'_>>, Vec<&Sold<'_>>) =
        sold.iter().partition(|sold| coupon.products.contains(&sold.product));
    let meant: BTreeSet<&str> = meant.into_iter().map(|sold| sold.item).collect();
    // An item may move to a product that the coupon is not for, and back.
    let away: Vec<&Sold<'_>> = other.into_iter().filter(|sold| meant.contains(sold.item)).collect();
    let first = span.0.unwrap_or(contract.start);
    let within = |at: &DateTime<Utc>| first < *at && span.1.is_none_or(|until| *at < until);
    let borders = away.iter().flat_map(|sold| [Some(sold.from), sold.until]).flatten().filter(within);
    let borders: BTreeSet<DateTime<Utc>> = borders.collect();
    let mut begins: Vec<Option<DateTime<Utc>>> = vec![span.0];
    begins.extend(borders.into_iter().map(Some));
    let mut found: Vec<(Vec<String>, Times)> = Vec::new();
    for (index, begin) in begins.iter().enumerate() {
        let until = begins.get(index + 1).copied().flatten().or(span.1);
        let is_away = |item: &str| {
            let at = begin.unwrap_or(first);
            away.iter().any(|sold| sold.item == item && sold.from <= at && sold.until.is_none_or(|until| at < until))
        };
        let items: Vec<String> = meant.iter().filter(|item| !is_away(item)).map(|item| (*item).to_owned()).collect();
        match found.last_mut() {
            Some((last, times)) if *last == items => times.1 = until,
            _ => found.push((items, (*begin, until))),
        }
    }
    let reaching = found.into_iter().filter(|(items, _)| !items.is_empty());
    reaching.map(|(items, times)| (DiscountScope::Items { contract: id(), items }, times)).collect()
}
