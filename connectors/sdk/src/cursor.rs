//! Where a walk through a stream stands.

/// A place in a stream, as JSON text that only the connector understands. The engine saves it in
/// the same transaction as the records before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);
