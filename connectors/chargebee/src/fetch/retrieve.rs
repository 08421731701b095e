//! One record as it is now.

use mrr_connector_sdk::{Http, Record, Retrieved, SourceError, Stream, json, path_segment};

use super::{listing, ramps, record};

/// Reads one record of a stream by its id.
pub(crate) async fn retrieve(http: &Http, stream: &Stream, id: &str) -> Result<Retrieved, SourceError> {
    let listing = listing(stream)?;
    let Some((payload, at)) = one(http, stream.name, listing.noun, id).await? else {
        // Chargebee's clock did not come with the refusal; a list has it.
        let of = if stream.name == "ramps" { "subscriptions" } else { stream.name };
        let at = http.get(&format!("/api/v2/{of}"), &[("limit", "1")]).await?.at;
        return Ok(Retrieved { record: None, at, problems: Vec::new() });
    };
    let invalid =
        |error: json::Unreadable| SourceError::InvalidBody { at: http.at(stream.name), detail: error.to_string() };
    if stream.name == "ramps" {
        let ramp = json::Object::of(&payload).map_err(invalid)?;
        let of = super::text(&ramp, "subscription_id").map_err(invalid)?;
        let account = match one(http, "subscriptions", "subscription", &of).await? {
            Some((subscription, _)) => Some(ramps::names(&subscription).map_err(invalid)?.1),
            None => None,
        };
        let record = account.map(|account| Record { id: id.to_owned(), account: Some(account), payload });
        return Ok(Retrieved { record, at, problems: Vec::new() });
    }
    let (record, problem) = record(stream, &listing, &payload).map_err(invalid)?;
    Ok(Retrieved { record: Some(record), at, problems: problem.into_iter().collect() })
}

/// A record's text out of its wrapping; `None` when there is none.
async fn one(
    http: &Http,
    stream: &str,
    noun: &str,
    id: &str,
) -> Result<Option<(String, chrono::DateTime<chrono::Utc>)>, SourceError> {
    let path = format!("/api/v2/{stream}/{}", path_segment(id));
    let answer = match http.get(&path, &[]).await {
        Err(SourceError::NotFound { .. }) => return Ok(None),
        read => read?,
    };
    let inner = json::Object::of(&answer.body).and_then(|wrapping| Ok(wrapping.need(noun)?.text().to_owned()));
    let invalid = |error: json::Unreadable| SourceError::InvalidBody { at: http.at(&path), detail: error.to_string() };
    Ok(Some((inner.map_err(invalid)?, answer.at)))
}
