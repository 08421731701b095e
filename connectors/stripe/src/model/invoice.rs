//! Invoices: what was billed, and what became of it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::{decimal, instant, optional};
use rust_decimal::Decimal;

use super::line::{At, Line, read_line};
use super::refund::payments_of;
use super::{Attached, Problems, id_of};

/// An invoice.
#[derive(Debug, Clone)]
pub(crate) struct Invoice {
    /// The subscription that it is for, where one is named.
    pub(crate) subscription: Option<String>,
    pub(crate) status: InvoiceStatus,
    pub(crate) created: DateTime<Utc>,
    /// When it was paid.
    pub(crate) paid: Option<DateTime<Utc>>,
    pub(crate) voided: Option<DateTime<Utc>>,
    /// When collecting it was given up.
    pub(crate) written_off: Option<DateTime<Utc>>,
    /// Whether an attempt to collect it has failed.
    pub(crate) failed: bool,
    /// Until when it may be paid, where the customer is sent it instead of being charged.
    pub(crate) due: Option<DateTime<Utc>>,
    /// Whether it began the subscription.
    pub(crate) first: bool,
    /// Whether another one was written in its place.
    pub(crate) revised: bool,
    /// The discounts that it names itself.
    pub(crate) discounts: Vec<Attached>,
    /// Those that its lines name.
    pub(crate) line_discounts: Vec<Attached>,
    pub(crate) lines: Vec<Line>,
    /// What was paid on it, in the minor unit.
    pub(crate) amount_paid: Decimal,
    /// What it was paid by: payment intents and charges.
    pub(crate) payments: BTreeSet<String>,
}

/// What became of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvoiceStatus {
    /// It was sent or charged: open, paid, uncollectible.
    Final,
    /// It is not sent, and may still change.
    Draft,
    /// It was taken back.
    Void,
}

impl Invoice {
    /// `None`, with a problem, when it can't be read.
    pub(crate) fn read(stream: &str, id: &str, node: &Node<'_>, problems: &mut Problems<'_>) -> Option<Self> {
        let lost = "the invoice is not used as evidence";
        let record = problems.keep(node.object(), lost)?;
        let mut invoice = problems.keep(head(&record), lost)??;
        let nodes = record.need("lines").and_then(|lines| lines.object()?.need("data")?.list());
        let nodes = problems.keep(nodes, lost)?;
        invoice.discounts = Attached::list(&record, problems);
        let paid = problems.keep(payments(&record), "what was given back of it is not known");
        (invoice.amount_paid, invoice.payments) = paid.unwrap_or_default();
        for (index, node) in nodes.iter().enumerate() {
            let lost = "the line is not used as evidence";
            let Some(fields) = problems.keep(node.object(), lost) else { continue };
            let order = (invoice.created, id.to_owned(), index);
            let at = At { origin: format!("{stream}/{id}"), path: node.path(), order };
            let line = read_line(&fields, at, invoice.subscription.as_deref());
            if let Some(Some(mut line)) = problems.keep(line, lost) {
                line.billed = invoice.status == InvoiceStatus::Final;
                let attached = Attached::list(&fields, problems);
                line.named.extend(attached.iter().map(|attached| attached.id.clone()));
                invoice.line_discounts.extend(attached);
                invoice.lines.push(line);
            }
        }
        Some(invoice)
    }

    /// When the period that it bills began; for one without such a period, when it was written.
    pub(crate) fn at(&self) -> DateTime<Utc> {
        let periods = self.lines.iter().filter(|line| line.is_period()).map(|line| line.start);
        let near = chrono::TimeDelta::days(3);
        periods.filter(|start| *start <= self.created && self.created - *start <= near).max().unwrap_or(self.created)
    }
}

/// `None` for a status that is known and means nothing here.
fn head(record: &Object<'_>) -> Result<Option<Invoice>, Unreadable> {
    let status = record.need("status")?;
    let created = instant(&record.need("created")?)?;
    let text = status.string()?;
    let status = match text.as_str() {
        "open" | "paid" | "uncollectible" => InvoiceStatus::Final,
        "draft" => InvoiceStatus::Draft,
        "void" => InvoiceStatus::Void,
        "deleted" => return Ok(None),
        _ => return Err(status.unreadable("is no status that is known")),
    };
    let times = optional(record, "status_transitions", Node::object)?;
    let time = |name: &str| times.as_ref().map(|times| optional(times, name, instant)).transpose().map(Option::flatten);
    let reason = optional(record, "billing_reason", Node::string)?;
    let attempts = optional(record, "attempt_count", Node::integer)?.unwrap_or(0);
    Ok(Some(Invoice {
        subscription: subscription(record)?,
        status,
        created,
        paid: time("paid_at")?.or((text == "paid").then_some(created)),
        voided: time("voided_at")?,
        written_off: time("marked_uncollectible_at")?,
        failed: attempts > i64::from(text == "paid"),
        due: optional(record, "due_date", instant)?,
        first: reason.as_deref() == Some("subscription_create"),
        revised: record.get("latest_revision").is_some(),
        discounts: Vec::new(),
        line_discounts: Vec::new(),
        lines: Vec::new(),
        amount_paid: Decimal::ZERO,
        payments: BTreeSet::new(),
    }))
}

/// What was paid, and by what. Events do not list payments since 2025-03-31.
fn payments(record: &Object<'_>) -> Result<(Decimal, BTreeSet<String>), Unreadable> {
    let mut by: BTreeSet<String> = payments_of(record)?.into_iter().collect();
    if let Some(list) = optional(record, "payments", Node::object)? {
        for node in list.need("data")?.list()? {
            let payment = node.object()?;
            if optional(&payment, "status", Node::string)?.is_some_and(|status| status != "paid") {
                continue;
            }
            by.extend(payments_of(&payment.need("payment")?.object()?)?);
        }
    }
    Ok((optional(record, "amount_paid", decimal)?.unwrap_or_default(), by))
}

/// Versions before 2025-03-31 have the subscription at the invoice itself.
fn subscription(record: &Object<'_>) -> Result<Option<String>, Unreadable> {
    let parent = optional(record, "parent", Node::object)?;
    let details = parent.map(|parent| optional(&parent, "subscription_details", Node::object)).transpose()?.flatten();
    match details {
        Some(details) => optional(&details, "subscription", id_of),
        None => optional(record, "subscription", id_of),
    }
}
