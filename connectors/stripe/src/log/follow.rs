//! The list of events, from where it was left.

use mrr_connector_sdk::{Cursor, Followed, Gap, Http, Page, SourceError, problem};
use serde::{Deserialize, Serialize};

use super::{FEED, event, instant};
use crate::fetch::{MOST, read, record_is_gone};

/// Events from so many seconds before are read once more, as Stripe's servers need not agree on
/// the time and an event may be listed late.
const OVERLAP: i64 = 300;

/// Where the log stands. Its JSON is the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// Up to when the log has been read whole, by Stripe's clock; none when it never was.
    since: Option<i64>,
    /// When the present pass through it began.
    begin: Option<i64>,
    /// The event behind which the pass goes on.
    after: Option<String>,
}

/// Reads a page of events.
///
/// The list is newest first, so one pass goes from its head back to where the last pass began.
/// A pass that breaks off is gone on with.
pub(crate) async fn follow(http: &Http, cursor: Option<&Cursor>) -> Result<Followed, SourceError> {
    let mut place = match cursor {
        None => Place::default(),
        Some(cursor) => cursor.place(FEED.stream)?,
    };
    let since = place.since.map(|since| (since - OVERLAP).to_string());
    let mut query: Vec<(&str, &str)> = vec![("limit", MOST)];
    query.extend(since.as_deref().map(|since| ("created[gte]", since)));
    let list = match read(http, "/v1/events", &query, place.after.as_deref()).await {
        // The event that we were to go on behind has aged out: the pass begins anew.
        Err(error) if place.after.is_some() && record_is_gone(&error) => {
            place = Place { begin: None, after: None, ..place };
            read(http, "/v1/events", &query, None).await?
        }
        other => other?,
    };

    let now = list.at.timestamp();
    let mut page = Page::empty(list.at);
    let mut hints = Vec::new();
    for (index, payload) in list.records().enumerate() {
        match event(payload) {
            Ok(delivery) => {
                page.records.extend(delivery.record);
                hints.extend(delivery.hints);
            }
            Err(error) => {
                let record = crate::fetch::id_or(payload, || format!("element {index} of a page at {now}"));
                let consequence = "what it tells is learnt by the next full sync";
                page.problems.push(problem(FEED.stream, &record, error, consequence));
            }
        }
    }
    // Asked of every page: the oldest are read last, and a pass that broke off may be gone on with
    // when they have aged out.
    let oldest = now - FEED.retention.num_seconds();
    let gap = place.since.filter(|since| *since < oldest);
    let begin = place.begin.unwrap_or(now);
    let next = match list.last {
        Some(last) => Place { begin: Some(begin), after: Some(last), ..place },
        None => Place { since: Some(begin), begin: None, after: None },
    };
    let more = next.after.is_some();
    page.next = vec![Cursor::of(&next)];
    let gap = gap.map(|since| Gap { from: instant(since), until: instant(oldest) });
    Ok(Followed { page, hints, more, gap })
}
