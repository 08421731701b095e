//! A list as Chargebee answers it: `{"list":[{"customer":{...}},...],"next_offset":"..."}`.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::{Cursor, Http, SourceError, json};

use crate::config::Catalog;

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
    /// The cursor behind it: its offset.
    pub(crate) fn next(&self) -> Vec<Cursor> {
        self.next_offset.iter().map(Cursor::of).collect()
    }
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
        Err(error) => return Err(named(error, http, stream)),
        Ok(answer) => answer,
    };
    let invalid = |detail: String| SourceError::InvalidBody { at: http.at(&path), detail };
    let (elements, next_offset) =
        parts(&answer.body, noun, offset).map_err(|error| invalid(format!("in the list {error}")))?;
    if next_offset.is_some() && next_offset.as_deref() == offset {
        return Err(invalid("the page behind an offset has the same offset again, so the list has no end".into()));
    }
    Ok(List { elements, at: answer.at, next_offset })
}

/// What is wrong with a setting, by its name: a list is always there, unless the site is another one or has the other
/// product catalog.
fn named(error: SourceError, http: &Http, stream: &str) -> SourceError {
    let at = http.at(&format!("/api/v2/{stream}"));
    match error {
        SourceError::Refused { code: Some(code), .. } if code == "configuration_incompatible" => {
            let catalog = if matches!(stream, "plans" | "addons") { Catalog::Items } else { Catalog::Plans };
            let catalog = catalog.name();
            let detail = format!(
                "{at}: the site has another product catalog, and no {stream}; write product_catalog = \"{catalog}\""
            );
            SourceError::ConnectorFault { detail }
        }
        SourceError::NotFound { message, .. } => {
            let detail = format!(
                "{at}: not found, as if there were no such site ({message}); check `site`, and `base_url` if it is set"
            );
            SourceError::ConnectorFault { detail }
        }
        error => error,
    }
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
