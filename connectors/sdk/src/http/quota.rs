//! What a vendor says is left of its limits, and how fast we go on then.
//!
//! Pure: headers in, a pace out. [`Gate`](super::budget::Gate) keeps what was read and waits.

use std::time::Duration;

use reqwest::header::HeaderMap;

use super::header;
use crate::{Quota, Renewal, Told};

/// What a request is for. Neither kind keeps the other waiting for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Pages of a walk through everything: it may take hours, and can.
    Walk,
    /// What is known to have changed: somebody waits for it.
    Change,
}

/// What an answer said of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    /// Requests that may still be made.
    pub(super) left: u64,
    /// Requests of a whole quota.
    pub(super) most: u64,
    /// How long it takes until all of it is there again; `None` when that is not worth waiting for.
    pub(super) window: Option<Duration>,
}

/// How fast a lane may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// As fast as the budget allows.
    Free,
    /// With at least this much time between two beginnings.
    Every(Duration),
    /// Not at all.
    Over,
}

/// Below this part of a quota we slow down.
const PLENTY: u64 = 4;

/// Reads a quota from an answer's headers; `None` when they don't tell it in full.
pub(super) fn read(quota: &Quota, head: &HeaderMap) -> Option<Reading> {
    let number = |name: &str| header(head, name)?.trim().parse::<u64>().ok();
    let (left, most) = match quota.told {
        Told::Left { left, most } => (number(left)?, number(most)?),
        Told::Used { header: name, entry } => {
            let text = header(head, name)?;
            let used = text.split([',', ';']).find_map(|part| {
                let (known, used) = part.trim().split_once('=')?;
                let (used, most) = used.split_once('/')?;
                // More may follow the number in brackets.
                let digits = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok();
                (known == entry).then_some((digits(used)?, digits(most)?))
            })?;
            (used.1.saturating_sub(used.0), used.1)
        }
    };
    let window = match quota.renewal {
        Renewal::Within { millis, otherwise } => {
            Some(millis.and_then(number).map_or(otherwise, Duration::from_millis).min(LONGEST_WINDOW))
        }
        Renewal::Daily => None,
    };
    (most > 0).then_some(Reading { left: left.min(most), most, window })
}

/// A header that says something else than it should must not make us wait for ever.
const LONGEST_WINDOW: Duration = Duration::from_secs(600);

/// How fast a lane may go on, with so many requests under way that the reading may not know of.
pub(super) fn pace(quota: &Quota, reading: Reading, under_way: u64, lane: Lane) -> Pace {
    let spare = match lane {
        Lane::Walk => reading.left.saturating_sub(kept(quota, reading.most)),
        Lane::Change => reading.left,
    };
    let Some(window) = reading.window else {
        return if spare == 0 { Pace::Over } else { Pace::Free };
    };
    let spare = spare.saturating_sub(under_way);
    if spare.saturating_mul(PLENTY) >= reading.most {
        return Pace::Free;
    }
    // No more than what is spare begins within a window, so that the vendor has no reason to refuse.
    Pace::Every(window / u32::try_from(spare.max(1)).unwrap_or(u32::MAX))
}

/// How much of a whole quota a walk leaves for what changes.
pub(super) fn kept(quota: &Quota, most: u64) -> u64 {
    most.saturating_mul(u64::from(quota.kept_percent.min(100))).div_ceil(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As HubSpot tells it.
    const BURST: Quota = Quota {
        name: "limit of ten seconds",
        told: Told::Left { left: "x-hubspot-ratelimit-remaining", most: "x-hubspot-ratelimit-max" },
        renewal: Renewal::Within {
            millis: Some("x-hubspot-ratelimit-interval-milliseconds"),
            otherwise: Duration::from_secs(10),
        },
        code: None,
        kept_percent: 10,
    };

    /// As Salesforce tells it.
    const DAY: Quota = Quota {
        name: "daily limit",
        told: Told::Used { header: "sforce-limit-info", entry: "api-usage" },
        renewal: Renewal::Daily,
        code: None,
        kept_percent: 20,
    };

    fn head(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_quota_is_read_from_the_headers_of_an_answer() {
        let told = head(&[
            ("X-HubSpot-RateLimit-Remaining", "150"),
            ("X-HubSpot-RateLimit-Max", "190"),
            ("X-HubSpot-RateLimit-Interval-Milliseconds", "5000"),
        ]);
        let window = Some(Duration::from_secs(5));
        assert_eq!(read(&BURST, &told), Some(Reading { left: 150, most: 190, window }));
        let silent = head(&[("x-hubspot-ratelimit-remaining", "7"), ("x-hubspot-ratelimit-max", "190")]);
        assert_eq!(read(&BURST, &silent).unwrap().window, Some(Duration::from_secs(10)));
        assert_eq!(read(&BURST, &head(&[("x-hubspot-ratelimit-remaining", "7")])), None);
        assert_eq!(read(&BURST, &head(&[])), None);

        for (text, expect) in [
            ("api-usage=25/5000", Some((4_975, 5_000))),
            ("api-usage=25/5000; per-app-api-usage=17/250(appName=x)", Some((4_975, 5_000))),
            ("per-app-api-usage=17/250(appName=x), api-usage=5100/5000", Some((0, 5_000))),
            ("api-usage=1/0", None),
            ("api-usage=many/5000", None),
            ("", None),
        ] {
            let mut told = HeaderMap::new();
            told.insert("sforce-limit-info", text.parse().unwrap());
            assert_eq!(read(&DAY, &told).map(|reading| (reading.left, reading.most)), expect, "{text}");
        }
    }

    fn check(quota: &Quota, left: u64, under_way: u64, expect: [Pace; 2]) {
        let window = (*quota == BURST).then_some(Duration::from_secs(10));
        let reading = Reading { left, most: 100, window };
        let found = [Lane::Walk, Lane::Change].map(|lane| pace(quota, reading, under_way, lane));
        assert_eq!(found, expect, "{left} left, {under_way} under way");
    }

    #[test]
    fn a_walk_slows_down_before_it_is_refused_and_leaves_something_for_what_changes() {
        let every = |millis| Pace::Every(Duration::from_millis(millis));
        check(&BURST, 100, 4, [Pace::Free, Pace::Free]);
        check(&BURST, 39, 4, [Pace::Free, Pace::Free]);
        // 30 - 10 kept are 20 in 10 seconds.
        check(&BURST, 30, 0, [every(500), Pace::Free]);
        check(&BURST, 30, 10, [every(1_000), every(500)]);
        check(&BURST, 10, 0, [every(10_000), every(1_000)]);
        check(&BURST, 0, 0, [every(10_000), every(10_000)]);
    }

    #[test]
    fn nobody_waits_for_tomorrow() {
        check(&DAY, 21, 4, [Pace::Free, Pace::Free]);
        check(&DAY, 20, 0, [Pace::Over, Pace::Free]);
        check(&DAY, 1, 4, [Pace::Over, Pace::Free]);
        check(&DAY, 0, 0, [Pace::Over, Pace::Over]);
    }

    #[test]
    fn within_a_window_no_more_begin_than_are_left() {
        for left in 1..=100 {
            for under_way in 0..5 {
                let reading = Reading { left, most: 100, window: Some(Duration::from_secs(10)) };
                if let Pace::Every(between) = pace(&BURST, reading, under_way, Lane::Change) {
                    let begun = (reading.window.unwrap().as_nanos() / between.as_nanos()) as u64;
                    assert!(begun <= left.saturating_sub(under_way).max(1) + 1, "{left} left, {begun} begin");
                }
            }
        }
    }
}
