//! From where the last pass ended to the present, kind after kind.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::{Cursor, Followed, Hint, Http, Page, SourceError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::FEED;
use super::search::{self, Changed, Stand};
use crate::config::Config;
use crate::fetch::{ACCOUNT_INFO, deals};
use crate::streams;

/// What is searched, and whose records are read again for it.
const SEARCHED: [(&str, &str); 4] = [
    ("companies", "companies"),
    ("deals", "deals"),
    // A line is a part of its deal.
    ("line_items", "deals"),
    ("feedback_submissions", "feedback_submissions"),
];

/// So many hints are handed out at a time.
const ENOUGH: usize = 200;

/// Stamps from before this are refused: HubSpot fails at the epoch.
const EARLIEST: i64 = 1_000;

/// Where the passes stand. Its JSON is the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// Up to which stamp everything was found, in milliseconds.
    since: i64,
    /// The pass that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pass: Option<Pass>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pass {
    /// HubSpot's time as it began.
    until: i64,
    /// The kind that is searched.
    kind: usize,
    stand: Stand,
}

/// Finds what was changed since the last pass.
///
/// A pass begins some time before the last one ended, because the index learns of changes late; what
/// is found again is heeded once. Of the newest stamps the index need not be in order, so that the
/// next pass begins before them too.
pub(crate) async fn follow(http: &Http, config: &Config, cursor: Option<&Cursor>) -> Result<Followed, SourceError> {
    let place: Option<Place> = cursor.map(|cursor| cursor.place(FEED.stream)).transpose()?;
    let Some(place) = place else {
        // Whoever has no place lists everything, and follows from here on.
        let at = http.get(ACCOUNT_INFO, &[]).await?.at;
        let here = Place { since: at.timestamp_millis(), pass: None };
        return Ok(followed(at, &here, Vec::new()));
    };
    let begin = |until| Pass { until, kind: 0, stand: beginning(&place, config) };
    let (at, mut pass) = match place.pass.clone() {
        Some(pass) => (DateTime::from_timestamp_millis(pass.until).unwrap_or_default(), pass),
        None => {
            let at = http.get(ACCOUNT_INFO, &[]).await?.at;
            (at, begin(at.timestamp_millis()))
        }
    };
    let calm = pass.until - config.lag;
    let mut hints = Vec::new();
    while let Some((kind, stream)) = SEARCHED.get(pass.kind) {
        let found = match search::next(http, config, kind, &pass.stand, (calm, pass.until)).await {
            // What is not listed, for want of a scope or a plan, is not searched either.
            Err(SourceError::Forbidden { .. } | SourceError::NotFound { .. })
                if streams::lost_without(stream).is_some() =>
            {
                (Vec::new(), None)
            }
            found => found?,
        };
        let (rows, next) = found;
        hints.extend(named(http, config, kind, stream, &rows).await?);
        match next {
            Some(stand) => pass.stand = stand,
            None => pass = Pass { kind: pass.kind + 1, stand: beginning(&place, config), ..pass },
        }
        if hints.len() >= ENOUGH && pass.kind < SEARCHED.len() {
            let place = Place { pass: Some(pass), ..place };
            return Ok(Followed { more: true, ..followed(at, &place, hints) });
        }
    }
    let place = Place { since: calm.max(place.since), pass: None };
    Ok(followed(at, &place, hints))
}

fn beginning(place: &Place, config: &Config) -> Stand {
    Stand { from: (place.since - config.overlap).max(EARLIEST), behind: None }
}

fn followed(at: DateTime<Utc>, place: &Place, hints: Vec<Hint>) -> Followed {
    let page = Page { next: vec![Cursor::of(place)], ..Page::empty(at) };
    Followed { page, hints, more: false, gap: None }
}

/// The records that are to be read again. A change of a stamp is an entry.
async fn named(
    http: &Http,
    config: &Config,
    kind: &str,
    stream: &'static str,
    rows: &[Changed],
) -> Result<Vec<Hint>, SourceError> {
    let hint = |row: &Changed, id: &str| {
        let entry = format!("{kind}/{}@{}", row.id, row.at.timestamp_millis());
        Hint { stream, id: id.to_owned(), entry, at: row.at }
    };
    if kind == stream {
        return Ok(rows.iter().map(|row| hint(row, &row.id)).collect());
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let inputs: Vec<_> = rows.iter().map(|row| json!({"id": row.id})).collect();
    let parents = deals::targets(http, config, (kind, stream), &inputs.into()).await?;
    let of = |row: &Changed| parents.get(&row.id).map(|(ids, _)| ids.clone()).unwrap_or_default();
    Ok(rows.iter().flat_map(|row| of(row).into_iter().map(|id| hint(row, &id)).collect::<Vec<_>>()).collect())
}
