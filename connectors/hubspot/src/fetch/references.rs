//! What many companies refer to: the account's own currency, owners, pipelines.

use mrr_connector_sdk::{Cursor, Http, Page, Record, SourceError, Stream, json};

use super::cursor::Place;
use super::{ACCOUNT_INFO, behind, problem, read};

/// Where a stream of references is listed.
pub(super) fn path(stream: &Stream) -> Result<&'static str, SourceError> {
    match stream.name {
        "account_info" => Ok(ACCOUNT_INFO),
        "owners" => Ok("/crm/v3/owners"),
        "pipelines" => Ok("/crm/v3/pipelines/deals"),
        other => Err(SourceError::ConnectorFault {
            detail: format!("HubSpot has no stream `{other}`; remove it from the settings"),
        }),
    }
}

/// Reads the page at `cursor`.
pub(super) async fn fetch(http: &Http, stream: &Stream, cursor: Option<&Cursor>) -> Result<Page, SourceError> {
    let path = path(stream)?;
    let place = Place::of(stream.name, cursor)?;
    if stream.name == "account_info" {
        let answer = http.get(path, &[]).await?;
        let found = record(stream, &answer.body);
        let found = found.map_err(|error| SourceError::InvalidBody { at: http.at(path), detail: error.to_string() })?;
        return Ok(Page { records: vec![found], at: answer.at, next: Vec::new(), problems: Vec::new() });
    }
    let archived = place.archived.to_string();
    let mut query = Vec::new();
    if stream.name == "owners" {
        query.extend([("limit", "500"), ("archived", archived.as_str())]);
    }
    query.extend(place.after.as_deref().map(|after| ("after", after)));
    let list = read(http, path, &query).await?;
    let mut page = Page { records: Vec::new(), at: list.at, next: Vec::new(), problems: Vec::new() };
    for (index, payload) in list.records.iter().enumerate() {
        match record(stream, payload) {
            Ok(record) => page.records.push(record),
            Err(error) => {
                let place =
                    format!("element {index} of the page at {}", place.after.as_deref().unwrap_or("the beginning"));
                page.problems.push(problem(stream, &place, error, "the record is left out"));
            }
        }
    }
    page.next = behind(stream, &place, list.after, cursor.is_none());
    Ok(page)
}

/// A record that is nobody's own.
pub(super) fn record(stream: &Stream, payload: &str) -> Result<Record, json::Unreadable> {
    let fields = json::Object::of(payload)?;
    let id = match stream.name {
        "account_info" => fields.need("portalId")?.number_text()?.into_owned(),
        _ => super::id_of(&fields)?,
    };
    Ok(Record { id, account: None, payload: payload.to_owned() })
}
