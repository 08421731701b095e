//! Single values as billing systems write them: instants, exact numbers, currencies.

use chrono::{DateTime, Utc};
use revenue::money::Currency;
use rust_decimal::Decimal;

use crate::json::{Node, Object, Unreadable};

/// The last second of the year 9999. Behind it are milliseconds in a field of seconds.
const LAST_SECOND: i64 = 253_402_300_799;

/// An instant in seconds since 1970.
pub fn instant(node: &Node<'_>) -> Result<DateTime<Utc>, Unreadable> {
    let seconds = node.integer()?;
    (0..=LAST_SECOND)
        .contains(&seconds)
        .then(|| DateTime::from_timestamp(seconds, 0))
        .flatten()
        .ok_or_else(|| node.unreadable(format!("is {seconds}, which is no time in seconds since 1970")))
}

/// A text with something in it.
pub fn filled(record: &Object<'_>, name: &str) -> Result<String, Unreadable> {
    let node = record.need(name)?;
    let text = node.string()?;
    if text.is_empty() { Err(node.unreadable("is empty")) } else { Ok(text) }
}

/// A number by its digits: no float ever stands between.
pub fn decimal(node: &Node<'_>) -> Result<Decimal, Unreadable> {
    let digits = node.number_text()?;
    let read = Decimal::from_str_exact(&digits)
        .or_else(|error| if digits.contains(['e', 'E']) { Decimal::from_scientific(&digits) } else { Err(error) });
    read.map_err(|_| node.unreadable("is no number that can be kept exactly"))
}

/// A currency by its ISO 4217 code, in either case.
pub fn currency(node: &Node<'_>) -> Result<Currency, Unreadable> {
    node.string()?.parse().map_err(|error| node.unreadable(format!("{error}")))
}

/// An optional value that must be readable when it is there.
pub fn optional<'a, T>(
    object: &Object<'a>,
    name: &str,
    read: impl FnOnce(&Node<'a>) -> Result<T, Unreadable>,
) -> Result<Option<T>, Unreadable> {
    object.get(name).map(|node| read(&node)).transpose()
}
