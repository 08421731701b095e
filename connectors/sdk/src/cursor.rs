//! Where a walk through a stream stands.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::SourceError;

/// A place in a stream, as JSON text that only the connector understands. The engine saves it in
/// the same transaction as the records before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

impl Cursor {
    /// The cursor of a place: numbers, strings and flags, which always have a JSON text.
    pub fn of(place: &impl Serialize) -> Self {
        Self(serde_json::to_string(place).unwrap_or_default())
    }

    /// The place in `stream`. One that a newer or older connector wrote is a
    /// [bad cursor](SourceError::BadCursor), so that the stream is walked anew.
    pub fn place<T: DeserializeOwned>(&self, stream: &str) -> Result<T, SourceError> {
        serde_json::from_str(&self.0)
            .map_err(|error| SourceError::BadCursor { stream: stream.to_owned(), detail: error.to_string() })
    }
}
