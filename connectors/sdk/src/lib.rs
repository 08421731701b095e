//! What a connector is, and everything that connectors share.
//!
//! A connector knows one vendor: which pages to ask for, and what the records mean. It does not
//! sleep, retry, count its budget, log bodies or touch the database; [`Http`] and the engine do
//! that once, for all of them.

#![deny(missing_docs)]

mod api;
mod check;
pub mod compliance;
mod connector;
mod cursor;
pub mod customer;
mod error;
mod exponents;
mod feed;
mod http;
pub mod json;
mod problems;
mod push;
mod record;
mod secret;
mod settings;
pub mod value;
mod webhook;

pub use api::{Api, Auth, Budget, PathBudget, Quota, Renewal, RetryHint, Told, VendorError};
pub use check::{Check, Finding, StreamCheck};
pub use connector::{Connector, Mapper, Stream, StreamKind};
pub use cursor::Cursor;
pub use error::SourceError;
pub use exponents::{Exponents, major};
pub use feed::{Feed, Followed, Gap, Hint, Retrieved};
pub use http::{Answer, Http, Limits, path_segment};
pub use problems::{Problems, problem};
pub use push::{NoItems, Push, Pushed, Refused};
pub use record::{Page, RawRecord, Record, Version};
pub use secret::{Secret, read_secret_file, secret_from, secrets_from};
pub use settings::{SettingsError, at_least_one, settings};
pub use webhook::{Delivery, Rejected, Webhook};
