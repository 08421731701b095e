//! Pages of a stream, and single records: `{"data": [...], "next": "cus_9"}`.

use mrr_connector_sdk::value::filled;
use mrr_connector_sdk::{Cursor, Http, Page, Record, Retrieved, SourceError, Stream, json, path_segment};
use revenue::fact::Problem;

/// The most records that the vendor gives on a page.
const MOST: &str = "100";

/// Reads the page at `cursor`, which is the id of the record before it.
pub(crate) async fn fetch(http: &Http, stream: &Stream, cursor: Option<&Cursor>) -> Result<Page, SourceError> {
    let path = format!("/v1/{}", stream.name);
    let mut query = vec![("limit", MOST)];
    query.extend(cursor.map(|cursor| ("after", cursor.0.as_str())));
    let answer = http.get(&path, &query).await?;
    let invalid = |error: json::Unreadable| SourceError::InvalidBody { at: http.at(&path), detail: error.to_string() };
    let (list, records) =
        json::Object::with_elements(&answer.body, "data", |payload, record| read(payload, record?)).map_err(invalid)?;
    let mut page = Page::empty(answer.at);
    for (index, record) in records.into_iter().enumerate() {
        let after = cursor.map_or("nothing", |cursor| &cursor.0);
        page.take(stream.name, record, || format!("element {index} of the page after {after}"));
    }
    if let Some(next) = list.get("next") {
        let next = Cursor(next.string().map_err(invalid)?);
        if cursor == Some(&next) {
            let detail = format!("the page behind `{0}` goes on behind `{0}` again, so the list has no end", next.0);
            return Err(SourceError::InvalidBody { at: http.at(&path), detail });
        }
        page.next.push(next);
    }
    Ok(page)
}

/// Reads one record as it is now.
pub(crate) async fn retrieve(http: &Http, stream: &Stream, id: &str) -> Result<Retrieved, SourceError> {
    let path = format!("/v1/{}/{}", stream.name, path_segment(id));
    match http.get(&path, &[]).await {
        Ok(answer) => {
            let found = json::Object::of(&answer.body)
                .and_then(|record| read(&answer.body, record))
                .map_err(|error| SourceError::InvalidBody { at: http.at(&path), detail: error.to_string() })?;
            Ok(Retrieved::there(found, answer.at))
        }
        Err(SourceError::NotFound { .. }) => {
            // The vendor's clock did not come with the refusal; the list's does.
            let at = http.get(&format!("/v1/{}", stream.name), &[("limit", "1")]).await?.at;
            Ok(Retrieved::gone(at))
        }
        Err(error) => Err(error),
    }
}

/// A record with the account that it belongs to: here, itself.
fn read(payload: &str, record: json::Object<'_>) -> Result<(Record, Option<Problem>), json::Unreadable> {
    let id = filled(&record, "id")?;
    Ok(Record::of("customers", id.clone(), Ok(Some(id)), payload.to_owned()))
}
