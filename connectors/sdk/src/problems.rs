//! What could not be read of one record.

use revenue::fact::Problem;

use crate::json::Unreadable;

/// What could not be read of a record, and what that means.
pub fn problem(stream: &str, record: &str, error: Unreadable, consequence: &str) -> Problem {
    Problem {
        stream: stream.to_owned(),
        record: record.to_owned(),
        field: error.path,
        message: format!("{}; {consequence}", error.message),
    }
}

/// Collects the problems of one record while it is read, so that what stands beside is still used.
pub struct Problems<'a> {
    stream: &'a str,
    record: &'a str,
    found: &'a mut Vec<Problem>,
}

impl<'a> Problems<'a> {
    /// Of a record, added to those that were found before.
    pub fn of(stream: &'a str, record: &'a str, found: &'a mut Vec<Problem>) -> Self {
        Self { stream, record, found }
    }

    /// The value, or a problem that says what it means for the numbers.
    pub fn keep<T>(&mut self, read: Result<T, Unreadable>, consequence: &str) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                self.found.push(problem(self.stream, self.record, error, consequence));
                None
            }
        }
    }

    /// Adds a problem with a field, given by its path.
    pub fn say(&mut self, field: &str, message: String) {
        self.found.push(Problem {
            stream: self.stream.to_owned(),
            record: self.record.to_owned(),
            field: field.to_owned(),
            message,
        });
    }
}
