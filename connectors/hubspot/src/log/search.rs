//! One search: the next records of one kind, in the order in which they were changed.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::{Http, SourceError, json};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::config::Config;
use crate::fetch::take_apart;
use crate::model::instant;

/// The largest page of a search.
const MOST: usize = 200;

/// Where the walk through one kind's changes stands. It goes by the stamp and, where a page of
/// records has one stamp, by the id, and never by how many were read: a record that is changed
/// meanwhile moves to the end, and those behind it would move up. So neither is anything passed
/// over, nor is the 10,000th place ever reached, at which HubSpot refuses to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stand {
    /// The first stamp that may be unread, in milliseconds.
    pub(super) from: i64,
    /// The id behind which records of just that stamp go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) behind: Option<u64>,
}

/// A record that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) id: String,
    pub(super) at: DateTime<Utc>,
}

/// The next records of `kind` changed in `[stand.from, until]`, and where to go on; nowhere at the
/// end. Up to `calm` the index must be in order.
pub(super) async fn next(
    http: &Http,
    config: &Config,
    kind: &str,
    stand: &Stand,
    (calm, until): (i64, i64),
) -> Result<(Vec<Changed>, Option<Stand>), SourceError> {
    let path = format!("{}/{kind}/search", config.objects_path);
    let answer = http.post(&path, &[], &question(stand, until)).await?;
    let list = take_apart(http, &path, answer)?;
    let rows: Result<Vec<Changed>, json::Unreadable> = list.records.iter().map(|row| changed(row)).collect();
    let invalid = |detail: String| SourceError::InvalidBody { at: http.at(&path), detail };
    let mut rows = rows.map_err(|error| invalid(format!("in the search {error}")))?;
    let more = list.after.is_some();
    if let Some(behind) = stand.behind {
        let last = rows.iter().filter_map(|row| row.id.parse().ok()).max();
        let next = match last {
            Some(last) if more && last > behind => Stand { from: stand.from, behind: Some(last) },
            Some(_) | None if more => return Err(invalid("a page behind an id ends before it".into())),
            _ => Stand { from: stand.from + 1, behind: None },
        };
        return Ok((rows, Some(next)));
    }
    // Changed while it was searched for, a record may show its new stamp in its old place: it is
    // found again there the next time.
    rows.retain(|row| (stand.from..=until).contains(&row.at.timestamp_millis()));
    let mut top = stand.from;
    for row in &rows {
        let stamp = row.at.timestamp_millis();
        if stamp < top && top <= calm {
            return Err(invalid("the search is not in the order that was asked for; it is made again later".into()));
        }
        top = top.max(stamp);
    }
    if !more {
        return Ok((rows, None));
    }
    if top > stand.from {
        // Of its last stamp there may be more records than were on the page.
        return Ok((rows, Some(Stand { from: top, behind: None })));
    }
    if rows.is_empty() {
        return Err(invalid("all of a page was changed while it was searched for; it is made again later".into()));
    }
    // A whole page of one stamp: those records are read by their ids.
    Ok((Vec::new(), Some(Stand { from: stand.from, behind: Some(0) })))
}

fn question(stand: &Stand, until: i64) -> String {
    let (filters, sort) = match stand.behind {
        None => (
            json!([{
                "propertyName": "hs_lastmodifieddate", "operator": "BETWEEN",
                "value": stand.from.to_string(), "highValue": until.to_string(),
            }]),
            "hs_lastmodifieddate",
        ),
        Some(id) => (
            json!([
                {"propertyName": "hs_lastmodifieddate", "operator": "EQ", "value": stand.from.to_string()},
                {"propertyName": "hs_object_id", "operator": "GT", "value": id.to_string()},
            ]),
            "hs_object_id",
        ),
    };
    json!({
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": sort, "direction": "ASCENDING"}],
        "properties": ["hs_lastmodifieddate"],
        "limit": MOST,
    })
    .to_string()
}

fn changed(row: &str) -> Result<Changed, json::Unreadable> {
    let row = json::Object::of(row)?;
    let properties = row.get("properties").and_then(|properties| properties.object().ok());
    let stamp = match properties.and_then(|properties| properties.get("hs_lastmodifieddate")) {
        Some(stamp) => stamp,
        None => row.need("updatedAt")?,
    };
    Ok(Changed { id: row.need("id")?.string()?, at: instant(&stamp)? })
}
