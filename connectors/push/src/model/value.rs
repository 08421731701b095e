//! Single values: ids, texts, moments, exact numbers.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use rust_decimal::Decimal;

/// No system's id is longer, and an index holds some ten times as much.
const LONGEST_ID: usize = 255;

/// A field that must be there.
pub(super) fn missing(name: &str, remedy: &str) -> Unreadable {
    Unreadable { path: name.to_owned(), message: format!("is missing; {remedy}") }
}

/// A field that must be there, with what to write when it is not.
pub(super) fn need<'a>(fields: &Object<'a>, name: &str, remedy: &str) -> Result<Node<'a>, Unreadable> {
    fields.get(name).ok_or_else(|| missing(name, remedy))
}

/// An optional value that must be readable when it is there.
pub(super) fn optional<'a, T>(
    fields: &Object<'a>,
    name: &str,
    read: impl FnOnce(&Node<'a>) -> Result<T, Unreadable>,
) -> Result<Option<T>, Unreadable> {
    fields.get(name).map(|node| read(&node)).transpose()
}

/// An id: text, or a whole number as tables have them.
pub(super) fn id(node: &Node<'_>) -> Result<String, Unreadable> {
    let text = match node.integer() {
        Ok(number) => number.to_string(),
        Err(_) => node.string().map_err(|_| node.unreadable("is no id; write a string or a whole number"))?,
    };
    if text.is_empty() || text.len() > LONGEST_ID {
        return Err(node.unreadable(format!("has {} bytes; an id has 1 to {LONGEST_ID}", text.len())));
    }
    // A character that could not be read stands for many.
    if text.chars().any(|char| char.is_control() || char == '\u{fffd}') || text.trim() != text {
        return Err(node.unreadable("holds a control character, or a space at an end; write an id without"));
    }
    Ok(text)
}

/// Text with something in it.
pub(super) fn text(node: &Node<'_>) -> Result<String, Unreadable> {
    let text = node.string()?.trim().to_owned();
    if text.is_empty() { Err(node.unreadable("is empty; write something, or leave it out")) } else { Ok(text) }
}

/// A date, which begins as the day does in the book's zone, or an instant.
pub(super) fn moment(node: &Node<'_>, zone: Tz) -> Result<DateTime<Utc>, Unreadable> {
    let wrong = || node.unreadable("is no date; write \"2025-01-31\", or an instant such as \"2025-01-31T09:30:00Z\"");
    let text = node.string().map_err(|_| wrong())?;
    let moment = match NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
        Ok(date) => midnight(date, zone).ok_or_else(wrong)?,
        Err(_) => DateTime::parse_from_rfc3339(&text).map_err(|_| wrong())?.to_utc(),
    };
    if !(1900..=9999).contains(&moment.year()) {
        return Err(node.unreadable(format!("is in the year {}; write one from 1900 to 9999", moment.year())));
    }
    Ok(moment)
}

/// The day that something is for.
pub(super) fn day(node: &Node<'_>) -> Result<NaiveDate, Unreadable> {
    let wrong = || node.unreadable("is no day; write it as \"2025-01-31\"");
    NaiveDate::parse_from_str(&node.string().map_err(|_| wrong())?, "%Y-%m-%d").map_err(|_| wrong())
}

/// When a day begins: where clocks are put forward at midnight, a little later.
fn midnight(date: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    // Beyond the calendar's ends there is nothing to add to.
    date.checked_add_months(Months::new(1))?;
    let begin = date.and_time(NaiveTime::MIN);
    let halves = (0..=48).map(|half| begin + TimeDelta::minutes(30 * half));
    halves.filter_map(|local| zone.from_local_datetime(&local).earliest()).next().map(|at| at.to_utc())
}

/// A decimal by its digits: no float ever stands between.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let bounded = digits.starts_with(|first: char| first.is_ascii_digit()) && !digits.ends_with('.');
    if plain && bounded { Decimal::from_str_exact(text).ok().map(|decimal| decimal.normalize()) } else { None }
}

/// A number that is no amount: as a string, or as JSON has it, by its digits.
pub(super) fn number(node: &Node<'_>) -> Result<Decimal, Unreadable> {
    let digits = node.number_text();
    let read = digits.ok().and_then(|digits| decimal(&digits));
    read.ok_or_else(|| node.unreadable("is no number that can be kept exactly; write digits such as \"12.5\""))
}

/// An object of one's own, whose fields nobody reads.
pub(super) fn object(fields: &Object<'_>, name: &str) -> Result<(), Unreadable> {
    optional(fields, name, |node| node.object().map(drop)).map(drop)
}
