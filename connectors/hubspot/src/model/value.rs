//! Single values. All properties are strings or null, and an empty string is none.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use rust_decimal::Decimal;

/// An instant: ISO 8601, or milliseconds since 1970 as some endpoints have it.
pub(crate) fn instant(node: &Node<'_>) -> Result<DateTime<Utc>, Unreadable> {
    let text = node.number_text().map_err(|_| node.unreadable("is no time"))?;
    moment(&text).ok_or_else(|| node.unreadable("is no time such as 2026-03-31T10:00:00.123Z"))
}

/// The same, of a property's text.
pub(crate) fn moment(text: &str) -> Option<DateTime<Utc>> {
    match text.parse::<i64>() {
        Ok(millis) => DateTime::from_timestamp_millis(millis),
        Err(_) => DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()),
    }
}

/// What a record says of a property now; `None` when it is empty or not shown.
pub(crate) fn property(record: &Object<'_>, name: &str) -> Result<Option<String>, Unreadable> {
    match record.need("properties")?.object()?.get(name) {
        Some(node) => told(&node),
        None => Ok(None),
    }
}

/// A property's value. Numbers come as strings, and are taken as they are where they don't.
pub(crate) fn told(node: &Node<'_>) -> Result<Option<String>, Unreadable> {
    let text = match node.boolean() {
        Ok(flag) => flag.to_string(),
        Err(_) => node.number_text()?.trim().to_owned(),
    };
    Ok((!text.is_empty()).then_some(text))
}

/// A number by its digits: no float ever stands between. Old data has words such as `N/A` in number
/// properties.
pub(super) fn decimal(name: &str, text: &str) -> Result<Decimal, Unreadable> {
    let read = Decimal::from_str_exact(text)
        .or_else(|error| if text.contains(['e', 'E']) { Decimal::from_scientific(text) } else { Err(error) });
    read.map(|number| number.normalize()).map_err(|_| Unreadable {
        path: name.to_owned(),
        message: "is no number that can be kept exactly: correct it in HubSpot".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_read_as_they_are_written() {
        assert_eq!(decimal("price", "120.00").unwrap().to_string(), "120");
        assert_eq!(decimal("price", "12345678901234567.89").unwrap().to_string(), "12345678901234567.89");
        assert!(decimal("price", "N/A").unwrap_err().to_string().contains("`price` is no number"));
        assert_eq!(moment("2026-03-31T10:00:00.123Z"), moment("1774951200123"));
        assert_eq!(moment("soon"), None);
        let record = Object::of(r#"{"properties":{"a":"","b":null,"c":" x ","d":5,"e":true,"f":[]}}"#).unwrap();
        let of = |name: &str| property(&record, name).unwrap_or(Some("unreadable".into()));
        assert_eq!(
            ["a", "b", "c", "d", "e", "g"].map(|name| of(name).unwrap_or_default()),
            ["", "", "x", "5", "true", ""]
        );
        assert_eq!(of("f").as_deref(), Some("unreadable"));
    }
}
