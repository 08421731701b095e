//! Lines of invoices, and items that wait for an invoice: what was in force when.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::{currency, decimal, instant, optional};
use revenue::money::Currency;
use rust_decimal::Decimal;

use super::parent::{Parent, of_item, of_line};
use super::price::id_of_price;
use super::value::quantity;
use super::{Problems, id_of};

/// A line of an invoice, or an invoice item, that says which price and quantity of a
/// subscription was in force from an instant on.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) id: String,
    /// The record that it is from, as `stream/id`.
    pub(crate) origin: String,
    /// Where it stands in that record.
    pub(crate) path: String,
    /// When its record was made, and its place there: the order of lines of one instant.
    pub(crate) order: (DateTime<Utc>, String, usize),
    pub(crate) subject: Subject,
    pub(crate) price: String,
    pub(crate) currency: Currency,
    pub(crate) quantity: Decimal,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) direction: Direction,
    /// What it asks for before discounts, in the minor unit.
    pub(crate) amount: Decimal,
    /// Whether its bill was sent or charged: neither a draft nor taken back.
    pub(crate) billed: bool,
    /// Whether it costs nothing: a trial, a free plan.
    pub(crate) free: bool,
    /// The invoice item that the line was made from.
    pub(crate) invoice_item: Option<String>,
    /// What discounts took off it, in their order; those that took nothing are left out.
    pub(crate) taken: Vec<Taken>,
    /// Discounts that it names, whether or not they took something off.
    pub(crate) named: BTreeSet<String>,
}

impl Line {
    /// The stream and id of the record that it is from.
    pub(crate) fn record(&self) -> (&str, &str) {
        self.origin.split_once('/').unwrap_or(("invoices", &self.origin))
    }

    /// Whether it is for a whole period.
    pub(crate) fn is_period(&self) -> bool {
        self.direction == Direction::Period
    }
}

/// What a discount took off a line, positive, in the minor unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) discount: String,
    pub(crate) amount: Decimal,
    /// What there was to take it from: discounts work on what those before them have left.
    pub(crate) from: Decimal,
}

/// What a line is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) subscription: String,
    /// Not always named; then the price tells.
    pub(crate) item: Option<String>,
}

/// What a line says about its price and quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// A whole period: in force at its start.
    Period,
    /// Unused time: no longer in force.
    Credit,
    /// Remaining time: in force from here on.
    Debit,
    /// A proration of nothing, such as of a free plan.
    Zero,
}

/// Where a line is from.
pub(super) struct At<'a> {
    pub(super) origin: String,
    pub(super) path: &'a str,
    pub(super) order: (DateTime<Utc>, String, usize),
}

/// Reads an invoice item; `None` when it is no proration of a subscription.
pub(crate) fn invoice_item(stream: &str, id: &str, node: &Node<'_>, problems: &mut Problems<'_>) -> Option<Line> {
    let read = || {
        let record = node.object()?;
        if !record.need("proration")?.boolean()? {
            return Ok(None);
        }
        let Some(subject) = of_item(&record)? else { return Ok(None) };
        let order = (instant(&record.need("date")?)?, id.to_owned(), 0);
        let at = At { origin: format!("{stream}/{id}"), path: node.path(), order };
        line(&record, at, Parent { subject, proration: true, invoice_item: Some(id.to_owned()) })
    };
    problems.keep(read(), "the invoice item is not used as evidence").flatten()
}

/// Reads a line of an invoice; `None` when it is about no price of a subscription.
pub(super) fn read_line(
    fields: &Object<'_>,
    at: At<'_>,
    subscription: Option<&str>,
) -> Result<Option<Line>, Unreadable> {
    match of_line(fields, subscription)? {
        Some(parent) => line(fields, at, parent),
        None => Ok(None),
    }
}

fn line(line: &Object<'_>, at: At<'_>, parent: Parent) -> Result<Option<Line>, Unreadable> {
    // Without a price there is nothing that recurs.
    let Some(price) = id_of_price(line)? else { return Ok(None) };
    let period = line.need("period")?.object()?;
    let amount = decimal(&line.need("amount")?)?;
    let mut read = Line {
        id: line.need("id")?.string()?,
        path: at.path.to_owned(),
        origin: at.origin,
        order: at.order,
        subject: parent.subject,
        price,
        currency: currency(&line.need("currency")?)?,
        quantity: quantity(line)?,
        start: instant(&period.need("start")?)?,
        end: instant(&period.need("end")?)?,
        direction: if parent.proration { direction(amount) } else { Direction::Period },
        amount,
        billed: false,
        free: amount.is_zero(),
        invoice_item: parent.invoice_item,
        taken: Vec::new(),
        named: BTreeSet::new(),
    };
    let mut left = amount;
    for node in optional(line, "discount_amounts", Node::list)?.unwrap_or_default() {
        let taken = node.object()?;
        let id = id_of(&taken.need("discount")?)?;
        let amount = decimal(&taken.need("amount")?)?;
        if amount > Decimal::ZERO {
            read.taken.push(Taken { discount: id.clone(), amount, from: left });
            left = left.saturating_sub(amount);
        }
        read.named.insert(id);
    }
    Ok(Some(read))
}

fn direction(amount: Decimal) -> Direction {
    if amount.is_zero() {
        Direction::Zero
    } else if amount.is_sign_negative() {
        Direction::Credit
    } else {
        Direction::Debit
    }
}
