//! Single values: ids, instants, exact numbers, currencies.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use revenue::money::Currency;
use rust_decimal::Decimal;

/// An id, also of an object that was expanded in its place.
pub(crate) fn id_of(node: &Node<'_>) -> Result<String, Unreadable> {
    if node.is_string() { node.string() } else { node.object()?.need("id")?.string() }
}

/// Whether a customer's time is a test clock's and not the world's.
pub(crate) fn is_simulated(payload: &str) -> bool {
    Object::of(payload).is_ok_and(|record| record.get("test_clock").is_some())
}

/// The last second of the year 9999. Behind it are milliseconds in a field of seconds.
const LAST_SECOND: i64 = 253_402_300_799;

/// An instant in seconds since 1970.
pub(super) fn instant(node: &Node<'_>) -> Result<DateTime<Utc>, Unreadable> {
    let seconds = node.integer()?;
    (0..=LAST_SECOND)
        .contains(&seconds)
        .then(|| DateTime::from_timestamp(seconds, 0))
        .flatten()
        .ok_or_else(|| node.unreadable(format!("is {seconds}, which is no time in seconds since 1970")))
}

/// A number by its digits: no float ever stands between.
pub(super) fn decimal(node: &Node<'_>) -> Result<Decimal, Unreadable> {
    let digits = node.number_text()?;
    let read = Decimal::from_str_exact(&digits)
        .or_else(|error| if digits.contains(['e', 'E']) { Decimal::from_scientific(&digits) } else { Err(error) });
    read.map_err(|_| node.unreadable("is no number that can be kept exactly"))
}

pub(super) fn currency(node: &Node<'_>) -> Result<Currency, Unreadable> {
    node.string()?.parse().map_err(|error| node.unreadable(format!("{error}")))
}

/// `quantity_decimal` where there is one, as `quantity` is only its whole part; one unit where
/// there is neither.
pub(super) fn quantity(object: &Object<'_>) -> Result<Decimal, Unreadable> {
    match object.get("quantity_decimal").or_else(|| object.get("quantity")) {
        Some(node) => decimal(&node),
        None => Ok(Decimal::ONE),
    }
}

/// An optional value that must be readable when it is there.
pub(super) fn optional<'a, T>(
    object: &Object<'a>,
    name: &str,
    read: impl FnOnce(&Node<'a>) -> Result<T, Unreadable>,
) -> Result<Option<T>, Unreadable> {
    object.get(name).map(|node| read(&node)).transpose()
}
