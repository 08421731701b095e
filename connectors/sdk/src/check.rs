//! What a vendor says about our key, before anything is read.

/// The answer to "who are we there, what may we read, and how much is it".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Check {
    /// The vendor's id of the account that the key belongs to.
    pub account: Option<String>,
    /// What that account is called there.
    pub name: Option<String>,
    /// `live` or `test`.
    pub mode: Option<String>,
    /// The kind of key: `restricted key`. Never the key.
    pub key: Option<String>,
    /// Each stream, in the connector's order.
    pub streams: Vec<StreamCheck>,
    /// What else was found.
    pub findings: Vec<Finding>,
    /// What an operator should know besides, a sentence each.
    pub notes: Vec<String>,
}

/// Whether one stream can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamCheck {
    /// The stream's name.
    pub stream: String,
    /// What is known of it; `Err` with the reason and the remedy when it can't be read.
    pub readable: Result<String, String>,
}

/// Something about the source that is worth knowing and fails nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about: `events`.
    pub what: &'static str,
    /// What was found, in one line.
    pub found: String,
}
