//! Pages of a stream, and single records.

mod lines;
mod list;
mod planned;
mod retrieve;

use mrr_connector_sdk::value::filled;
use mrr_connector_sdk::{Cursor, Http, Page, Record, SourceError, Stream, StreamKind, json, problem};
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
    let offset: Option<String> = cursor.map(|cursor| cursor.place(stream.name)).transpose()?;
    let listing = listing(stream)?;
    let mut query = vec![("limit", MOST)];
    if listing.hides_deleted {
        query.push(("include_deleted", "true"));
    }
    let list = read(http, stream.name, listing.noun, &query, offset.as_deref()).await?;
    let mut page = Page { next: list.next(), ..Page::empty(list.at) };
    for Element { payload, place } in list.elements {
        let (payload, problem) = complete(http, catalog, &listing, stream, payload).await?;
        page.take(stream.name, record(stream, &listing, &payload), || place);
        page.problems.extend(problem);
    }
    Ok(page)
}

/// A record with what lists leave out of it, and what of that can't be had.
async fn complete(
    http: &Http,
    catalog: Catalog,
    listing: &Listing,
    stream: &Stream,
    payload: String,
) -> Result<(String, Option<Problem>), SourceError> {
    match listing.noun {
        "subscription" => planned::complete(http, catalog, payload).await,
        "invoice" | "credit_note" => Ok((lines::complete(http, stream.name, listing.noun, payload).await?, None)),
        _ => Ok((payload, None)),
    }
}

/// A record, and a problem beside it when it names no account or was cut.
pub(super) fn record(
    stream: &Stream,
    listing: &Listing,
    payload: &str,
) -> Result<(Record, Option<Problem>), json::Unreadable> {
    let fields = json::Object::of(payload)?;
    let id = filled(&fields, "id")?;
    let account = match (stream.kind, listing.noun) {
        (StreamKind::Reference, _) => Ok(None),
        (_, "customer") => Ok(Some(id.clone())),
        _ => filled(&fields, "customer_id").map(Some),
    };
    let cut = fields.get("line_items_next_offset").map(|cut| {
        let error = cut.unreadable("says that lines are missing");
        problem(stream.name, &id, error, "what they bill is not known from this document")
    });
    let (record, wrong) = Record::of(stream.name, id, account, payload.to_owned());
    Ok((record, wrong.or(cut)))
}

pub(crate) fn listing(stream: &Stream) -> Result<Listing, SourceError> {
    streams::listing(stream.name).ok_or_else(|| SourceError::ConnectorFault {
        detail: format!("Chargebee has no stream `{}`; remove it from the settings", stream.name),
    })
}
