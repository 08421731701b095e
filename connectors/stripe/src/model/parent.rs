//! What a line of an invoice was made from, in the shapes of all versions.

use mrr_connector_sdk::json::{Node, Object, Unreadable};
use mrr_connector_sdk::value::optional;

use super::id_of;
use super::line::Subject;

/// What a line was made from.
pub(super) struct Parent {
    pub(super) subject: Subject,
    pub(super) proration: bool,
    pub(super) invoice_item: Option<String>,
}

/// What a line was made from; `None` when that is no subscription. `subscription` is the one that
/// its invoice is for.
pub(super) fn of_line(line: &Object<'_>, subscription: Option<&str>) -> Result<Option<Parent>, Unreadable> {
    let details = match optional(line, "parent", Node::object)? {
        Some(parent) => match parent.get("subscription_item_details") {
            Some(details) => Some(details.object()?),
            None => optional(&parent, "invoice_item_details", Node::object)?,
        },
        // Versions before 2025-03-31 have it all at the line itself, and say which type it is of.
        None if line.get("type").is_some() => Some(line.clone()),
        None => match line.get("subscription") {
            Some(named) => return Err(named.unreadable("is all that tells what the line was made from")),
            None => None,
        },
    };
    let Some(details) = details else { return Ok(None) };
    let of_type = optional(line, "type", Node::string)?;
    let invoiced = subscription.filter(|_| of_type.as_deref() == Some("subscription")).map(str::to_owned);
    let Some(subscription) = optional(&details, "subscription", id_of)?.or(invoiced) else { return Ok(None) };
    let item = optional(&details, "subscription_item", id_of)?;
    let proration = optional(&details, "proration", Node::boolean)?.unwrap_or(false);
    // An invoice item that is no proration was added by hand, and is no state of a contract.
    if item.is_none() && !proration && of_type.as_deref() != Some("subscription") {
        return Ok(None);
    }
    let invoice_item = optional(&details, "invoice_item", id_of)?;
    Ok(Some(Parent { subject: Subject { subscription, item }, proration, invoice_item }))
}

/// What an invoice item is about; `None` when that is no subscription.
pub(super) fn of_item(item: &Object<'_>) -> Result<Option<Subject>, Unreadable> {
    let details = match optional(item, "parent", Node::object)? {
        Some(parent) => optional(&parent, "subscription_details", Node::object)?,
        // The same versions have it at the invoice item itself.
        None => item.get("subscription").map(|_| item.clone()),
    };
    let Some(details) = details else { return Ok(None) };
    let Some(subscription) = optional(&details, "subscription", id_of)? else { return Ok(None) };
    Ok(Some(Subject { subscription, item: optional(&details, "subscription_item", id_of)? }))
}
