//! One record as it is now.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::{Http, Retrieved, SourceError, Stream, json, path_segment};

use super::{complete, listing, record};
use crate::config::Catalog;

/// Reads one record of a stream by its id.
pub(crate) async fn retrieve(
    http: &Http,
    catalog: Catalog,
    stream: &Stream,
    id: &str,
) -> Result<Retrieved, SourceError> {
    let listing = listing(stream)?;
    let path = format!("/api/v2/{}/{}", stream.name, path_segment(id));
    let Some((payload, at)) = one(http, &path, listing.noun).await? else {
        // Chargebee's clock did not come with the refusal; a list has it.
        let at = http.get(&format!("/api/v2/{}", stream.name), &[("limit", "1")]).await?.at;
        return Ok(Retrieved::gone(at));
    };
    let (payload, lost) = complete(http, catalog, &listing, stream, payload).await?;
    let invalid =
        |error: json::Unreadable| SourceError::InvalidBody { at: http.at(stream.name), detail: error.to_string() };
    let (record, problem) = record(stream, &listing, &payload).map_err(invalid)?;
    Ok(Retrieved::there((record, problem.or(lost)), at))
}

/// A record's text out of its wrapping, and Chargebee's clock; `None` when there is none.
pub(super) async fn one(http: &Http, path: &str, noun: &str) -> Result<Option<(String, DateTime<Utc>)>, SourceError> {
    let answer = match http.get(path, &[]).await {
        Err(SourceError::NotFound { .. }) => return Ok(None),
        read => read?,
    };
    let invalid = |error: json::Unreadable| SourceError::InvalidBody { at: http.at(path), detail: error.to_string() };
    Ok(Some((body(&answer.body, noun).map_err(invalid)?, answer.at)))
}

/// A record's text out of the wrapping of an answer.
pub(super) fn body(answer: &str, noun: &str) -> Result<String, json::Unreadable> {
    Ok(json::Object::of(answer)?.need(noun)?.text().to_owned())
}
