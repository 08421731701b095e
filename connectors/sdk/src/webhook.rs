//! Deliveries: what a vendor sends by itself.

use chrono::{DateTime, Utc};

use crate::json::Unreadable;
use crate::{Hint, Record};

/// How a vendor's deliveries are told from forged ones, and what they say.
pub trait Webhook: Send + Sync {
    /// Whether the vendor sent this body. `header` looks a header up by its lower-case name;
    /// `now` is the receiver's clock, only ever compared with the time of signing.
    fn verify(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8], now: DateTime<Utc>) -> Result<(), Rejected>;

    /// What a verified body says.
    fn read(&self, body: &str) -> Result<Delivery, Unreadable>;
}

/// A verified delivery, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The entry's id in the vendor's log: the same however often it is delivered.
    pub id: String,
    /// The entry, if it is worth keeping as a record of the feed's stream.
    pub record: Option<Record>,
    /// The vendor's clock when the entry was made.
    pub at: DateTime<Utc>,
    /// What may have changed.
    pub hints: Vec<Hint>,
}

/// Why a delivery is refused. The sentences are for our own log; the sender learns nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// There is no signature, or none that can be read.
    #[error("the delivery bears no signature that can be read")]
    Unsigned,
    /// No secret of ours made the signature.
    #[error("the signature is of none of our secrets; compare `webhook_secret` with the endpoint's secret")]
    Forged,
    /// The same, of a vendor that signs the address that it calls too.
    #[error(
        "the signature is of none of our secrets, or of another address or body; compare `webhook_secret` and \
         `webhook_url` with what the vendor has, and let no proxy change the body"
    )]
    Mismatched,
    /// It was signed too long ago.
    #[error("the delivery was signed {seconds} s ago, more than is allowed; it is a replay, or a clock is wrong")]
    Stale {
        /// Its age.
        seconds: i64,
    },
    /// It was signed with our secret, but is of another account or mode.
    #[error("the delivery is not for this source: {detail}")]
    Misdirected {
        /// Whose it is.
        detail: String,
    },
}
