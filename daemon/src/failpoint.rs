//! Places at which tests end the process or make it wait, as a crash or a slow machine would.
//!
//! They do nothing without the feature `failpoints`, which no release has; only with it are the
//! variables read. A library for this (`fail`) panics or blocks a thread, and what has to be tried is
//! an end without any destructor, and a wait of one task.
//!
//! `MRRD_FAILPOINT=copy_half@2=abort` ends the process at the second time that `copy_half` is passed;
//! `=panic` panics there instead, and `=wait:5000` waits for so many milliseconds; the first time when
//! none is named.
//! `MRRD_HASTE=20` makes waits, for a vendor or for the database, take a twentieth of their time.

use std::time::Duration;

use mrr_connector_sdk::Limits;

/// Passes a place.
#[cfg(feature = "failpoints")]
pub async fn pass(place: &str) {
    if let Some(deed) = armed::deed(place) {
        match deed {
            armed::Deed::Abort => std::process::abort(),
            // In the words of a panic is whatever was at hand.
            armed::Deed::Panic => panic!("canary-pii@sound.example"),
            armed::Deed::Wait(time) => tokio::time::sleep(time).await,
        }
    }
}

/// Passes a place, at which nothing happens.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub async fn pass(_place: &str) {}

#[cfg(feature = "failpoints")]
fn haste() -> u32 {
    std::env::var("MRRD_HASTE").ok().and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
}

/// A wait, shortened when tests are in a hurry.
#[cfg(feature = "failpoints")]
pub fn hasty(wait: Duration) -> Duration {
    wait / haste()
}

/// A wait.
#[cfg(not(feature = "failpoints"))]
pub fn hasty(wait: Duration) -> Duration {
    wait
}

/// The limits of clients.
#[cfg(feature = "failpoints")]
pub fn limits() -> Limits {
    let haste = haste();
    let Limits { connect, headers, progress, total, retry_for, backoff, backoff_max, retry_after_max, .. } =
        Limits::default();
    Limits {
        connect: connect / haste,
        headers: headers / haste,
        progress: progress / haste,
        total: total / haste,
        retry_for: retry_for / haste,
        backoff: backoff / haste,
        backoff_max: backoff_max / haste,
        retry_after_max: retry_after_max / haste,
        ..Limits::default()
    }
}

/// The limits of clients.
#[cfg(not(feature = "failpoints"))]
pub fn limits() -> Limits {
    Limits::default()
}

#[cfg(feature = "failpoints")]
mod armed {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    /// What happens at a place.
    pub enum Deed {
        Abort,
        Panic,
        Wait(Duration),
    }

    static PASSED: AtomicU32 = AtomicU32::new(0);

    /// What is to happen at this place now, if anything.
    pub fn deed(place: &str) -> Option<Deed> {
        let text = std::env::var("MRRD_FAILPOINT").ok()?;
        let (name, deed) = text.split_once('=')?;
        let (name, wanted) = name.split_once('@').unwrap_or((name, "1"));
        let wanted: u32 = wanted.parse().ok()?;
        if name != place || PASSED.fetch_add(1, Ordering::Relaxed) + 1 != wanted {
            return None;
        }
        tracing::warn!(place, deed, "failpoint");
        match deed.split_once(':') {
            None if deed == "abort" => Some(Deed::Abort),
            None if deed == "panic" => Some(Deed::Panic),
            Some(("wait", time)) => Some(Deed::Wait(Duration::from_millis(time.parse().ok()?))),
            _ => None,
        }
    }
}
