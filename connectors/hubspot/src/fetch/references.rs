//! What many companies refer to: the account's own currency, owners, pipelines.

use mrr_connector_sdk::value::filled;
use mrr_connector_sdk::{Cursor, Http, Page, Record, SourceError, Stream, json};

use super::cursor::Place;
use super::{ACCOUNT_INFO, behind, read};

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
        return Ok(Page { records: vec![found], ..Page::empty(answer.at) });
    }
    let archived = place.archived.to_string();
    let mut query = Vec::new();
    if stream.name == "owners" {
        query.extend([("limit", "500"), ("archived", archived.as_str())]);
    }
    query.extend(place.after.as_deref().map(|after| ("after", after)));
    let list = read(http, path, &query).await?;
    let mut page = Page::empty(list.at);
    for (index, payload) in list.records.iter().enumerate() {
        page.take(stream.name, record(stream, payload).map(|record| (record, None)), || place.name(index));
    }
    page.next = behind(stream, &place, list.after, cursor.is_none());
    Ok(page)
}

/// A record that is nobody's own.
pub(super) fn record(stream: &Stream, payload: &str) -> Result<Record, json::Unreadable> {
    let fields = json::Object::of(payload)?;
    let id = match stream.name {
        "account_info" => fields.need("portalId")?.number_text()?.into_owned(),
        _ => filled(&fields, "id")?,
    };
    Ok(Record { id, account: None, payload: payload.to_owned() })
}
