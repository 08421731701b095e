//! What changed since, by searches: HubSpot has no log that everybody may read.
//!
//! A search is an index that lags behind, reaches only so far, and knows nothing of what was put
//! away. So what it finds is a hint, and the record is read again; and the full list, once a night,
//! is the truth.

mod delivery;
mod follow;
mod search;

use chrono::TimeDelta;
use mrr_connector_sdk::Feed;

pub(crate) use delivery::batch;
pub(crate) use follow::follow;

/// Without a place to go on from, nothing of the past is found: then everything is listed.
pub(crate) const FEED: Feed = Feed { stream: "changes", retention: TimeDelta::zero() };
