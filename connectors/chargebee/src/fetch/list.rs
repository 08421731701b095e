//! A list as Chargebee answers it: `{"list":[{"customer":{...}},...],"next_offset":"..."}`.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::{Cursor, Http, SourceError, json};

/// The largest page that Chargebee allows.
pub(crate) const MOST: &str = "100";

/// One answer.
pub(crate) struct List {
    /// The records, out of their wrappings.
    pub(crate) elements: Vec<Element>,
    /// The vendor's clock.
    pub(crate) at: DateTime<Utc>,
    /// Where to go on, when there is more.
    pub(crate) next_offset: Option<String>,
}

/// A record of a list.
pub(crate) struct Element {
    /// The record's own text.
    pub(crate) payload: String,
    /// What to call it where it has no id.
    pub(crate) place: String,
}

impl List {
    /// The cursor behind it.
    pub(crate) fn next(&self) -> Vec<Cursor> {
        self.next_offset.iter().map(|offset| Cursor(serde_json::Value::from(offset.as_str()).to_string())).collect()
    }
}

/// The offset that a cursor holds: a JSON string.
pub(super) fn offset_of(stream: &str, cursor: &Cursor) -> Result<String, SourceError> {
    serde_json::from_str(&cursor.0)
        .map_err(|error| SourceError::BadCursor { stream: stream.to_owned(), detail: error.to_string() })
}

/// Reads the page of a list behind an offset.
pub(crate) async fn read(
    http: &Http,
    stream: &str,
    noun: &str,
    query: &[(&str, &str)],
    offset: Option<&str>,
) -> Result<List, SourceError> {
    let path = format!("/api/v2/{stream}");
    let mut query = query.to_vec();
    query.extend(offset.map(|offset| ("offset", offset)));
    let answer = match http.get(&path, &query).await {
        Err(SourceError::Refused { param, message, .. }) if offset.is_some() && param.as_deref() == Some("offset") => {
            return Err(SourceError::BadCursor { stream: stream.to_owned(), detail: message });
        }
        read => read?,
    };
    let invalid = |detail: String| SourceError::InvalidBody { at: http.at(&path), detail };
    let (elements, next_offset) =
        parts(&answer.body, noun, offset).map_err(|error| invalid(format!("in the list {error}")))?;
    if next_offset.is_some() && next_offset.as_deref() == offset {
        return Err(invalid("the page behind an offset has the same offset again, so the list has no end".into()));
    }
    Ok(List { elements, at: answer.at, next_offset })
}

fn parts(body: &str, noun: &str, offset: Option<&str>) -> Result<(Vec<Element>, Option<String>), json::Unreadable> {
    let fields = json::Object::of(body)?;
    let list = fields.need("list")?.list()?;
    let place = |index: usize| format!("element {index} of the page behind {}", offset.unwrap_or("nothing"));
    let element = |(index, node): (usize, json::Node<'_>)| {
        let inner = node.object().and_then(|wrapping| Ok(wrapping.need(noun)?.text().to_owned()));
        // What has not its wrapping has no id either: it is named by its place.
        Element { payload: inner.unwrap_or_else(|_| node.text().to_owned()), place: place(index) }
    };
    let next = fields.get("next_offset").map(|node| node.string()).transpose()?;
    Ok((list.into_iter().enumerate().map(element).collect(), next))
}
