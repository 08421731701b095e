//! The connector against a running sandbox: the laws, and the facts against the world's truth.
//!
//! Skipped unless both are set: `MRR_SANDBOX_URL`, the address that `sandbox serve` prints, and
//! `MRR_SANDBOX_TRUTH`, the file that `sandbox truth --format csv` wrote with the same seed.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test is given its sandbox by the environment and says how long it took"
)]

use std::collections::{BTreeMap, BTreeSet};

use mrr_connector_sdk::{Http, Limits, compliance};
use revenue::calendar::{Day, Zone};
use revenue::segment::segments;
use rust_decimal::Decimal;

/// Net and gross annual run rate, in millionths.
type Rates = (i128, i128);
/// Per account and currency, the days on which the rates change.
type Book = BTreeMap<(String, String), BTreeMap<Day, Rates>>;

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

    let report = compliance::check(connector.as_ref(), &http).await.unwrap();
    eprintln!("{:?}, {} pages, {} requests", report.counts, report.pages, http.requests());
    assert_eq!(report.broken, [] as [&str; 0]);

    let mapper = connector.mapper(&report.references);
    let mut found = Book::new();
    let mut problems = Vec::new();
    let mut at = Day::START;
    let begun = std::time::Instant::now();
    for (account, records) in &report.accounts {
        at = at.max(records.iter().map(|record| Zone::UTC.day_of(record.versions[0].seen_at)).max().unwrap());
        let facts = mapper.facts(account, records);
        problems.extend(facts.problems.iter().map(ToString::to_string));
        let (segments, more) = segments(&facts, Zone::UTC);
        problems.extend(more.iter().map(ToString::to_string));
        for segment in segments {
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
    assert_eq!(problems, [] as [&str; 0]);
    // The day on which the world ends is not over: what holds at its end is still to come.
    compare(&found, &read(&truth), at.before());
}

fn read(path: &str) -> Book {
    let mut book = Book::new();
    for line in std::fs::read_to_string(path).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let micros = |text: &str| {
            let rate = text.parse::<Decimal>().unwrap() * Decimal::from(1_000_000);
            rate.round_dp(0).to_string().parse::<i128>().unwrap()
        };
        let days = book.entry((fields[0].to_owned(), fields[2].to_owned())).or_default();
        days.insert(Day::from_date(fields[1].parse().unwrap()), (micros(fields[3]), micros(fields[4])));
    }
    book
}

/// Every account and day up to `last`.
fn compare(found: &Book, truth: &Book, last: Day) {
    let keys: BTreeSet<_> = found.keys().chain(truth.keys()).collect();
    let none = BTreeMap::new();
    let (mut wrong_accounts, mut wrong_days, mut days) = (0, 0, 0);
    for key in keys {
        let (found, truth) = (found.get(key).unwrap_or(&none), truth.get(key).unwrap_or(&none));
        let borders: BTreeSet<Day> = found.keys().chain(truth.keys()).filter(|day| **day <= last).copied().collect();
        let borders: Vec<Day> = borders.into_iter().chain([Day(last.0 + 1)]).collect();
        let on =
            |book: &BTreeMap<Day, Rates>, day: Day| book.range(..=day).next_back().map_or((0, 0), |(_, rates)| *rates);
        let mut wrong = 0;
        for pair in borders.windows(2) {
            let (found, truth) = (on(found, pair[0]), on(truth, pair[0]));
            let length = pair[1].0 - pair[0].0;
            days += length;
            if found != truth {
                wrong += length;
                if wrong_accounts < 1000 {
                    eprintln!("{} {}: {} to {}: found {found:?}, truth {truth:?}", key.0, key.1, pair[0], pair[1]);
                }
            }
        }
        wrong_accounts += i32::from(wrong > 0);
        wrong_days += wrong;
    }
    eprintln!("{wrong_days} of {days} account days differ, in {wrong_accounts} accounts");
    assert_eq!(wrong_days, 0);
}
