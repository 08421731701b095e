//! Bodies, and what becomes of each item: the record that is kept, or what to write instead.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use mrr_connector_sdk::{Connector, Pushed, Refused};

fn connector() -> Box<dyn Connector> {
    let settings = "key = '0123456789abcdef'".parse().unwrap();
    mrr_connector_push::configure(settings, chrono_tz::America::New_York).unwrap()
}

fn read(body: &str) -> Vec<Result<Pushed, Refused>> {
    connector().push().unwrap().read(body, 100).unwrap()
}

/// An item alone, and what becomes of it.
fn check(item: &str, expect: &str) {
    let told = match read(item).remove(0) {
        Ok(Pushed { stream, id, account, payload, deleted, dated }) => {
            assert_eq!(payload, item, "the sender's text is kept as it is");
            let flags = [(deleted, " gone"), (dated, " dated")];
            let flags: String = flags.iter().filter(|(is, _)| *is).map(|(_, text)| *text).collect();
            format!("{}/{id} of {}{flags}", stream.name, account.unwrap_or("-".into()))
        }
        Err(Refused { id, field, message }) => format!("{} {field}: {message}", id.unwrap_or("-".into())),
    };
    assert_eq!(told, expect, "{item}");
}

const SUBSCRIPTION: &str = r#"{"type":"subscription","id":"s1","account_id":"a1","plan":"Team","currency":"EUR","amount":"49.90","interval":"month","start":"2025-01-01"}"#;

/// The subscription with a piece of it otherwise.
fn otherwise(from: &str, to: &str, expect: &str) {
    assert!(SUBSCRIPTION.contains(from), "{from}");
    check(&SUBSCRIPTION.replacen(from, to, 1), expect);
}

#[test]
fn items_become_records() {
    check(
        r#"{"type":"account","id":"a1","name":"Acme","attributes":{"country":"DE"},"extra":{"x":[1]}}"#,
        "accounts/a1 of a1",
    );
    check(r#"{"type":"account","id":42,"ts":"2025-01-01"}"#, "accounts/42 of 42 dated");
    check(SUBSCRIPTION, "subscriptions/s1 of a1");
    check(r#"{"type":"user","id":"u1","account_id":"a1","email":"a@b.c","attributes":{}}"#, "users/u1 of a1");
    check(
        r#"{"type":"metric","account_id":"a1","name":"seats","value":12.5,"date":"2025-01-31"}"#,
        "metrics/seats/2025-01-31/a1 of a1",
    );
    check(
        r#"{"type":"metric","id":"m1","account_id":"a1","user_id":"u1","name":"seats","value":"12","date":"2025-01-31"}"#,
        "metrics/m1 of a1",
    );
    check(
        r#"{"type":"event","id":"e1","account_id":"a1","name":"onboarded","ts":"2025-01-31T09:30:00Z","properties":{"x":1}}"#,
        "events/e1 of a1 dated",
    );
    let unnamed = r#"{"type":"event","account_id":"a1","name":"onboarded"}"#;
    check(unnamed, &format!("events/{} of a1 dated", blake3::hash(unnamed.as_bytes()).to_hex()));
    check(r#"{"type":"subscription","id":"s1","deleted":true}"#, "subscriptions/s1 of - gone");
    check(r#"{"type":"metric","id":"m1","deleted":true}"#, "metrics/m1 of - gone");
}

#[test]
fn one_bad_item_never_takes_its_neighbours_along() {
    let good = r#"{"type":"account","id":"a1"}"#;
    for body in [format!("[{good},5,{{}},{good}]"), format!("{good}\n{{\n{{}}\n{good}\n")] {
        let found: Vec<bool> = read(&body).iter().map(Result::is_ok).collect();
        assert_eq!(found, [true, false, false, true], "{body}");
    }
}

#[test]
fn amounts_are_exact_or_refused() {
    const BOTH: &str = "write \"49.90\" as `amount`, or 4990 as `amount_minor`";
    otherwise(r#""amount":"49.90""#, r#""amount_minor":4990"#, "subscriptions/s1 of a1");
    otherwise(r#""amount":"49.90""#, r#""amount":"-5""#, "subscriptions/s1 of a1");
    for number in ["49.90", "4990", "true", "{}"] {
        let expect = format!("s1 amount: is not in quotes, so that its digits are not safe; {BOTH}");
        otherwise(r#""49.90""#, number, &expect);
    }
    for text in [
        "",
        "49,90",
        "1,049.90",
        "1e3",
        "49.",
        ".5",
        "NaN",
        "1_000",
        "+5",
        " 5",
        "EUR 5",
        "99999999999999999999999999999999",
    ] {
        let expect = "s1 amount: is no decimal number; write digits with a point, such as \"1049.90\"";
        otherwise("49.90", text, expect);
    }
    for number in ["49.90", "\"4990\"", "1e3", "99999999999999999999"] {
        let expect = format!("s1 amount_minor: is not a whole number of the currency's minor unit; {BOTH}");
        otherwise(r#""amount":"49.90""#, &format!(r#""amount_minor":{number}"#), &expect);
    }
    otherwise(r#""amount":"49.90","#, "", &format!("s1 amount: is missing; {BOTH}"));
    otherwise(
        r#""amount":"49.90""#,
        r#""amount":"1","amount_minor":1"#,
        "s1 amount_minor: stands beside `amount`; write one of them",
    );
    otherwise(
        "49.90",
        "900000000000000",
        "s1 amount: is too large to be kept: a year of it is beyond nine trillion; correct it",
    );
    otherwise(
        "EUR",
        "EURO",
        "s1 currency: `EURO` is not a currency code: write three letters as ISO 4217 has them, such as EUR",
    );
    otherwise("EUR", "XXQ", "s1 currency: is no currency in use; write an ISO 4217 code such as \"EUR\"");
    otherwise(r#""currency":"EUR","#, "", "s1 currency: is missing; write an ISO 4217 code such as \"EUR\"");
}

#[test]
fn what_is_refused_says_what_to_write() {
    otherwise(
        "month",
        "months 3",
        "s1 interval: is no billing interval; write \"day\", \"week\", \"month\", \"year\", or with a count \"3 months\"",
    );
    otherwise(
        "month",
        "0 months",
        "s1 interval: is no billing interval; write \"day\", \"week\", \"month\", \"year\", or with a count \"3 months\"",
    );
    otherwise(
        "2025-01-01",
        "01.01.2025",
        "s1 start: is no date; write \"2025-01-31\", or an instant such as \"2025-01-31T09:30:00Z\"",
    );
    otherwise(
        r#""2025-01-01""#,
        "1735689600",
        "s1 start: is no date; write \"2025-01-31\", or an instant such as \"2025-01-31T09:30:00Z\"",
    );
    otherwise("2025-01-01", "0001-01-01", "s1 start: is in the year 1; write one from 1900 to 9999");
    otherwise(
        r#"2025-01-01""#,
        r#"2025-01-01","end":"2024-12-31""#,
        "s1 end: is before `start`; write the first day on which it is no longer charged",
    );
    otherwise(
        r#"2025-01-01""#,
        r#"2025-01-01","ends":"2026-12-31""#,
        "s1 ends: is no field of a subscription; did you mean `end`? what is your own goes into `extra`",
    );
    otherwise(
        r#"2025-01-01""#,
        r#"2025-01-01","status":"canceled""#,
        "s1 status: is none of active, trial, paused and past_due; what is over has an `end`, which is all that is needed",
    );
    otherwise(r#""account_id":"a1","#, "", "s1 account_id: is missing; write the `id` of its account");
    otherwise(r#""s1""#, r#""""#, "- id: has 0 bytes; an id has 1 to 255");
    otherwise(r#""s1""#, r#""a\u0000b""#, "- id: holds a control character, or a space at an end; write an id without");
    otherwise(r#""s1""#, r#""\ud800""#, "- id: holds a control character, or a space at an end; write an id without");
    otherwise(r#""s1""#, "1.5", "- id: is no id; write a string or a whole number");
    otherwise(
        r#""type":"subscription","#,
        "",
        "s1 type: is missing; write one of account, subscription, user, metric, event",
    );
    otherwise(
        "subscription",
        "contract",
        "s1 type: is no type of item; write one of account, subscription, user, metric, event",
    );
    check(r#"{"type":"account"}"#, "- id: is missing; write your own id of it");
    check(
        r#"{"type":"account","id":"a","attributes":{"x":{"y":1}}}"#,
        "a attributes.x: is neither text, number nor boolean; write one attribute for each of its parts",
    );
    check(
        r#"{"type":"account","id":"a","attributes":{"x":1,"X":2}}"#,
        "a attributes.X: is there twice, as names are the same in upper and lower case; write it once",
    );
    check(
        r#"{"type":"account","id":"a","account_id":"b"}"#,
        "a account_id: is not a field of an account; its own id is `id`",
    );
    check(
        r#"{"type":"account","id":"a","deleted":true,"ts":"2025-01-01"}"#,
        "a ts: can't stand beside `deleted`, as a record is gone from when this is received on; leave it out, or write the `end` of the subscription instead",
    );
    check(
        r#"{"type":"metric","account_id":"a","name":"seats","value":"many","date":"2025-01-31"}"#,
        "- value: is no number that can be kept exactly; write digits such as \"12.5\"",
    );
    check(
        r#"{"type":"metric","account_id":"a","name":"seats","value":1,"date":"2025-02-30"}"#,
        "- date: is no day; write it as \"2025-01-31\"",
    );
    let deep = format!(
        r#"{{"type":"account","id":"a","extra":{}{}}}"#,
        "{\"x\":".repeat(120),
        "1".to_owned() + &"}".repeat(120)
    );
    check(&deep, "- : is nested deeper than 100; write it flatter");
    let large = format!(r#"{{"type":"account","id":"a","name":"{}"}}"#, "x".repeat(70_000));
    check(&large, &format!("- : has {} bytes and may have 65536; leave out what is not needed", large.len()));
}

#[test]
fn a_day_begins_in_the_zone_of_the_book() {
    // Nothing of the time of day is in a record; the mapper is asked.
    let versions = vec![mrr_connector_sdk::Version {
        payload: SUBSCRIPTION.replace("2025-01-01", "2025-03-09"),
        seen_at: "2025-06-01T00:00:00Z".parse().unwrap(),
        deleted: false,
    }];
    let record = mrr_connector_sdk::RawRecord { stream: "subscriptions".into(), id: "s1".into(), versions };
    let facts = connector().mapper(&[]).facts("a1", &[record]);
    assert_eq!(facts.charges[0].from.to_rfc3339(), "2025-03-09T05:00:00+00:00");
}
