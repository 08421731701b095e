//! Times over which something holds.

use chrono::{DateTime, Utc};

/// A time, half open; `None` while no end is known.
pub(super) type Span = (DateTime<Utc>, Option<DateTime<Utc>>);

/// The earlier of two ends, of which `None` is the latest.
pub(super) fn earlier(a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

/// Whether it has any instant.
pub(super) fn is_some_time((from, until): &Span) -> bool {
    until.is_none_or(|until| *from < until)
}

/// What is left of some time without a part of it.
pub(super) fn without(spans: Vec<Span>, (begin, end): Span) -> Vec<Span> {
    if !is_some_time(&(begin, end)) {
        return spans;
    }
    let left = |(from, until): Span| {
        let rest = end.map(|end| (from.max(end), until));
        [Some((from, earlier(until, Some(begin)))), rest].into_iter().flatten().filter(is_some_time)
    };
    spans.into_iter().flat_map(left).collect()
}
