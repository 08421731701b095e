//! Chargebee's objects, as far as revenue needs them, read field by field: what can't be read is named with its path,
//! and what stands beside it is still used.

mod coupon;
mod document;
mod event;
mod item;
mod offer;
mod planned;
mod reduction;
mod subscription;

pub(crate) use coupon::Coupon;
pub(crate) use document::{Document, Line};
pub(crate) use event::Event;
pub(crate) use item::{Item, Kind, PLAN};
pub(crate) use offer::Offer;
pub(crate) use planned::{Planned, Ramp};
pub(crate) use reduction::{On, Reduction};
pub(crate) use subscription::{Status, Subscription};

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::{decimal, optional};
use mrr_connector_sdk::{Exponents, major};
use revenue::calendar::{Interval, IntervalUnit};
use revenue::money::Currency;
use rust_decimal::Decimal;

/// A time with an end that may be open.
pub(crate) type Span = (DateTime<Utc>, Option<DateTime<Utc>>);

/// An amount in the major unit: by its exact text where multi-decimal pricing has one, else from cents.
fn amount(
    fields: &Object<'_>,
    name: &str,
    currency: Currency,
    exponents: &Exponents,
) -> Result<Option<Decimal>, Unreadable> {
    if let Some(node) = fields.get(&format!("{name}_in_decimal")) {
        return decimal(&node).map(|exact| Some(exact.normalize()));
    }
    let Some(node) = fields.get(name) else { return Ok(None) };
    let exponent = exponents.of(currency).ok_or_else(|| {
        node.unreadable(format!("is in {currency}, which is in no table of decimals: add it to `currency_exponents`"))
    })?;
    major(decimal(&node)?, exponent).map(Some).ok_or_else(|| node.unreadable("is too large to be kept"))
}

/// A number of units, exact where multi-decimal pricing has it.
fn quantity(fields: &Object<'_>, name: &str) -> Result<Option<Decimal>, Unreadable> {
    match fields.get(&format!("{name}_in_decimal")).or_else(|| fields.get(name)) {
        Some(node) => decimal(&node).map(|number| Some(number.normalize())),
        None => Ok(None),
    }
}

/// So many of a unit: `billing_period` and `billing_period_unit`, or under other names.
fn interval(fields: &Object<'_>, count: &str, unit: &str) -> Result<Option<Interval>, Unreadable> {
    let Some(node) = fields.get(count) else { return Ok(None) };
    let number = u32::try_from(node.integer()?).map_err(|_| node.unreadable("is no count of periods"))?;
    let of = fields.need(unit)?;
    let unit = match of.string()?.as_str() {
        "day" => IntervalUnit::Day,
        "week" => IntervalUnit::Week,
        "month" => IntervalUnit::Month,
        "year" => IntervalUnit::Year,
        // An addon that is charged once.
        "not_applicable" => return Ok(None),
        _ => return Err(of.unreadable("is no period that is known: day, week, month or year")),
    };
    Interval::new(unit, number).map(Some).map_err(|error| node.unreadable(format!("{error}")))
}

/// An optional list's elements, each an object.
fn objects<'a>(fields: &Object<'a>, name: &str) -> Result<Vec<(String, Object<'a>)>, Unreadable> {
    let list = optional(fields, name, Node::list)?.unwrap_or_default();
    list.into_iter().map(|node| Ok((node.path().to_owned(), node.object()?))).collect()
}

fn text(fields: &Object<'_>, name: &str) -> Result<Option<String>, Unreadable> {
    optional(fields, name, Node::string)
}

fn flag(fields: &Object<'_>, name: &str) -> Result<bool, Unreadable> {
    Ok(optional(fields, name, Node::boolean)?.unwrap_or(false))
}
