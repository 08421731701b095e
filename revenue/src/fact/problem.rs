//! What could not be read.

use std::fmt;

/// A record, or a part of one, that could not be turned into facts. It is kept and listed; the
/// records around it go on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Problem {
    /// The stream of the record: `invoices`.
    pub stream: String,
    /// The record's id in the source.
    pub record: String,
    /// The field at fault, as a path: `lines.data[3].period.start`. Empty for the whole record.
    pub field: String,
    /// What is wrong and what it means for the numbers, in one sentence.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.stream, self.record)?;
        if !self.field.is_empty() {
            write!(out, " {}", self.field)?;
        }
        write!(out, ": {}", self.message)
    }
}
