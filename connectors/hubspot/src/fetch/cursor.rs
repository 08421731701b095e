//! Where a walk through a stream stands.

use mrr_connector_sdk::{Cursor, SourceError};
use serde::{Deserialize, Serialize};

/// A place in one of a stream's two lists. Its JSON is the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// Whether it is the list of what was put away: HubSpot never mixes the two.
    #[serde(default)]
    pub(super) archived: bool,
    /// HubSpot's own place, which is opaque.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<String>,
}

impl Place {
    pub(super) fn of(stream: &str, cursor: Option<&Cursor>) -> Result<Self, SourceError> {
        let Some(cursor) = cursor else { return Ok(Self::default()) };
        cursor.place(stream)
    }

    /// What to call an element of the page at this place.
    pub(super) fn name(&self, index: usize) -> String {
        format!("element {index} of the page at {}", self.after.as_deref().unwrap_or("the beginning"))
    }
}
