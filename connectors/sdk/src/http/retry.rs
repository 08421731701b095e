//! When to try again.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

use super::{Failure, Limits};

/// Statuses behind which the same request may succeed a little later.
pub(super) fn status_is_retried(status: u16) -> bool {
    // 477 is HubSpot's for an account that is being moved, 521 to 524 are Cloudflare's for a host that is away.
    matches!(status, 408 | 409 | 423 | 425 | 429 | 477 | 500 | 502 | 503 | 504 | 521..=524)
}

/// How long the vendor asks us to wait: seconds or a date, which is taken against the vendor's
/// own clock. Anything else, and a wait in the past, is as if it had not asked.
pub(super) fn retry_after(head: &HeaderMap) -> Option<Duration> {
    let text = head.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let now = head.get("date").and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    date.duration_since(now.unwrap_or_else(SystemTime::now)).ok()
}

/// The wait before the next attempt: what the vendor asks for, else twice as long each time, and
/// always a little more by chance, so that streams that failed together don't return together.
pub(super) fn wait(failure: &Failure, attempt: u32, limits: &Limits) -> Duration {
    let doubled = limits.backoff.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1)));
    let own = doubled.min(limits.backoff_max);
    match failure.retry_after {
        Some(asked) => asked.min(limits.retry_after_max) + share(limits.backoff),
        None => own / 2 + share(own / 2),
    }
}

/// A random part of `whole`, from the seed that the standard library draws for its hash maps.
fn share(whole: Duration) -> Duration {
    let chance = RandomState::new().hash_one(0u8) % 1001;
    whole * u32::try_from(chance).unwrap_or(0) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expect: Option<u64>) {
        let mut head = HeaderMap::new();
        head.insert("retry-after", value.parse().unwrap());
        head.insert("date", "Sat, 21 Nov 2026 10:00:00 GMT".parse().unwrap());
        assert_eq!(retry_after(&head), expect.map(Duration::from_secs), "{value}");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_by_the_vendors_clock() {
        check("0", Some(0));
        check("3600", Some(3600));
        check("Sat, 21 Nov 2026 10:00:30 GMT", Some(30));
        check("Sat, 21 Nov 2026 09:00:00 GMT", None);
        check("-1", None);
        check("soon", None);
    }
}
