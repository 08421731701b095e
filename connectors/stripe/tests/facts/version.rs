//! What several versions of a record tell: a change that was seen stays where it was seen.

use revenue::fact::AccountFacts;
use serde_json::{Value, json};

use super::build::*;
use super::case::*;

const YEAR: (&str, &str) = ("2025-01-01", "2026-01-01");
/// When the subscription was first read.
const FIRST: &str = "2025-01-05";

/// The facts of the versions of `sub_1`, after it was seen that no edit of something else
/// changes them: not one after the newest version, and not one right after each of them.
fn watched(read: &[(&str, Value)], invoices: &[Value]) -> AccountFacts {
    let mut records = records(&[], invoices, &[], SEEN);
    records.push(versions("subscriptions", read));
    let found = facts(&records);
    let edited = |payload: &Value| with(payload.clone(), json!({"metadata": {"a": "b"}}));
    let mut later = read.to_vec();
    later.push(("2025-12-20", edited(&read[read.len() - 1].1)));
    let soon: Vec<String> = read.iter().map(|(at, _)| format!("{at}T00:00:09")).collect();
    let twice = read
        .iter()
        .zip(&soon)
        .flat_map(|((at, payload), soon)| [(*at, payload.clone()), (soon.as_str(), edited(payload))]);
    let twice: Vec<(&str, Value)> = twice.collect();
    for unrelated in [later, twice] {
        *records.last_mut().unwrap() = versions("subscriptions", &unrelated);
        assert_eq!(facts(&records), found, "an edit of something else decides something");
    }
    found
}

fn check(name: &str, read: &[(&str, Value)], invoices: &[Value], charges: &[&str]) {
    let facts = watched(read, invoices);
    assert_eq!(counted(&facts).iter().map(told).collect::<Vec<_>>(), charges, "{name}");
    assert_eq!(facts.problems, [], "{name}");
}

fn active(items: Vec<Value>) -> Value {
    subscription("active", "2025-01-01", items, json!({}))
}

fn seats(price: &str, quantity: i64, period: (&str, &str)) -> Value {
    active(vec![item("si_1", price, quantity, "2025-01-01", period)])
}

fn month(quantity: i64, month: (&str, &str)) -> Value {
    invoice(&format!("in_{}", month.0), month.0, vec![period("si_1", "team_m", quantity, month)])
}

#[test]
fn a_change_that_only_the_subscription_shows_stays_where_it_was_seen() {
    check(
        "annual",
        &[(FIRST, seats("team_y", 1, YEAR)), ("2025-01-11", seats("team_y", 2, YEAR))],
        &[invoice("in_1", "2025-01-01", vec![period("si_1", "team_y", 1, YEAR)])],
        &[
            "si_1 Team 1 = 100 EUR / 1 year, 2025-01-01 to 2025-01-05, invoice",
            "si_1 Team 1 = 100 EUR / 1 year, 2025-01-05 to 2025-01-11, observed",
            "si_1 Team 2 = 200 EUR / 1 year, 2025-01-11 to ..., observed",
        ],
    );
    let monthly = [
        "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-05, invoice",
        "si_1 Team 1 = 10 EUR / 1 month, 2025-01-05 to 2025-01-11, observed",
        "si_1 Team 2 = 20 EUR / 1 month, 2025-01-11 to ..., observed",
    ];
    check(
        "monthly, and the next invoice says it too",
        &[
            (FIRST, seats("team_m", 1, JAN)),
            ("2025-01-11", seats("team_m", 2, JAN)),
            ("2025-02-02", seats("team_m", 2, FEB)),
        ],
        &[month(1, JAN), month(2, FEB)],
        &monthly,
    );
    check(
        "a later line does not overrule what was seen before and after it",
        &[
            (FIRST, seats("team_m", 1, JAN)),
            ("2025-01-11", seats("team_m", 2, JAN)),
            ("2025-02-02", seats("team_m", 2, FEB)),
        ],
        &[month(1, JAN), month(1, FEB)],
        &monthly,
    );
}

#[test]
fn a_line_between_two_versions_dates_the_change() {
    let day = ("2025-01-09T12:00:00", "2025-02-01");
    let up = vec![credit("si_1", "team_m", 1, day), debit("si_1", "team_m", 3, day)];
    let day = ("2025-01-10", "2025-02-01");
    let down = vec![credit("si_1", "team_m", 3, day), debit("si_1", "team_m", 2, day)];
    check(
        "all changes in between",
        &[(FIRST, seats("team_m", 1, JAN)), ("2025-01-11", seats("team_m", 2, JAN))],
        &[month(1, JAN), invoice("in_2", "2025-01-10", [up.clone(), down].concat())],
        &[
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-05, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-05 to 2025-01-09T12:00:00, observed",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-01-09T12:00:00 to 2025-01-10, observed",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-01-10 to ..., observed",
        ],
    );
    check(
        "what no line tells is dated by the version",
        &[(FIRST, seats("team_m", 1, JAN)), ("2025-01-11", seats("team_m", 2, JAN))],
        &[month(1, JAN), invoice("in_2", "2025-01-10", up)],
        &[
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-05, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-05 to 2025-01-09T12:00:00, observed",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-01-09T12:00:00 to 2025-01-11, observed",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-01-11 to ..., observed",
        ],
    );
}

#[test]
fn a_version_older_than_an_invoice_does_not_undo_it() {
    let day = ("2025-01-09T12:00:00", "2025-02-01");
    let up = vec![credit("si_1", "team_m", 1, day), debit("si_1", "team_m", 2, day), debit("si_2", "add_m", 1, day)];
    let mut records = records(&[], &[month(1, JAN), invoice("in_2", "2025-01-09T12:00:00", up)], &[], SEEN);
    records.push(record("subscriptions", FIRST, seats("team_m", 1, JAN)));
    assert_eq!(
        counted(&facts(&records)).iter().map(told).collect::<Vec<_>>(),
        [
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-05, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-05 to 2025-01-09T12:00:00, observed",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-01-09T12:00:00 to ..., observed",
            "si_2 Add-on 1 = 5 EUR / 1 month, 2025-01-09T12:00:00 to ..., observed",
        ]
    );
}

#[test]
fn items_come_and_go_when_they_are_seen_to() {
    let with_add = |created: &str| {
        active(vec![item("si_1", "team_m", 1, "2025-01-01", JAN), item("si_2", "add_m", 1, created, JAN)])
    };
    let team = [
        "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-05, invoice",
        "si_1 Team 1 = 10 EUR / 1 month, 2025-01-05 to ..., observed",
    ];
    check(
        "added with a time of its own, and taken off without a credit",
        &[
            (FIRST, seats("team_m", 1, JAN)),
            ("2025-01-11", with_add("2025-01-10T08:00:00")),
            ("2025-01-21", seats("team_m", 1, JAN)),
        ],
        &[month(1, JAN)],
        &[team[0], team[1], "si_2 Add-on 1 = 5 EUR / 1 month, 2025-01-10T08:00:00 to 2025-01-21, observed"],
    );
    let both = invoice("in_1", "2025-01-01", vec![period("si_1", "team_m", 1, JAN), period("si_2", "add_m", 1, JAN)]);
    check(
        "not renewed",
        &[(FIRST, with_add("2025-01-01")), ("2025-02-02", seats("team_m", 1, FEB))],
        &[both, month(1, FEB)],
        &[
            team[0],
            team[1],
            "si_2 Add-on 1 = 5 EUR / 1 month, 2025-01-01 to 2025-01-05, invoice",
            "si_2 Add-on 1 = 5 EUR / 1 month, 2025-01-05 to 2025-02-01, observed",
        ],
    );
    let there = ("2025-01-12", "2025-02-01");
    check(
        "there and gone between two versions, as only lines tell",
        &[(FIRST, seats("team_m", 1, JAN)), ("2025-01-21", seats("team_m", 1, JAN))],
        &[month(1, JAN), invoice("in_2", "2025-01-12", vec![debit("si_2", "add_m", 1, there)])],
        &[team[0], team[1], "si_2 Add-on 1 = 5 EUR / 1 month, 2025-01-12 to 2025-01-21, observed"],
    );
}

#[test]
fn a_pause_is_a_gap() {
    let items = || vec![item("si_1", "team_m", 1, "2025-01-01", JAN)];
    let paused = json!({"pause_collection": {"behavior": "void", "resumes_at": null}});
    let paused = subscription("active", "2025-01-01", items(), paused);
    let begun = [
        "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-05, invoice",
        "si_1 Team 1 = 10 EUR / 1 month, 2025-01-05 to 2025-01-10, observed",
        "si_1 Team 1 = 10 EUR / 1 month, 2025-02-09 to ..., observed",
    ];
    check(
        "collection paused and resumed",
        &[(FIRST, active(items())), ("2025-01-10", paused.clone()), ("2025-02-09", active(items()))],
        &[month(1, JAN)],
        &begun,
    );
    let unpaid = subscription("unpaid", "2025-01-01", items(), json!({}));
    check("unpaid", &[(FIRST, active(items())), ("2025-01-10", unpaid.clone())], &[month(1, JAN)], &begun[..2]);
    check(
        "unpaid when it was first seen, and paid later",
        &[("2025-03-10", unpaid), ("2025-03-20", active(items()))],
        &[month(1, JAN)],
        &[
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-01, projected",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-03-20 to ..., observed",
        ],
    );
    let trial = json!({"trial_start": seconds("2025-01-01"), "trial_end": seconds("2025-01-08")});
    let of_status = |status: &str| subscription(status, "2025-01-01", items(), trial.clone());
    check(
        "paused at the end of its trial",
        &[(FIRST, of_status("trialing")), ("2025-01-10", of_status("paused")), ("2025-01-20", of_status("active"))],
        &[],
        &["si_1 Team 1 = 10 EUR / 1 month, 2025-01-20 to ..., observed"],
    );
    // Nobody looked in between, but a bill was paid.
    let resumed = invoice("in_feb", "2025-02-01", vec![period("si_1", "team_m", 1, FEB)]);
    check(
        "paused at the end of its trial, and billed again before it was read again",
        &[(FIRST, of_status("trialing")), ("2025-01-10", of_status("paused")), ("2025-03-20", of_status("active"))],
        &[resumed],
        &["si_1 Team 1 = 10 EUR / 1 month, 2025-02-01 to ..., observed"],
    );
}

#[test]
fn a_discount_that_comes_and_goes_between_two_invoices() {
    let year = || vec![item("si_1", "team_y", 1, "2025-01-01", YEAR)];
    let reduced = json!({"discounts": [discount("di_1", json!("half"), "2025-02-10T09:00:00", None)]});
    let reduced = subscription("active", "2025-01-01", year(), reduced);
    let invoices = [invoice("in_1", "2025-01-01", vec![period("si_1", "team_y", 1, YEAR)])];
    let facts =
        watched(&[(FIRST, active(year())), ("2025-02-11", reduced.clone()), ("2025-06-01", active(year()))], &invoices);
    assert_eq!(discounts(&facts), ["di_1 on sub_1: 50.0 %, Repeating, 2025-02-10T09:00:00 to 2025-06-01"]);
    let facts = watched(&[(FIRST, active(year())), ("2025-03-11", active(year())), ("2025-03-12", reduced)], &invoices);
    assert_eq!(discounts(&facts), ["di_1 on sub_1: 50.0 %, Repeating, 2025-03-12 to ..."]);
}

#[test]
fn a_country_holds_from_when_it_was_seen() {
    let customer = |country: &str, phone: &str| json!({"id": "cus_1", "name": "Acme", "phone": phone, "address": {"country": country}});
    let read = [
        (FIRST, customer("DE", "1")),
        ("2025-01-11", customer("DE", "2")),
        ("2025-03-01", customer("FR", "2")),
        ("2025-04-01", customer("FR", "3")),
        ("2025-05-01", json!({"id": "cus_1", "deleted": true})),
    ];
    let facts = facts(&[versions("customers", &read)]);
    let told: Vec<String> = (facts.attributes.iter())
        .map(|one| {
            format!(
                "{} {} {}",
                one.value,
                one.from.map_or("...".into(), instant),
                one.until.map_or("...".into(), instant)
            )
        })
        .collect();
    assert_eq!(told, ["DE ... 2025-03-01", "FR 2025-03-01 2025-05-01"]);
}

#[test]
fn what_is_gone_at_the_source_has_ended() {
    let mut records = records(&[], &[month(1, JAN)], &[], SEEN);
    let mut watched = versions("subscriptions", &[(FIRST, seats("team_m", 1, JAN)), ("2025-01-20", json!({}))]);
    watched.versions[1].deleted = true;
    records.push(watched);
    assert_eq!(
        counted(&facts(&records)).iter().map(told).collect::<Vec<_>>(),
        [
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-05, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-05 to 2025-01-20, observed",
        ]
    );
}

#[test]
fn what_was_seen_from_the_beginning_is_observed() {
    let mut records = records(
        &[subscription("active", "2025-01-01", now("team_m", 2), json!({}))],
        &[invoice("in_1", "2025-01-01", vec![period("si_1", "team_m", 1, JAN)])],
        &[
            pending("ii_1", credit("si_1", "team_m", 1, ("2025-04-05", "2025-05-01"))),
            pending("ii_2", debit("si_1", "team_m", 2, ("2025-04-05", "2025-05-01"))),
        ],
        SEEN,
    );
    // The subscription has been watched since January; its newest version was read in April.
    let first = subscription("active", "2025-01-01", vec![item("si_1", "team_m", 1, "2025-01-01", JAN)], json!({}));
    records[0].versions.insert(0, version("2025-01-01T06:00:00", &first));
    let found: Vec<String> = counted(&facts(&records)).iter().map(told).collect();
    assert_eq!(
        found,
        [
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-01T06:00:00, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01T06:00:00 to 2025-04-05, observed",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-04-05 to ..., observed",
        ]
    );
    // Without the prorations, and with an item gone, the version that shows it is all there is.
    records.truncate(2);
    let lines = vec![period("si_1", "team_m", 1, APR), period("si_0", "add_m", 1, APR)];
    records[1] = record("invoices", SEEN, invoice("in_1", "2025-04-01", lines));
    let found: Vec<String> = counted(&facts(&records)).iter().map(told).collect();
    assert_eq!(
        found,
        [
            "si_0 Add-on 1 = 5 EUR / 1 month, 2025-04-01 to 2025-04-10, observed",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-01T06:00:00, projected",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01T06:00:00 to 2025-04-10, observed",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-04-10 to ..., observed",
        ]
    );
}
