//! How long, how often and how much.

use std::time::Duration;

/// The limits of one client. The defaults are for a vendor on the internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// To connect, TLS included.
    pub connect: Duration,
    /// Until the answer's headers are there.
    pub headers: Duration,
    /// Between two pieces of a body: a body that trickles is alive, one that stalls is not.
    pub progress: Duration,
    /// For one attempt from beginning to end.
    pub total: Duration,
    /// Bytes of one body after decompression.
    pub body_bytes: u64,
    /// Attempts of one request.
    pub attempts: u32,
    /// For all attempts of one request, waits included.
    pub retry_for: Duration,
    /// The first wait; each further one is twice as long.
    pub backoff: Duration,
    /// The longest wait of our own choosing.
    pub backoff_max: Duration,
    /// The longest wait that a vendor may ask for.
    pub retry_after_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            headers: Duration::from_secs(60),
            progress: Duration::from_secs(30),
            total: Duration::from_secs(180),
            body_bytes: 256 * 1024 * 1024,
            attempts: 8,
            retry_for: Duration::from_secs(600),
            backoff: Duration::from_millis(500),
            backoff_max: Duration::from_secs(30),
            retry_after_max: Duration::from_secs(120),
        }
    }
}
