//! `user`, `metric` and `event`: kept as they are, after it was seen that they can be read.

use chrono_tz::Tz;
use mrr_connector_sdk::json::{Object, Unreadable};

use super::value::{day, id, moment, need, number, object, optional, text};

pub(super) const USER: &[&str] = &["name", "email", "attributes"];
pub(super) const METRIC: &[&str] = &["user_id", "name", "value", "date"];
pub(super) const EVENT: &[&str] = &["user_id", "name", "properties"];

const OWNER: &str = "write the `id` of its account";

/// A person who works with the product.
pub(super) fn user(fields: &Object<'_>, zone: Tz) -> Result<(), Unreadable> {
    id(&need(fields, "account_id", OWNER)?)?;
    for name in ["name", "email"] {
        optional(fields, name, text)?;
    }
    optional(fields, "ts", |node| moment(node, zone))?;
    object(fields, "attributes")?;
    object(fields, "extra")
}

/// A value of a day, such as seats in use; returns the id that it has by its nature.
pub(super) fn metric(fields: &Object<'_>, zone: Tz) -> Result<String, Unreadable> {
    let account = id(&need(fields, "account_id", OWNER)?)?;
    let user = optional(fields, "user_id", id)?;
    let named = need(fields, "name", "write what is measured, such as \"seats\"")?;
    let name = text(&named)?;
    let date = day(&need(fields, "date", "write the day that it is for, such as \"2025-01-31\"")?)?;
    if !fields.get("deleted").is_some_and(|node| node.boolean() == Ok(true)) {
        number(&need(fields, "value", "write the number, such as \"12.5\"")?)?;
    }
    optional(fields, "ts", |node| moment(node, zone))?;
    object(fields, "extra")?;
    let natural = match user {
        Some(user) => format!("{name}/{date}/{account}/{user}"),
        None => format!("{name}/{date}/{account}"),
    };
    if natural.len() > 255 {
        return Err(named.unreadable("and the ids together are too long to name it; write an `id` of your own"));
    }
    Ok(natural)
}

/// Something that happened.
pub(super) fn event(fields: &Object<'_>, zone: Tz) -> Result<(), Unreadable> {
    id(&need(fields, "account_id", OWNER)?)?;
    optional(fields, "user_id", id)?;
    text(&need(fields, "name", "write what happened, such as \"onboarding.completed\"")?)?;
    optional(fields, "ts", |node| moment(node, zone))?;
    object(fields, "properties")?;
    object(fields, "extra")
}
