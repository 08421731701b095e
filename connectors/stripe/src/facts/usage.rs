//! What was used, as bills tell it afterwards: a rate over the trailing three months. Which usage is yet to be billed
//! nobody knows, so each bill stands for itself and none changes what another one tells.

use std::collections::BTreeMap;

use chrono::{DateTime, Months, TimeDelta, Utc};
use mrr_connector_sdk::major;
use revenue::calendar::{Interval, IntervalUnit};
use revenue::fact::{AccountFacts, Charge, Evidence, Problem};
use rust_decimal::Decimal;

use super::charge::no_decimals;
use super::contract::Contract;
use crate::model::{Line, Price, PriceTerms};

/// Over how long a bill for usage counts, unless its price is billed more seldom.
const TRAILING_MONTHS: u32 = 3;

/// Adds a charge for each item and bill of a metered price.
pub(super) fn add(contract: &Contract<'_>, facts: &mut AccountFacts) {
    for (item, lines) in contract.lines_by_item() {
        // The tiers of a price are lines of their own, and so are the periods of a backdated start.
        let mut bills: BTreeMap<(&str, &str), Vec<&Line>> = BTreeMap::new();
        for line in lines.into_iter().filter(|line| line.billed) {
            bills.entry((&line.origin, &line.price)).or_default().push(line);
        }
        for ((_, price), lines) in bills {
            let Some((price, own)) = contract.metered(price) else { continue };
            match charge(contract, item, price, own, &lines) {
                Ok(Some(charge)) => {
                    let spans = contract.in_force(charge.from, charge.until);
                    facts.charges.extend(spans.into_iter().map(|(from, until)| Charge {
                        from,
                        until,
                        ..charge.clone()
                    }));
                }
                Ok(None) => {}
                Err(problem) => facts.problems.push(problem),
            }
        }
    }
}

impl<'a> Contract<'a> {
    /// A price by which usage is billed, and how often that is.
    pub(super) fn metered(&self, id: &str) -> Option<(&'a Price, Option<Interval>)> {
        let listed = self.book.price(id).and_then(|price| price.as_ref().ok());
        let price = listed.or_else(|| self.embedded_price(id))?;
        if let PriceTerms::Metered { interval } = price.terms { Some((price, interval)) } else { None }
    }
}

/// What the lines of one bill come to, from when it was written for one interval; `None` when that is nothing.
fn charge(
    contract: &Contract<'_>,
    item: &str,
    price: &Price,
    own: Option<Interval>,
    lines: &[&Line],
) -> Result<Option<Charge>, Problem> {
    let Some(first) = lines.first() else { return Ok(None) };
    let problem = |why: String| {
        let (stream, record) = first.record();
        let message = format!("{why}; the usage is left out");
        Problem { stream: stream.to_owned(), record: record.to_owned(), field: first.path.clone(), message }
    };
    let too_large = || problem("comes to more than can be kept".to_owned());
    let sum = |of: fn(&Line) -> Option<Decimal>| {
        lines.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(of(line)?)).ok_or_else(too_large)
    };
    let minor = sum(after_discounts)?;
    if minor <= Decimal::ZERO {
        return Ok(None);
    }
    let decimals = contract.book.exponents.of(first.currency);
    let decimals = decimals.ok_or_else(|| problem(no_decimals(first.currency)))?;
    let interval = trailing(own).ok_or_else(too_large)?;
    let (from, ..) = first.order;
    Ok(Some(Charge {
        contract: contract.id.to_owned(),
        item: item.to_owned(),
        usage: true,
        plan: contract.book.plan(&price.product).to_owned(),
        currency: first.currency,
        amount: major(minor, decimals).ok_or_else(too_large)?,
        quantity: sum(|line| Some(line.quantity))?,
        interval,
        from,
        until: after(from, interval),
        evidence: Evidence::Invoice,
        origin: vec![first.origin.clone()],
    }))
}

fn after_discounts(line: &Line) -> Option<Decimal> {
    line.taken.iter().try_fold(line.amount, |left, taken| left.checked_sub(taken.amount))
}

/// Three months, or the price's own interval where that is longer.
fn trailing(own: Option<Interval>) -> Option<Interval> {
    let longer = |own: &Interval| {
        let count = u64::from(own.count().get());
        // As many as run rates are annualised by: 4 times as many units as a year has.
        let a_year = match own.unit() {
            IntervalUnit::Day => 365,
            IntervalUnit::Week => 52,
            IntervalUnit::Month => 12,
            IntervalUnit::Year => 1,
        };
        count * 4 > a_year
    };
    own.filter(longer).or_else(|| Interval::new(IntervalUnit::Month, TRAILING_MONTHS).ok())
}

/// The instant at which an interval is over that begins at another; `None` beyond all calendars.
fn after(at: DateTime<Utc>, interval: Interval) -> Option<DateTime<Utc>> {
    let count = interval.count().get();
    let days = |days: u32| TimeDelta::try_days(i64::from(days)).and_then(|length| at.checked_add_signed(length));
    match interval.unit() {
        IntervalUnit::Day => days(count),
        IntervalUnit::Week => days(count.checked_mul(7)?),
        IntervalUnit::Month => at.checked_add_months(Months::new(count)),
        IntervalUnit::Year => at.checked_add_months(Months::new(count.checked_mul(12)?)),
    }
}
