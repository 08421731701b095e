//! What `mrrd check` learns from Stripe, against a server that answers by path.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod stage;

use mrr_connector_sdk::{Check, SourceError};
use stage::{Answers, NOW, Stage, answering, list};

const FORBIDDEN: &str = r#"{"error":{"type":"invalid_request_error","message":"The provided key does not have the required permissions. Having the 'rak_subscription_read' permission would allow this request to continue."}}"#;

fn path(target: &str) -> &str {
    target.split('?').next().unwrap()
}

/// The number behind a parameter such as `created[lte]`.
fn number(target: &str, parameter: &str) -> Option<i64> {
    let (_, rest) = target.split_once(&format!("{parameter}="))?;
    rest.split('&').next()?.parse().ok()
}

/// A list with a record every `apart` seconds from now back to `oldest`, as Stripe pages it.
fn evenly(target: &str, oldest: i64, apart: i64) -> (u16, String) {
    let newest = number(target, "created[lte]").unwrap_or(NOW).min(NOW);
    let limit = number(target, "limit").unwrap_or(10);
    let first = NOW - (NOW - newest + apart - 1) / apart * apart;
    let all: Vec<i64> = (0..=limit).map(|place| first - place * apart).take_while(|made| *made >= oldest).collect();
    let shown: Vec<String> = all.iter().take(limit as usize).map(|made| record(*made)).collect();
    list(&shown.iter().map(String::as_str).collect::<Vec<_>>(), all.len() > shown.len())
}

fn record(made: i64) -> String {
    format!(r#"{{"id":"x_{made}","created":{made},"currency":"eur","livemode":false,"api_version":"2024-06-20"}}"#)
}

async fn check(answers: Answers) -> (Check, Stage) {
    let stage = answering(answers).await;
    (stage.connector.check(&stage.http).await.unwrap(), stage)
}

fn found<'a>(check: &'a Check, what: &str) -> &'a str {
    &check.findings.iter().find(|finding| finding.what == what).unwrap().found
}

#[tokio::test]
async fn account_key_and_what_is_forbidden() {
    let (check, _) = check(|target| match path(target) {
        "/v1/account" => (200, r#"{"id":"acct_1","business_profile":{"name":"Ada Ltd"}}"#.to_owned()),
        "/v1/subscriptions" => (403, FORBIDDEN.to_owned()),
        "/v1/events" | "/v1/webhook_endpoints" => (403, FORBIDDEN.to_owned()),
        _ => list(&[r#"{"id":"x","created":1,"livemode":false}"#], false),
    })
    .await;
    assert_eq!((check.account.as_deref(), check.name.as_deref()), (Some("acct_1"), Some("Ada Ltd")));
    assert_eq!((check.mode.as_deref(), check.key.as_deref()), (Some("test"), Some("secret key")));
    let bad: Vec<_> = check.streams.iter().filter(|stream| stream.readable.is_err()).collect();
    assert_eq!((check.streams.len(), bad.len()), (9, 1));
    let reason = bad[0].readable.as_ref().unwrap_err();
    assert!(reason.contains("grant it the permission `rak_subscription_read`"), "{reason}");
    assert!(reason.ends_with("in the Dashboard that is Read on Subscriptions"), "{reason}");
    assert_eq!(check.streams[0].readable.as_deref(), Ok("1 record"));
    // The key itself is nowhere, and what is not needed is only noted.
    assert!(!format!("{check:?}").contains("sk_test_x"));
    for what in ["events can't be read", "webhook endpoints can't be read"] {
        assert!(check.notes.iter().any(|note| note.contains(what)), "{:?}", check.notes);
    }
}

#[tokio::test]
async fn what_may_be_forbidden_says_what_is_lost() {
    let (check, stage) = check(|target| match path(target) {
        "/v1/account" => (200, r#"{"id":"acct_1"}"#.to_owned()),
        "/v1/refunds" => (403, FORBIDDEN.replace("rak_subscription_read", "rak_charge_read")),
        _ => list(&[], false),
    })
    .await;
    let bad: Vec<_> = check.streams.iter().filter(|stream| stream.readable.is_err()).collect();
    assert_eq!((bad.len(), bad[0].stream.as_str()), (1, "refunds"));
    let reason = bad[0].readable.as_ref().unwrap_err();
    assert!(reason.contains("grant it the permission `rak_charge_read`"), "{reason}");
    assert!(reason.contains("in the Dashboard that is Read on Charges and Refunds; all else is synced"), "{reason}");
    let of = |name: &str| stage.connector.lost_without(&stage.stream(name));
    assert!(of("refunds").is_some() && of("invoices").is_none());
}

#[tokio::test]
async fn a_refused_key_ends_the_check() {
    let stage = answering(|_| (401, r#"{"error":{"message":"Invalid API Key provided: sk_test_x"}}"#.to_owned())).await;
    let error = stage.connector.check(&stage.http).await.unwrap_err();
    assert!(matches!(error, SourceError::Unauthorized { .. }) && !error.to_string().contains("sk_test_x"), "{error}");
}

#[tokio::test]
async fn lengths_are_estimated_by_a_few_pages() {
    let (check, stage) = check(|target| match path(target) {
        "/v1/account" => (200, r#"{"id":"acct_1"}"#.to_owned()),
        // 30,000 invoices over 694 days.
        "/v1/invoices" => evenly(target, NOW - 30_000 * 2_000, 2_000),
        "/v1/prices" => evenly(target, NOW - 41 * 86_400, 86_400),
        "/v1/webhook_endpoints" => list(
            &[r#"{"id":"we_1","url":"https://x.example/secret","status":"disabled","enabled_events":["*"],"api_version":null}"#],
            false,
        ),
        _ => list(&[], false),
    })
    .await;
    let length = |name: &str| {
        let stream = check.streams.iter().find(|stream| stream.stream == name).unwrap();
        stream.readable.clone().unwrap()
    };
    assert_eq!((length("prices").as_str(), length("customers").as_str()), ("42 records", "0 records"));
    let about: i64 = length("invoices")
        .strip_prefix("about ")
        .and_then(|text| text.strip_suffix(" records")?.replace(',', "").parse().ok())
        .unwrap();
    assert!((24_000..=36_000).contains(&about), "{about}");
    let invoices = stage.asked().iter().filter(|target| path(target) == "/v1/invoices").count();
    assert!(invoices <= 8, "{invoices} requests");
    let backfill = found(&check, "first sync");
    assert!(backfill.starts_with("about ") && backfill.contains("so a second or more at 1000 a second"), "{backfill}");
    assert!(found(&check, "estimates").contains("at most eight pages of a list"));
    assert_eq!(found(&check, "currencies"), "EUR on the newest pages of prices and subscriptions");
    assert_eq!(found(&check, "webhook"), "we_1 is disabled, all kinds of events in the account's own version");
    assert!(found(&check, "events").starts_with("none"));
}

#[tokio::test]
async fn the_oldest_event_is_found_in_a_few_requests() {
    async fn oldest(answers: Answers, expect: &str) {
        let (check, stage) = check(answers).await;
        assert_eq!(found(&check, "events"), expect);
        assert!(found(&check, "API version").contains("its own, 2024-06-20"), "{}", found(&check, "API version"));
        assert!(stage.asked().iter().filter(|target| path(target) == "/v1/events").count() <= 7);
    }
    fn with_events(target: &str, oldest: i64, apart: i64) -> (u16, String) {
        match path(target) {
            "/v1/account" => (200, r#"{"id":"acct_1"}"#.to_owned()),
            "/v1/events" => evenly(target, oldest, apart),
            _ => list(&[], false),
        }
    }
    // One event only, and a log that reaches back to Stripe's limit.
    oldest(|target| with_events(target, NOW, 60), "the oldest is of 2026-11-21 10:00 UTC, 0 days ago").await;
    oldest(|target| with_events(target, NOW - 30 * 86_400, 60), "the oldest is of 2026-10-22 10:00 UTC, 30 days ago")
        .await;
}

#[tokio::test]
async fn a_vendor_without_events_is_no_failure() {
    let stage = answering(|target| match path(target) {
        "/v1/events" | "/v1/webhook_endpoints" => {
            (404, r#"{"error":{"message":"Unrecognized request URL"}}"#.to_owned())
        }
        "/v1/account" => (200, r#"{"id":"acct_1"}"#.to_owned()),
        _ => list(&[], false),
    })
    .await;
    let check = stage.connector.check(&stage.http).await.unwrap();
    assert!(
        check.notes.iter().filter(|note| note.contains("Unrecognized request URL")).count() == 2,
        "{:?}",
        check.notes
    );
}
