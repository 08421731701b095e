//! Pages of a stream, and single records.

mod lines;
mod list;
mod planned;
mod retrieve;

use mrr_connector_sdk::{Cursor, Http, Page, Record, SourceError, Stream, StreamKind, json};
use revenue::fact::Problem;

use crate::config::Catalog;
use crate::streams::{self, Listing};
pub(crate) use list::{Element, MOST, read};
pub(crate) use retrieve::retrieve;

/// Reads the page at `cursor`.
///
/// No page is asked for by `updated_at`: records that were not changed for long have none, and such a filter would
/// drop them. The lists are in the order in which records were made, so what is changed meanwhile keeps its place.
pub(crate) async fn fetch(
    http: &Http,
    catalog: Catalog,
    stream: &Stream,
    cursor: Option<&Cursor>,
) -> Result<Page, SourceError> {
    let offset = cursor.map(|cursor| list::offset_of(stream.name, cursor)).transpose()?;
    let listing = listing(stream)?;
    let mut query = vec![("limit", MOST)];
    if listing.hides_deleted {
        query.push(("include_deleted", "true"));
    }
    let list = read(http, stream.name, listing.noun, &query, offset.as_deref()).await?;
    let mut page = Page { records: Vec::new(), at: list.at, next: list.next(), problems: Vec::new() };
    for element in list.elements {
        let payload = complete(http, catalog, &listing, stream, element.payload).await?;
        keep(stream, &listing, Element { payload, ..element }, &mut page);
    }
    Ok(page)
}

/// A record with what lists leave out of it.
async fn complete(
    http: &Http,
    catalog: Catalog,
    listing: &Listing,
    stream: &Stream,
    payload: String,
) -> Result<String, SourceError> {
    match listing.noun {
        "subscription" => planned::complete(http, catalog, payload).await,
        "invoice" | "credit_note" => lines::complete(http, stream.name, listing.noun, payload).await,
        _ => Ok(payload),
    }
}

/// Adds a record to a page, or what is wrong with it.
fn keep(stream: &Stream, listing: &Listing, element: Element, page: &mut Page) {
    match record(stream, listing, &element.payload) {
        Ok((record, problem)) => {
            page.records.push(record);
            page.problems.extend(problem);
        }
        Err(error) => page.problems.push(problem(stream, &element.place, error, "the record is left out")),
    }
}

/// A record, and a problem beside it when it names no account or was cut.
pub(super) fn record(
    stream: &Stream,
    listing: &Listing,
    payload: &str,
) -> Result<(Record, Option<Problem>), json::Unreadable> {
    let fields = json::Object::of(payload)?;
    let id = text(&fields, "id")?;
    let account = match (stream.kind, listing.noun) {
        (StreamKind::Reference, _) => Ok(None),
        (_, "customer") => Ok(Some(id.clone())),
        _ => text(&fields, "customer_id").map(Some),
    };
    let (account, mut wrong) = match account {
        Ok(account) => (account, None),
        Err(error) => (None, Some(problem(stream, &id, error, "the record is kept, but is in no number"))),
    };
    if let Some(cut) = fields.get("line_items_next_offset") {
        let error = cut.unreadable("says that lines are missing");
        wrong = wrong.or(Some(problem(stream, &id, error, "what they bill is not known from this document")));
    }
    Ok((Record { id, account, payload: payload.to_owned() }, wrong))
}

pub(crate) fn listing(stream: &Stream) -> Result<Listing, SourceError> {
    streams::listing(stream.name).ok_or_else(|| SourceError::ConnectorFault {
        detail: format!("Chargebee has no stream `{}`; remove it from the settings", stream.name),
    })
}

/// A text with something in it.
fn text(fields: &json::Object<'_>, name: &str) -> Result<String, json::Unreadable> {
    let node = fields.need(name)?;
    let text = node.string()?;
    if text.is_empty() { Err(node.unreadable("is empty")) } else { Ok(text) }
}

pub(super) fn problem(stream: &Stream, record: &str, error: json::Unreadable, consequence: &str) -> Problem {
    Problem {
        stream: stream.name.to_owned(),
        record: record.to_owned(),
        field: error.path,
        message: format!("{}; {consequence}", error.message),
    }
}
