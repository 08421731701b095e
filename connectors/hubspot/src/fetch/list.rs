//! A list as HubSpot answers it: `{"results":[...],"paging":{"next":{"after":"..."}}}`.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::{Answer, Http, SourceError, json};

/// One answer.
pub(crate) struct List {
    /// The records' own texts.
    pub(crate) records: Vec<String>,
    /// The vendor's clock.
    pub(crate) at: DateTime<Utc>,
    /// Where to go on.
    pub(crate) after: Option<String>,
}

/// Reads a page of `path`.
pub(crate) async fn read(http: &Http, path: &str, query: &[(&str, &str)]) -> Result<List, SourceError> {
    let list = take_apart(http, path, http.get(path, query).await?)?;
    let asked = query.iter().find(|(name, _)| *name == "after").map(|(_, after)| *after);
    match (&list.after, asked) {
        (Some(next), Some(asked)) if next == asked => {
            let detail = format!("the page at `{asked}` goes on at `{asked}` again, so the list has no end");
            Err(SourceError::InvalidBody { at: http.at(path), detail })
        }
        _ => Ok(list),
    }
}

/// The same, of an answer to whatever was asked.
pub(crate) fn take_apart(http: &Http, path: &str, answer: Answer) -> Result<List, SourceError> {
    let parts = json::Object::with_elements(&answer.body, "results", |record, _| record.to_owned());
    let parts = parts.and_then(|(list, records)| Ok((records, after(&list)?)));
    let (records, after) = parts
        .map_err(|error| SourceError::InvalidBody { at: http.at(path), detail: format!("in the list {error}") })?;
    Ok(List { records, at: answer.at, after })
}

/// Where a list goes on: nowhere, when it says nothing of paging.
pub(crate) fn after(list: &json::Object<'_>) -> Result<Option<String>, json::Unreadable> {
    let next = match list.get("paging") {
        Some(paging) => paging.object()?.get("next"),
        None => None,
    };
    next.map(|next| next.object()?.need("after")?.number_text().map(|after| after.into_owned())).transpose()
}
