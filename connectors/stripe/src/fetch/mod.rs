//! One page of a stream.

mod cursor;
mod list;
mod nested;

use mrr_connector_sdk::{Cursor, Http, Page, Record, SourceError, Stream, StreamKind, json};
use revenue::fact::Problem;

use crate::streams;
use cursor::{Phase, Place};
use list::{List, MOST};

/// What was created while a walk went on is read once more from this many seconds before the
/// walk began, as the vendor's servers need not agree on the time to the second.
const OVERLAP_SECONDS: i64 = 300;

/// Reads the page at `cursor`.
///
/// Stripe lists newest first. A walk goes from the newest record to the oldest; what was created
/// meanwhile is at the head and is read by a second, short walk over `created[gte]`.
pub(crate) async fn fetch(http: &Http, stream: &Stream, cursor: Option<&Cursor>) -> Result<Page, SourceError> {
    let listing = streams::listing(stream.name).ok_or_else(|| SourceError::ConnectorFault {
        detail: format!("Stripe has no stream `{}`; remove it from the settings", stream.name),
    })?;
    let mut place = Place::of(stream.name, cursor)?;
    let mut query: Vec<(&str, &str)> = vec![("limit", MOST)];
    query.extend_from_slice(listing.filters);
    query.extend(listing.expand.iter().map(|path| ("expand[]", *path)));
    let since = place.since().to_string();
    if place.phase == Phase::Head {
        query.push(("created[gte]", &since));
    }
    let list = match list::read(http, listing.path, &query, place.after.as_deref()).await {
        // The record that we were to go on behind is gone. The walk begins anew: duplicates are
        // allowed, gaps are not.
        Err(error) if place.after.is_some() && list::record_is_gone(&error) => {
            place = place.restarted(stream.name)?;
            list::read(http, listing.path, &query, None).await?
        }
        other => other?,
    };

    let mut page = Page { records: Vec::new(), at: list.at, next: None, problems: Vec::new() };
    for (index, payload) in list.records().enumerate() {
        // What is asked of a record is asked in one pass over its text: pages are large.
        let read = json::Object::of(payload).and_then(|record| {
            let id = id_of(&record)?;
            Ok((account_of(stream, &id, &record), nested::cut_list(&listing, &record), id))
        });
        match read {
            Ok((account, cut, id)) => {
                let account = account.unwrap_or_else(|error| {
                    page.problems.push(problem(stream, &id, error, "the record is kept, but is in no number"));
                    None
                });
                let payload = nested::complete(http, &listing, &id, payload, cut).await?;
                page.records.push(Record { id, account, payload });
            }
            Err(error) => {
                let after = place.after.as_deref().unwrap_or("nothing");
                let place = format!("element {index} of the page after {after}");
                page.problems.push(problem(stream, &place, error, "the record is left out"));
            }
        }
    }
    page.next = place.next(&list, list.at.timestamp() - OVERLAP_SECONDS).map(|next| next.cursor());
    Ok(page)
}

/// The id of a record, without which it can't be kept.
fn id_of(record: &json::Object<'_>) -> Result<String, json::Unreadable> {
    let id = record.need("id")?;
    let text = id.string()?;
    if text.is_empty() { Err(id.unreadable("is empty")) } else { Ok(text) }
}

/// The account that a record belongs to.
fn account_of(stream: &Stream, id: &str, record: &json::Object<'_>) -> Result<Option<String>, json::Unreadable> {
    Ok(match (stream.kind, stream.name) {
        (StreamKind::Reference, _) => None,
        (StreamKind::Account, "customers") => Some(id.to_owned()),
        (StreamKind::Account, _) => {
            let customer = record.need("customer")?;
            let account = crate::model::id_of(&customer)?;
            if account.is_empty() {
                return Err(customer.unreadable("is empty"));
            }
            Some(account)
        }
    })
}

fn problem(stream: &Stream, record: &str, error: json::Unreadable, consequence: &str) -> Problem {
    Problem {
        stream: stream.name.to_owned(),
        record: record.to_owned(),
        field: error.path,
        message: format!("{}; {consequence}", error.message),
    }
}

impl Place {
    /// Where to go on behind `list`.
    fn next(&self, list: &List, begin: i64) -> Option<Self> {
        let begin = self.begin.or(Some(begin));
        match (&list.last, self.phase) {
            (Some(last), _) if list.has_more => Some(Self { begin, after: Some(last.clone()), ..self.clone() }),
            (_, Phase::Walk) => Some(Self { begin, phase: Phase::Head, after: None, restarts: self.restarts }),
            (_, Phase::Head) => None,
        }
    }
}
