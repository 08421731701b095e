//! What a vendor says about our key, before anything is read.

/// The answer to "who are we there, and what may we read".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Check {
    /// The vendor's id of the account that the key belongs to.
    pub account: Option<String>,
    /// `live` or `test`.
    pub mode: Option<String>,
    /// Each stream, in the connector's order.
    pub streams: Vec<StreamCheck>,
    /// What an operator should know besides, a sentence each.
    pub notes: Vec<String>,
}

/// Whether one stream can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamCheck {
    /// The stream's name.
    pub stream: String,
    /// `Err` with the reason and the remedy when it can't.
    pub readable: Result<(), String>,
}
