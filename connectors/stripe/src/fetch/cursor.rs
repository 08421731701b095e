//! Where a walk through a stream stands.

use mrr_connector_sdk::{Cursor, SourceError};
use serde::{Deserialize, Serialize};

/// More than this many vanished cursor records in one branch is no coincidence.
const MOST_RESTARTS: u32 = 100;

/// A branch that reaches back to the beginning is divided so that the newer part has about this
/// many pages.
const PAGES: i64 = 20;

/// No part is shorter than this, however many records one second has.
const SHORTEST: i64 = 3_600;

/// A place in a stream: the records created in `[since, before)`, behind one of them. Its JSON is
/// the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<i64>,
    /// The record behind which the page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<String>,
    /// How often the branch began anew. It is in the cursor so that none comes twice.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) restarts: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Place {
    pub(super) fn of(stream: &str, cursor: Option<&Cursor>) -> Result<Self, SourceError> {
        let Some(cursor) = cursor else { return Ok(Self::default()) };
        let place: Self = cursor.place(stream)?;
        if place == Self::default() {
            let detail = "it is the beginning".to_owned();
            return Err(SourceError::BadCursor { stream: stream.to_owned(), detail });
        }
        Ok(place)
    }

    /// The beginning of the same branch.
    pub(super) fn restarted(&self, stream: &str) -> Result<Self, SourceError> {
        if self.restarts >= MOST_RESTARTS {
            return Err(SourceError::BadCursor {
                stream: stream.to_owned(),
                detail: format!("the record that it stood at was deleted {MOST_RESTARTS} times"),
            });
        }
        Ok(Self { after: None, restarts: self.restarts + 1, ..self.clone() })
    }

    /// Where to go on behind a page that ends with the record `last`, whose first and last
    /// records were made in `span`.
    ///
    /// One pager is as slow as its round trips. So a branch that has no beginning is divided by
    /// the density that the page shows: its newer part, and what is older. The older part divides
    /// itself in turn, and the parts are read side by side.
    pub(super) fn behind(self, last: String, span: Option<(i64, i64)>) -> Vec<Self> {
        let border = match (self.since, span) {
            (None, Some((newest, oldest))) => {
                let length = newest.saturating_sub(oldest).saturating_mul(PAGES).max(SHORTEST);
                Some(oldest.saturating_sub(length)).filter(|border| *border > 0)
            }
            _ => None,
        };
        match border {
            None => vec![Self { after: Some(last), ..self }],
            Some(border) => vec![
                Self { since: Some(border), after: Some(last), ..self },
                Self { before: Some(border), ..Self::default() },
            ],
        }
    }
}
