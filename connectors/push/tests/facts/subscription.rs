//! Recurring charges.

use super::case::*;

/// An item of subscription `s` with 10 EUR a month, and other fields before that.
macro_rules! item {
    ($($fields:literal),*) => {
        concat!(
            r#"{"type":"subscription","id":"s","account_id":"a","plan":"Team","interval":"month","#,
            $($fields, ",",)*
            r#""currency":"EUR"}"#
        )
    };
}

fn check(name: &str, received: &[Received], expect: &[&str]) {
    let facts = facts(&[record("subscriptions", "s", received)]);
    let charges = facts.charges.iter().map(|charge| {
        format!(
            "{} {} {} = {} {} / {}, {} to {}, {}",
            charge.contract,
            charge.plan,
            charge.quantity,
            charge.amount,
            charge.currency,
            charge.interval,
            told(Some(charge.from)),
            told(charge.until),
            charge.evidence
        )
    });
    let stood = facts
        .stood
        .iter()
        .map(|stood| format!("{} from {} until {}", stood.standing, told(Some(stood.from)), told(stood.until)));
    let doubts = facts.doubts.iter().map(|doubt| format!("doubt {} to {}", told(Some(doubt.from)), told(doubt.until)));
    let problems = facts.problems.iter().map(ToString::to_string);
    let found: Vec<String> = charges.chain(stood).chain(doubts).chain(problems).collect();
    assert_eq!(found, expect, "{name}");
}

#[test]
fn a_charge_is_in_force_from_its_start_to_its_end() {
    check(
        "in the major unit, without an end",
        &[("2025-03-01", item!(r#""amount":"49.90","start":"2025-01-01""#))],
        &["s Team 1 = 49.9 EUR / 1 month, 2025-01-01 to ..., observed"],
    );
    check(
        "in minor units, with seats and an end",
        &[("2025-03-01", item!(r#""amount_minor":4990,"quantity":5,"start":"2025-01-01","end":"2026-01-01""#))],
        &["s Team 5 = 49.9 EUR / 1 month, 2025-01-01 to 2026-01-01, observed"],
    );
    check(
        "an instant is one anywhere",
        &[("2025-03-01", item!(r#""amount":"1","start":"2025-01-01T12:00:00+01:00""#))],
        &["s Team 1 = 1 EUR / 1 month, 2025-01-01T12:00:00 to ..., observed"],
    );
    check(
        "it began and ended within a moment",
        &[("2025-03-01", item!(r#""amount":"1","start":"2025-01-01","end":"2025-01-01""#))],
        &[],
    );
}

#[test]
fn another_price_holds_from_when_it_is_said_to() {
    let first = item!(r#""amount":"10","start":"2025-01-01""#);
    check(
        "from when it was received, as it says nothing else",
        &[("2025-01-05", first), ("2025-06-01T08:00:00Z", item!(r#""amount":"20","start":"2025-01-01""#))],
        &[
            "s Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-06-01T10:00:00, observed",
            "s Team 1 = 20 EUR / 1 month, 2025-06-01T10:00:00 to ..., observed",
        ],
    );
    let may = item!(r#""amount":"20","start":"2025-01-01","ts":"2025-05-01""#);
    let dated = [
        "s Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-05-01, observed",
        "s Team 1 = 20 EUR / 1 month, 2025-05-01 to ..., observed",
    ];
    check("from its ts on", &[("2025-01-05", first), ("2025-06-01", may)], &dated);
    let january = item!(r#""amount":"10","start":"2025-01-01","ts":"2025-01-01""#);
    check("a history in any order", &[("2025-06-01", may), ("2025-06-01", january)], &dated);
    check(
        "what is said again about the same moment corrects it",
        &[
            ("2025-06-01", january),
            ("2025-06-01", may),
            ("2025-07-01", item!(r#""amount":"30","start":"2025-01-01","ts":"2025-05-01""#)),
        ],
        &[
            "s Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-05-01, observed",
            "s Team 1 = 30 EUR / 1 month, 2025-05-01 to ..., observed",
        ],
    );
    check(
        "and so does one for the start about what was said first",
        &[("2025-01-05", first), ("2025-07-01", item!(r#""amount":"30","start":"2025-01-01","ts":"2025-01-01""#))],
        &["s Team 1 = 30 EUR / 1 month, 2025-01-01 to ..., observed"],
    );
}

#[test]
fn the_last_item_says_when_it_begins_and_ends() {
    let first = item!(r#""amount":"10","start":"2025-01-01""#);
    check(
        "the end was told later",
        &[("2025-01-05", first), ("2025-07-03", item!(r#""amount":"10","start":"2025-01-01","end":"2025-07-01""#))],
        &["s Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-07-01, observed"],
    );
    check(
        "a renewal that is told late leaves no gap",
        &[
            ("2025-01-05", item!(r#""amount":"10","start":"2025-01-01","end":"2025-07-01""#)),
            ("2025-07-03", item!(r#""amount":"10","start":"2025-01-01","end":"2026-01-01""#)),
        ],
        &[
            "s Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-07-03T02:00:00, observed",
            "s Team 1 = 10 EUR / 1 month, 2025-07-03T02:00:00 to 2026-01-01, observed",
        ],
    );
    check(
        "it is gone, and comes again",
        &[("2025-01-05", first), ("2025-03-01", ""), ("2025-04-01", first)],
        &[
            "s Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-03-01T01:00:00, observed",
            "s Team 1 = 10 EUR / 1 month, 2025-04-01T02:00:00 to ..., observed",
        ],
    );
    check("it was never said what it is", &[("2025-03-01", "")], &[]);
}

#[test]
fn what_is_carried_back_is_a_doubt() {
    check(
        "the first item is dated later than the start",
        &[("2025-06-01", item!(r#""amount":"10","start":"2025-01-01","ts":"2025-05-01""#))],
        &[
            "s Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-05-01, projected",
            "s Team 1 = 10 EUR / 1 month, 2025-05-01 to ..., observed",
            "doubt 2025-01-01 to 2025-05-01",
        ],
    );
    check(
        "it is dated before the start",
        &[("2024-06-01", item!(r#""amount":"10","start":"2025-01-01","ts":"2024-05-01""#))],
        &["s Team 1 = 10 EUR / 1 month, 2025-01-01 to ..., observed"],
    );
}

#[test]
fn it_may_stand_otherwise_than_active() {
    let charge = "s Team 1 = 10 EUR / 1 month, 2025-01-01 to ..., observed";
    let received = |item| [("2025-01-01", item)];
    check(
        "on trial until a day",
        &received(item!(r#""amount":"10","start":"2025-01-01","trial_end":"2025-01-15""#)),
        &[charge, "trial from 2025-01-01 until 2025-01-15"],
    );
    check(
        "on trial until it is said that it is not",
        &[
            ("2025-01-01", item!(r#""amount":"10","start":"2025-01-01","status":"trial""#)),
            ("2025-01-10", item!(r#""amount":"10","start":"2025-01-01","ts":"2025-01-09""#)),
        ],
        &[
            "s Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-09, observed",
            "s Team 1 = 10 EUR / 1 month, 2025-01-09 to ..., observed",
            "trial from 2025-01-01 until 2025-01-09",
        ],
    );
    check(
        "paused",
        &received(item!(r#""amount":"10","start":"2025-01-01","status":"paused""#)),
        &[charge, "paused from 2025-01-01 until ..."],
    );
    check(
        "past due",
        &received(item!(r#""amount":"10","start":"2025-01-01","status":"past_due""#)),
        &[charge, "past_due from 2025-01-01 until ..."],
    );
}

#[test]
fn what_an_older_version_took_in_and_this_one_can_not_read_is_a_problem() {
    check(
        "and what else was said goes on",
        &[
            ("2025-01-01", item!(r#""amount":"10","start":"2025-01-01""#)),
            ("2025-02-01", item!(r#""amount":5,"start":"2025-01-01""#)),
        ],
        &[
            "s Team 1 = 10 EUR / 1 month, 2025-01-01 to ..., observed",
            "subscriptions/s amount: is not in quotes, so that its digits are not safe; write \"49.90\" as `amount`, or 4990 as `amount_minor`; what was said at 2025-02-01T00:00:00Z is left out, push it again as it should be",
        ],
    );
}
