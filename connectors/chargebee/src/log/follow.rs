//! The list of events from where it was left, and what was changed without one.

use mrr_connector_sdk::{Cursor, Followed, Gap, Hint, Http, Page, SourceError, json};
use revenue::fact::Problem;
use serde::{Deserialize, Serialize};

use super::{event, feed};
use crate::config::Config;
use crate::fetch::{MOST, read};
use crate::streams::{self, all};

/// What happened so many seconds before is read once more: a change may be listed late.
const OVERLAP: i64 = 300;

/// Where the log stands. Its JSON is the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// Up to when all was read, by Chargebee's clock; none when it never was.
    since: Option<i64>,
    /// When the present pass began.
    begin: Option<i64>,
    /// How many of the lists of what was changed are done: none while events are read.
    lists: Option<usize>,
    /// The offset at which the pass goes on.
    offset: Option<String>,
}

/// Reads a page of events, and with the last one what was changed since, list after list.
///
/// Not every change has an event, so records are asked for by `updated_at` too. Those without one are found by the
/// next full sync.
pub(crate) async fn follow(http: &Http, cursor: Option<&Cursor>, config: &Config) -> Result<Followed, SourceError> {
    let stream = feed(config.events_kept).stream;
    let mut place = match cursor {
        None => Place::default(),
        Some(cursor) => cursor.place(stream)?,
    };
    let since = place.since.map(|since| (since - OVERLAP).to_string());
    let mut page = Page::empty(chrono::DateTime::UNIX_EPOCH);
    let mut hints = Vec::new();
    if place.lists.is_none() {
        let mut query = vec![("limit", MOST), ("sort_by[asc]", "occurred_at")];
        query.extend(since.as_deref().map(|since| ("occurred_at[after]", since)));
        let list = read(http, "events", "event", &query, place.offset.as_deref()).await?;
        page.at = list.at;
        place.begin = place.begin.or(Some(list.at.timestamp()));
        for element in &list.elements {
            match event(&element.payload) {
                Ok(delivery) => {
                    page.records.extend(delivery.record);
                    hints.extend(delivery.hints);
                }
                Err(error) => page.problems.push(unreadable(stream, &element.payload, &element.place, error)),
            }
        }
        place.offset = list.next_offset;
        if place.offset.is_none() {
            place.lists = Some(0);
        }
    }
    if let (Some(mut done), Some(since)) = (place.lists, since.as_deref()) {
        let polled: Vec<&str> =
            all(config.catalog).iter().map(|stream| stream.name).filter(|name| by_update(name)).collect();
        while let Some(stream) = polled.get(done) {
            let list = changed(http, stream, since, place.offset.as_deref(), &mut hints).await?;
            (page.at, place.offset) = list;
            if place.offset.is_some() {
                break;
            }
            done += 1;
        }
        place.lists = Some(done);
    }
    let more = place.offset.is_some();
    let gap = gap(&place, page.at.timestamp(), config);
    if place.since.is_none() {
        // Whoever reads the log for the first time lists every record next.
        hints.clear();
    }
    let next = if more { place } else { Place { since: place.begin, ..Place::default() } };
    page.next = vec![Cursor::of(&next)];
    Ok(Followed { page, hints, more, gap })
}

fn by_update(stream: &str) -> bool {
    streams::listing(stream).is_some_and(|listing| listing.by_update)
}

/// A page of what was changed in a stream.
async fn changed(
    http: &Http,
    stream: &'static str,
    since: &str,
    offset: Option<&str>,
    hints: &mut Vec<Hint>,
) -> Result<(chrono::DateTime<chrono::Utc>, Option<String>), SourceError> {
    let Some(listing) = streams::listing(stream) else {
        return Err(SourceError::ConnectorFault { detail: format!("`{stream}` is no stream") });
    };
    let mut query = vec![("limit", MOST), ("sort_by[asc]", "updated_at"), ("updated_at[after]", since)];
    if listing.hides_deleted {
        query.push(("include_deleted", "true"));
    }
    let list = read(http, stream, listing.noun, &query, offset).await?;
    hints.extend(list.elements.iter().filter_map(|element| hint(stream, &element.payload)));
    Ok((list.at, list.next_offset))
}

/// A change by its version, so that it is heeded once however often it is listed.
fn hint(stream: &'static str, payload: &str) -> Option<Hint> {
    let record = json::Object::of(payload).ok()?;
    let id = record.get("id")?.string().ok().filter(|id| !id.is_empty())?;
    let at = mrr_connector_sdk::value::instant(&record.get("updated_at")?).ok()?;
    let version = record.get("resource_version").and_then(|node| node.integer().ok()).unwrap_or(at.timestamp());
    Some(Hint { stream, entry: format!("{stream}/{id}@{version}"), id, at })
}

fn unreadable(stream: &str, payload: &str, place: &str, error: json::Unreadable) -> Problem {
    let id = json::Object::of(payload).and_then(|event| event.need("id")?.string());
    Problem {
        stream: stream.to_owned(),
        record: id.unwrap_or_else(|_| place.to_owned()),
        field: error.path,
        message: format!("{}; what it tells is learnt by the next full sync", error.message),
    }
}

/// What is no longer listed, where it is known for how long events are.
fn gap(place: &Place, now: i64, config: &Config) -> Option<Gap> {
    let oldest = now - i64::from(config.events_kept?) * 86_400;
    let since = place.since.filter(|since| *since < oldest)?;
    let instant = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    Some(Gap { from: instant(since), until: instant(oldest) })
}
