//! HubSpot's objects, as far as anybody asks, read property by property: what can't be read is named
//! with its path, and what stands beside it is still used.

mod associations;
mod line;
mod term;
mod track;
mod value;

pub(crate) use associations::Associations;
pub(crate) use line::{Line, Terms, Window};
pub(crate) use track::{Seen, Track};
pub(crate) use value::{instant, moment, property};

use mrr_connector_sdk::json::Unreadable;
use revenue::fact::Problem;

/// The problems of one record.
pub(crate) struct Problems<'a> {
    stream: &'a str,
    record: &'a str,
    found: &'a mut Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub(crate) fn of(stream: &'a str, record: &'a str, found: &'a mut Vec<Problem>) -> Self {
        Self { stream, record, found }
    }

    /// The value, or a problem that says what it means for the numbers.
    pub(crate) fn keep<T>(&mut self, read: Result<T, Unreadable>, consequence: &str) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                self.say(&error.path, format!("{}; {consequence}", error.message));
                None
            }
        }
    }

    pub(crate) fn say(&mut self, field: &str, message: String) {
        self.found.push(Problem {
            stream: self.stream.to_owned(),
            record: self.record.to_owned(),
            field: field.to_owned(),
            message,
        });
    }
}
