//! What a connector is, and everything that connectors share.
//!
//! A connector knows one vendor: which pages to ask for, and what the records mean. It does not
//! sleep, retry, count its budget, log bodies or touch the database; [`Http`] and the engine do
//! that once, for all of them.

#![deny(missing_docs)]

mod connector;
mod cursor;
mod record;

pub use connector::{Connector, Mapper, Stream, StreamKind};
pub use cursor::Cursor;
pub use record::{Page, RawRecord, Record};
