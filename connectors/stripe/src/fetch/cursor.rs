//! Where a walk through a stream stands.

use mrr_connector_sdk::{Cursor, SourceError};
use serde::{Deserialize, Serialize};

/// More than this many vanished cursor records in one walk is no coincidence.
const MOST_RESTARTS: u32 = 100;

/// A place in a stream. Its JSON is the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    pub(super) phase: Phase,
    /// When the walk began, by the vendor's clock, less the overlap.
    pub(super) begin: Option<i64>,
    /// The record behind which the page begins.
    pub(super) after: Option<String>,
    /// How often the walk began anew. It is in the cursor so that none comes twice.
    #[serde(default)]
    pub(super) restarts: u32,
}

/// What a walk is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Phase {
    /// Everything, from the newest to the oldest.
    Walk,
    /// What was created since the walk began.
    Head,
}

impl Place {
    pub(super) fn of(stream: &str, cursor: Option<&Cursor>) -> Result<Self, SourceError> {
        let Some(cursor) = cursor else {
            return Ok(Self { phase: Phase::Walk, begin: None, after: None, restarts: 0 });
        };
        let bad = |detail: String| SourceError::BadCursor { stream: stream.to_owned(), detail };
        let place: Self = serde_json::from_str(&cursor.0).map_err(|error| bad(error.to_string()))?;
        if place.begin.is_none() {
            return Err(bad("it does not say when its walk began".into()));
        }
        Ok(place)
    }

    pub(super) fn cursor(&self) -> Cursor {
        // A struct of numbers and strings always has a JSON text.
        Cursor(serde_json::to_string(self).unwrap_or_default())
    }

    /// From when on records count as created during the walk.
    pub(super) fn since(&self) -> i64 {
        self.begin.unwrap_or_default()
    }

    /// The beginning of the same phase.
    pub(super) fn restarted(&self, stream: &str) -> Result<Self, SourceError> {
        if self.restarts >= MOST_RESTARTS {
            return Err(SourceError::BadCursor {
                stream: stream.to_owned(),
                detail: format!("the record that it stood at was deleted {MOST_RESTARTS} times"),
            });
        }
        Ok(Self { after: None, restarts: self.restarts + 1, ..self.clone() })
    }
}
