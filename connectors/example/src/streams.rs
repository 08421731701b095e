//! What the vendor lists.

use mrr_connector_sdk::{Stream, StreamKind};

/// The streams, references first.
pub(crate) const ALL: &[Stream] = &[Stream { name: "customers", kind: StreamKind::Account }];
