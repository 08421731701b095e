//! Lines of invoices, and items that wait for an invoice: what was in force when.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use revenue::money::Currency;
use rust_decimal::Decimal;

use super::value::{currency, decimal, instant, optional, quantity};
use super::{Applied, Problems, id_of};

/// An invoice that was finalized and not voided.
#[derive(Debug, Clone)]
pub(crate) struct Invoice {
    /// Expanded discounts of the invoice and of its lines.
    pub(crate) discounts: Vec<Applied>,
    pub(crate) lines: Vec<Line>,
}

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
    /// The invoice item that the line was made from.
    pub(crate) invoice_item: Option<String>,
    /// Discounts that took something off it.
    pub(crate) discounts: BTreeSet<String>,
}

impl Line {
    /// The stream and id of the record that it is from.
    pub(crate) fn record(&self) -> (&str, &str) {
        self.origin.split_once('/').unwrap_or(("invoices", &self.origin))
    }
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

/// Reads an invoice; `None` when it is a draft, void or unreadable, the last with a problem.
pub(crate) fn invoice(id: &str, payload: &str, problems: &mut Problems<'_>) -> Option<Invoice> {
    let lost = "the invoice is not used as evidence";
    let record = problems.keep(Object::of(payload), lost)?;
    let head = || Ok((optional(&record, "status", Node::string)?, instant(&record.need("created")?)?));
    let (status, created) = problems.keep(head(), lost)?;
    // Drafts change until they are finalized, and what is void never was.
    if !matches!(status.as_deref(), Some("open" | "paid" | "uncollectible")) {
        if !matches!(status.as_deref(), Some("draft" | "void")) {
            problems.say("status", format!("is no status that is known; {lost}"));
        }
        return None;
    }
    let nodes = record.need("lines").and_then(|lines| lines.object()?.need("data")?.list());
    let nodes = problems.keep(nodes, lost)?;
    let mut invoice = Invoice { discounts: Applied::list_expanded(&record, problems), lines: Vec::new() };
    for (index, node) in nodes.iter().enumerate() {
        let lost = "the line is not used as evidence";
        let Some(fields) = problems.keep(node.object(), lost) else { continue };
        let Some(Some(parent)) = problems.keep(parent(&fields), lost) else { continue };
        let order = (created, id.to_owned(), index);
        let at = At { origin: format!("invoices/{id}"), path: node.path(), order };
        let line = line(&fields, at, parent);
        if let Some(Some(line)) = problems.keep(line, lost) {
            invoice.discounts.extend(Applied::list_expanded(&fields, problems));
            invoice.lines.push(line);
        }
    }
    Some(invoice)
}

/// Reads an invoice item; `None` when it is no proration of a subscription.
pub(crate) fn invoice_item(id: &str, payload: &str, problems: &mut Problems<'_>) -> Option<Line> {
    let read = || {
        let record = Object::of(payload)?;
        if !record.need("proration")?.boolean()? {
            return Ok(None);
        }
        let parent = optional(&record, "parent", Node::object)?;
        let details =
            parent.map(|parent| optional(&parent, "subscription_details", Node::object)).transpose()?.flatten();
        let Some(details) = details else { return Ok(None) };
        let subject = Subject {
            subscription: id_of(&details.need("subscription")?)?,
            item: optional(&details, "subscription_item", id_of)?,
        };
        let order = (instant(&record.need("date")?)?, id.to_owned(), 0);
        let at = At { origin: format!("invoiceitems/{id}"), path: "", order };
        line(&record, at, Parent { subject, proration: true, invoice_item: Some(id.to_owned()) })
    };
    problems.keep(read(), "the invoice item is not used as evidence").flatten()
}

/// Where a line is from.
struct At<'a> {
    origin: String,
    path: &'a str,
    order: (DateTime<Utc>, String, usize),
}

/// What a line was made from.
struct Parent {
    subject: Subject,
    proration: bool,
    invoice_item: Option<String>,
}

/// What a line was made from; `None` when that is no subscription.
fn parent(line: &Object<'_>) -> Result<Option<Parent>, Unreadable> {
    let Some(parent) = optional(line, "parent", Node::object)? else { return Ok(None) };
    let details = match parent.get("subscription_item_details") {
        Some(details) => details.object()?,
        None => match parent.get("invoice_item_details") {
            Some(details) => details.object()?,
            None => return Ok(None),
        },
    };
    let Some(subscription) = optional(&details, "subscription", id_of)? else { return Ok(None) };
    let item = optional(&details, "subscription_item", id_of)?;
    let proration = optional(&details, "proration", Node::boolean)?.unwrap_or(false);
    // An invoice item that is no proration was added by hand, and is no state of a contract.
    if item.is_none() && !proration {
        return Ok(None);
    }
    let invoice_item = optional(&details, "invoice_item", id_of)?;
    Ok(Some(Parent { subject: Subject { subscription, item }, proration, invoice_item }))
}

fn line(line: &Object<'_>, at: At<'_>, parent: Parent) -> Result<Option<Line>, Unreadable> {
    let pricing = optional(line, "pricing", Node::object)?;
    let details = pricing.map(|pricing| optional(&pricing, "price_details", Node::object)).transpose()?.flatten();
    // Without a price there is nothing that recurs.
    let Some(details) = details else { return Ok(None) };
    let period = line.need("period")?.object()?;
    Ok(Some(Line {
        id: line.need("id")?.string()?,
        path: at.path.to_owned(),
        origin: at.origin,
        order: at.order,
        subject: parent.subject,
        price: id_of(&details.need("price")?)?,
        currency: currency(&line.need("currency")?)?,
        quantity: quantity(line)?,
        start: instant(&period.need("start")?)?,
        end: instant(&period.need("end")?)?,
        direction: if parent.proration { direction(line)? } else { Direction::Period },
        invoice_item: parent.invoice_item,
        discounts: discounts(line)?,
    }))
}

fn direction(line: &Object<'_>) -> Result<Direction, Unreadable> {
    let amount = decimal(&line.need("amount")?)?;
    Ok(if amount.is_zero() {
        Direction::Zero
    } else if amount.is_sign_negative() {
        Direction::Credit
    } else {
        Direction::Debit
    })
}

fn discounts(line: &Object<'_>) -> Result<BTreeSet<String>, Unreadable> {
    let mut ids = BTreeSet::new();
    let amounts = optional(line, "discount_amounts", Node::list)?.unwrap_or_default();
    for node in amounts {
        let amount = node.object()?;
        if decimal(&amount.need("amount")?)? > Decimal::ZERO {
            ids.insert(id_of(&amount.need("discount")?)?);
        }
    }
    Ok(ids)
}
