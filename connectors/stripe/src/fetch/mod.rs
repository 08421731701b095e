//! Pages of a stream, and single records.

mod cursor;
mod list;
mod nested;
mod retrieve;

use mrr_connector_sdk::value::filled;
use mrr_connector_sdk::{Cursor, Http, Page, Record, SourceError, Stream, StreamKind, json, problem};
use revenue::fact::Problem;

use crate::streams::{self, Listing};
use cursor::Place;
pub(crate) use list::{List, MOST, read, record_is_gone};
pub(crate) use retrieve::retrieve;

/// Reads the page at `cursor`.
///
/// Stripe lists newest first. What is created while a walk goes on is at the head, where the walk
/// does not come again: the log of events tells of it, or else the next walk.
pub(crate) async fn fetch(http: &Http, stream: &Stream, cursor: Option<&Cursor>) -> Result<Page, SourceError> {
    let listing = listing(stream)?;
    let mut place = Place::of(stream.name, cursor)?;
    let mut query: Vec<(&str, &str)> = vec![("limit", MOST)];
    query.extend_from_slice(listing.filters);
    query.extend(listing.expand.iter().map(|path| ("expand[]", *path)));
    let (since, before) = (place.since.map(|at| at.to_string()), place.before.map(|at| at.to_string()));
    query.extend(since.as_deref().map(|at| ("created[gte]", at)));
    query.extend(before.as_deref().map(|at| ("created[lt]", at)));
    let head = |record: Result<json::Object<'_>, json::Unreadable>| Head::of(stream, &listing, &record?);
    let certain = query.len();
    query.extend(listing.welcome.iter().map(|path| ("expand[]", *path)));
    let (list, heads) = loop {
        match list::read_as(http, listing.path, &query, place.after.as_deref(), head).await {
            // The record that we were to go on behind is gone. The branch begins anew: duplicates are
            // allowed, gaps are not.
            Err(error) if place.after.is_some() && record_is_gone(&error) => place = place.restarted(stream.name)?,
            Err(SourceError::Forbidden { .. }) if query.len() > certain => query.truncate(certain),
            read => break read?,
        }
    };

    let mut page = Page::empty(list.at);
    let mut made = Vec::new();
    for (index, (payload, head)) in list.records().zip(heads).enumerate() {
        match head {
            Ok(head) => {
                made.push(head.made);
                let id = head.id.clone();
                let (record, problem) = match whole(http, stream, &listing, head, payload).await {
                    // Its own list is gone: it was deleted since this one was made, or else the
                    // error comes again.
                    Err(SourceError::NotFound { .. }) => {
                        let again = retrieve(http, stream, &id).await?;
                        (again.record, again.problems.into_iter().next())
                    }
                    found => found.map(|(record, problem)| (Some(record), problem))?,
                };
                page.records.extend(record);
                page.problems.extend(problem);
            }
            Err(error) => {
                made.push(None);
                let after = place.after.as_deref().unwrap_or("nothing");
                let place = format!("element {index} of the page after {after}");
                page.problems.push(problem(stream.name, &place, error, "the record is left out"));
            }
        }
    }
    if let Some(last) = list.last.clone() {
        let end = |made: Option<&Option<i64>>| made.copied().flatten();
        let span = end(made.first()).zip(end(made.last()));
        page.next = place.behind(last, span).iter().map(Cursor::of).collect();
    }
    Ok(page)
}

pub(crate) fn listing(stream: &Stream) -> Result<Listing, SourceError> {
    streams::listing(stream.name).ok_or_else(|| SourceError::ConnectorFault {
        detail: format!("Stripe has no stream `{}`; remove it from the settings", stream.name),
    })
}

/// What a page's reader needs of a record.
struct Head {
    id: String,
    account: Result<Option<String>, json::Unreadable>,
    /// When it was made, as its list is ordered and filtered by. Invoice items call it `date`.
    made: Option<i64>,
    /// Whether its nested list was cut.
    cut: bool,
}

impl Head {
    /// Fails when the record has no id, without which it can't be kept.
    fn of(stream: &Stream, listing: &Listing, record: &json::Object<'_>) -> Result<Self, json::Unreadable> {
        let id = filled(record, "id")?;
        let made = record.get("created").or_else(|| record.get("date")).and_then(|node| node.integer().ok());
        Ok(Self { account: account_of(stream, &id, record), made, cut: nested::is_cut(listing, record), id })
    }
}

/// A record with its nested list whole. One that names no account is kept all the same, with a
/// problem beside it.
async fn whole(
    http: &Http,
    stream: &Stream,
    listing: &Listing,
    head: Head,
    payload: &str,
) -> Result<(Record, Option<Problem>), SourceError> {
    let Head { id, account, cut, .. } = head;
    let payload = if cut { nested::complete(http, listing, &id, payload).await? } else { payload.to_owned() };
    Ok(Record::of(stream.name, id, account, payload))
}

/// A record's id, or what to call it otherwise.
pub(crate) fn id_or(payload: &str, otherwise: impl FnOnce() -> String) -> String {
    json::Object::of(payload).and_then(|record| filled(&record, "id")).unwrap_or_else(|_| otherwise())
}

/// The account that a record belongs to.
fn account_of(stream: &Stream, id: &str, record: &json::Object<'_>) -> Result<Option<String>, json::Unreadable> {
    Ok(match (stream.kind, stream.name) {
        (StreamKind::Reference, _) => None,
        (StreamKind::Account, "customers") => Some(id.to_owned()),
        (_, "refunds") => match record.get("charge") {
            // Who pays once need not be a customer, and has no subscription.
            Some(charge) => charge.object()?.get("customer").map(customer).transpose()?,
            None => None,
        },
        (StreamKind::Account | StreamKind::Log | StreamKind::Kept, _) => Some(customer(record.need("customer")?)?),
    })
}

fn customer(node: json::Node<'_>) -> Result<String, json::Unreadable> {
    let account = crate::model::id_of(&node)?;
    if account.is_empty() { Err(node.unreadable("is empty")) } else { Ok(account) }
}
