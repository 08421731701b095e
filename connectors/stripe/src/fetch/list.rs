//! A list as Stripe answers it: `{"object":"list","data":[...],"has_more":false}`.

use std::ops::Range;

use chrono::{DateTime, Utc};
use mrr_connector_sdk::{Http, SourceError, json};

/// The largest page that Stripe allows.
pub(crate) const MOST: &str = "100";

/// One answer.
pub(crate) struct List {
    body: String,
    records: Places,
    /// The vendor's clock.
    pub(crate) at: DateTime<Utc>,
    /// The id of the last record, when there are more behind it.
    pub(crate) last: Option<String>,
}

/// Reads the page of `path` behind the record `after`.
pub(crate) async fn read(
    http: &Http,
    path: &str,
    query: &[(&str, &str)],
    after: Option<&str>,
) -> Result<List, SourceError> {
    read_as(http, path, query, after, |_| ()).await.map(|(list, _)| list)
}

/// The same, with what `head` makes of each record's fields. Pages are large: it is asked in the
/// one pass that also finds the records and whether the page is JSON.
pub(super) async fn read_as<T>(
    http: &Http,
    path: &str,
    query: &[(&str, &str)],
    after: Option<&str>,
    head: impl Fn(Result<json::Object<'_>, json::Unreadable>) -> T,
) -> Result<(List, Vec<T>), SourceError> {
    let mut query = query.to_vec();
    query.extend(after.map(|id| ("starting_after", id)));
    let (answer, parts) = http.get_as(path, &query, |body| parts(body, &head)).await?;
    let invalid = |detail: String| SourceError::InvalidBody { at: http.at(path), detail };
    let Parts { has_more, records, heads, last } = parts.map_err(|error| invalid(format!("in the list {error}")))?;
    if has_more {
        match &last {
            None => {
                return Err(invalid(
                    "has_more is true but the page is empty, so there is nothing to go on behind".into(),
                ));
            }
            Some(id) if after == Some(id) => {
                return Err(invalid(format!("the page behind `{id}` ends with `{id}` again, so the list has no end")));
            }
            Some(_) => {}
        }
    }
    Ok((List { body: answer.body, records, at: answer.at, last }, heads))
}

/// Whether an error says that the record given as `starting_after` does not exist any more.
pub(crate) fn record_is_gone(error: &SourceError) -> bool {
    let missing = |text: &Option<String>, wanted: &str| text.as_deref() == Some(wanted);
    matches!(error, SourceError::Refused { code, param, .. }
        if missing(code, "resource_missing") && missing(param, "starting_after"))
}

impl List {
    /// The records' own texts.
    pub(crate) fn records(&self) -> impl Iterator<Item = &str> {
        // The places came from this very body.
        self.records.iter().filter_map(|place| self.body.get(place.clone()))
    }
}

/// Where in a body each record is.
type Places = Vec<Range<usize>>;

/// What a list says.
struct Parts<T> {
    has_more: bool,
    records: Places,
    heads: Vec<T>,
    /// The last record's id if it is needed to go on.
    last: Option<String>,
}

fn parts<T>(
    body: &str,
    head: impl Fn(Result<json::Object<'_>, json::Unreadable>) -> T,
) -> Result<Parts<T>, json::Unreadable> {
    // The elements borrow from the body, so the distance of the two is their place.
    let place = |record: &str| record.as_ptr() as usize - body.as_ptr() as usize;
    let range = |record: &str| place(record)..place(record) + record.len();
    let (list, data) = json::Object::with_elements(body, "data", |record, fields| (range(record), head(fields)))?;
    let has_more = list.need("has_more")?.boolean()?;
    let (records, heads): (Places, Vec<T>) = data.into_iter().unzip();
    let last = match records.last().and_then(|place| body.get(place.clone())) {
        Some(record) if has_more => Some(json::Object::of(record)?.need("id")?.string()?),
        _ => None,
    };
    Ok(Parts { has_more, records, heads, last })
}
