//! How far back the log of events reaches.

use chrono::DateTime;
use mrr_connector_sdk::{Http, SourceError, json};

use crate::fetch::read;
use crate::log::FEED;

/// Requests at most, after the first.
const STEPS: usize = 6;

/// What the list of events showed.
pub(super) struct Events {
    /// In one line.
    pub(super) found: String,
    /// The version in which the newest was rendered: the account's own.
    pub(super) version: Option<String>,
}

/// Finds the oldest event. The list is newest first and has no other order, so the times between
/// now and Stripe's limit are halved until nothing is behind the event that was found.
pub(super) async fn events(http: &Http) -> Result<Events, SourceError> {
    let first = read(http, "/v1/events", &[("limit", "1")], None).await?;
    let Some(newest) = first.records().next().map(Event::of) else {
        return Ok(Events { found: "none, so changes are only found by comparing whole lists".into(), version: None });
    };
    let now = first.at.timestamp();
    // Half a day more than Stripe promises: nothing is expected before it.
    let mut empty = now - FEED.retention.num_seconds() - 43_200;
    let (mut oldest, mut whole) = (newest.created.unwrap_or(now), first.last.is_none());
    for step in 0..STEPS {
        if whole || oldest - empty < 3_600 {
            break;
        }
        // The limit itself is where the oldest event of a business in use is found.
        let time = if step == 0 { empty + 86_400 } else { empty + (oldest - empty) / 2 };
        let text = time.to_string();
        let list = read(http, "/v1/events", &[("limit", "1"), ("created[lte]", &text)], None).await?;
        match list.records().next().and_then(|record| Event::of(record).created) {
            Some(created) => (oldest, whole) = (created, list.last.is_none()),
            None => empty = time,
        }
    }
    let day = DateTime::from_timestamp(oldest, 0).map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string());
    let day = day.unwrap_or_else(|| "an unreadable time".into());
    let days = (now - oldest).max(0) / 86_400;
    let found = if whole {
        format!("the oldest is of {day}, {days} days ago")
    } else {
        format!("reach back to {day} at least, {days} days ago")
    };
    Ok(Events { found, version: newest.version })
}

struct Event {
    created: Option<i64>,
    version: Option<String>,
}

impl Event {
    fn of(text: &str) -> Self {
        let record = json::Object::of(text).ok();
        let get = |name: &str| record.as_ref()?.get(name);
        Self {
            created: get("created").and_then(|node| node.integer().ok()),
            version: get("api_version").and_then(|node| node.string().ok()),
        }
    }
}
