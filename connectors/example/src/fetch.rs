//! Pages of a stream, and single records: `{"data": [...], "next": "cus_9"}`.

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
        json::Object::with_elements(&answer.body, "data", |payload, record| (payload.to_owned(), id_of(record)))
            .map_err(invalid)?;
    let mut page = Page { records: Vec::new(), at: answer.at, next: Vec::new(), problems: Vec::new() };
    for (index, (payload, id)) in records.into_iter().enumerate() {
        match id {
            Ok(id) => page.records.push(Record { account: Some(id.clone()), id, payload }),
            Err(error) => page.problems.push(Problem {
                stream: stream.name.to_owned(),
                record: format!("element {index} of the page after {}", cursor.map_or("nothing", |cursor| &cursor.0)),
                field: error.path,
                message: format!("{}; the record is left out", error.message),
            }),
        }
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
            let id = json::Object::of(&answer.body)
                .and_then(|record| id_of(Ok(record)))
                .map_err(|error| SourceError::InvalidBody { at: http.at(&path), detail: error.to_string() })?;
            let record = Record { account: Some(id.clone()), id, payload: answer.body };
            Ok(Retrieved { record: Some(record), at: answer.at, problems: Vec::new() })
        }
        Err(SourceError::NotFound { .. }) => {
            // The vendor's clock did not come with the refusal; the list's does.
            let at = http.get(&format!("/v1/{}", stream.name), &[("limit", "1")]).await?.at;
            Ok(Retrieved { record: None, at, problems: Vec::new() })
        }
        Err(error) => Err(error),
    }
}

fn id_of(record: Result<json::Object<'_>, json::Unreadable>) -> Result<String, json::Unreadable> {
    let record = record?;
    let id = record.need("id")?;
    let text = id.string()?;
    if text.is_empty() { Err(id.unreadable("is empty")) } else { Ok(text) }
}
