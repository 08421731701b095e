//! What can be pushed: one stream for each type of item.

use mrr_connector_sdk::{Stream, StreamKind};

pub(crate) const ACCOUNTS: Stream = Stream { name: "accounts", kind: StreamKind::Account };
pub(crate) const SUBSCRIPTIONS: Stream = Stream { name: "subscriptions", kind: StreamKind::Account };
pub(crate) const USERS: Stream = Stream { name: "users", kind: StreamKind::Kept };
pub(crate) const METRICS: Stream = Stream { name: "metrics", kind: StreamKind::Kept };
pub(crate) const EVENTS: Stream = Stream { name: "events", kind: StreamKind::Kept };

/// Numbers follow from the first two; the others are kept.
pub(crate) const ALL: &[Stream] = &[ACCOUNTS, SUBSCRIPTIONS, USERS, METRICS, EVENTS];
