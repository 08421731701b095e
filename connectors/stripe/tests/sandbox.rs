//! The connector against a running sandbox: the laws, and the facts against the world's truth.
//!
//! Skipped unless both are set: `MRR_SANDBOX_URL`, the address that `sandbox serve` prints, and
//! `MRR_SANDBOX_TRUTH`, the file that `sandbox truth --format csv` wrote with the same seed. A
//! world of the full repertoire has blind spots: `MRR_SANDBOX_BLIND` is what `truth --blind` wrote.
//! With `MRR_SANDBOX_FOLLOW`, a day such as `2023-01-01` on which the sandbox stands, the company is
//! followed from then on, and nothing is blind.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test is given its sandbox by the environment and says how long it took"
)]

#[path = "sandbox/compare.rs"]
mod compare;
#[path = "sandbox/follow.rs"]
mod follow;

use std::collections::BTreeMap;

use compare::{Book, Spans};
use mrr_connector_sdk::{Http, Limits, RawRecord, compliance};
use revenue::calendar::{Day, DayRange, Zone};
use revenue::fact::Evidence;
use revenue::segment::segments;

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_the_truth() {
    let (Ok(url), Ok(truth)) = (std::env::var("MRR_SANDBOX_URL"), std::env::var("MRR_SANDBOX_TRUTH")) else {
        eprintln!("skipped: MRR_SANDBOX_URL and MRR_SANDBOX_TRUTH are not set");
        return;
    };
    let settings = format!("api_key = 'sk_test_sandbox'\nbase_url = '{url}'\nrequests_per_second = 5000");
    let connector = mrr_connector_stripe::configure(settings.parse().unwrap()).unwrap();
    let http = Http::new(connector.api(), Limits::default()).unwrap();

    let check = connector.check(&http).await.unwrap();
    assert!(check.streams.iter().all(|stream| stream.readable.is_ok()), "{check:?}");

    let blind = std::env::var("MRR_SANDBOX_BLIND").ok().map(|path| compare::read_blind(&path));
    let followed_since = std::env::var("MRR_SANDBOX_FOLLOW").unwrap_or_default();
    let mut followed = BTreeMap::new();
    if !followed_since.is_empty() {
        let second = |day: &str| day.parse::<chrono::NaiveDate>().unwrap().and_time(chrono::NaiveTime::MIN).and_utc();
        let span = (second(&followed_since).timestamp(), second("2026-01-01").timestamp());
        followed = follow::follow(connector.as_ref(), &http, &url, span).await;
        eprintln!("{} events followed", followed.values().map(BTreeMap::len).sum::<usize>());
    }
    let report = compliance::check(connector.as_ref(), &http).await.unwrap();
    eprintln!("{:?}, {} pages, {} requests", report.counts, report.pages, http.requests());
    assert_eq!(report.broken, [] as [&str; 0]);

    let mapper = connector.mapper(&report.references);
    let mut found = Book::new();
    let mut doubts = Spans::new();
    let mut problems = Vec::new();
    let mut at = Day::START;
    let begun = std::time::Instant::now();
    for (account, records) in &report.accounts {
        at = at.max(records.iter().map(|record| Zone::UTC.day_of(record.versions[0].seen_at)).max().unwrap());
        let mut records: Vec<RawRecord> = records.clone();
        records.retain(|record| record.stream != "events" || !followed.contains_key(account));
        records.extend(followed.remove(account).unwrap_or_default().into_values());
        let facts = mapper.facts(account, &records);
        problems.extend(facts.problems.iter().map(|problem| (account.clone(), problem.to_string())));
        let doubts = doubts.entry(account.clone()).or_default();
        doubts.extend(facts.doubts.iter().map(|doubt| (Zone::UTC.days(doubt.from, doubt.until), doubt.reason.clone())));
        let (segments, more) = segments(&facts, Zone::UTC);
        problems.extend(more.iter().map(|problem| (account.clone(), problem.to_string())));
        for segment in segments {
            if segment.evidence == Evidence::Projected {
                doubts.push((segment.days, "projected".to_owned()));
            }
            let days = found.entry((account.clone(), segment.currency.to_string())).or_default();
            for (day, sign) in [(segment.days.from, 1), (segment.days.until, -1)] {
                let rates = days.entry(day).or_default();
                rates.0 += sign * i128::from(segment.net.0);
                rates.1 += sign * i128::from(segment.gross.0);
            }
        }
    }
    eprintln!("facts of {} accounts in {:?}", report.accounts.len(), begun.elapsed());
    for days in found.values_mut() {
        let mut sum = (0, 0);
        for rates in days.values_mut() {
            sum = (sum.0 + rates.0, sum.1 + rates.1);
            *rates = sum;
        }
    }
    // Stripe lists no coupon that was deleted, and shows it in no list of items' discounts.
    let full = blind.is_some() || !followed_since.is_empty();
    let (deleted, problems): (Vec<_>, Vec<_>) =
        problems.into_iter().partition(|(_, problem)| full && problem.contains("is not among the coupons"));
    assert_eq!(problems, []);
    for (account, problem) in deleted {
        eprintln!("{account}: {problem}");
        let always = DayRange { from: Day::START, until: Day::END };
        doubts.entry(account).or_default().push((always, "problem".to_owned()));
    }
    // The day on which the world ends is not over: what holds at its end is still to come.
    let tally = compare::compare(&found, &compare::read_truth(&truth), &doubts, blind.as_ref(), at.before());
    eprintln!("{}", tally.told());
    assert_eq!(tally.wrong, 0);
}
