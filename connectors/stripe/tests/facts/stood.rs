//! How subscriptions stood, for policies that count otherwise.

use serde_json::{Value, json};

use super::build::*;
use super::case::*;

fn read(status: &str, more: Value) -> Value {
    with(subscription(status, "2025-01-01", now("team_m", 1), json!({})), more)
}

fn followed(read: &[(&str, Value)], invoices: &[Value]) -> Vec<String> {
    let mut records = records(&[], invoices, &[], SEEN);
    records.push(versions("subscriptions", read));
    stood(&facts(&records))
}

#[test]
fn a_trial_is_kept_apart() {
    let trial = json!({"trial_start": seconds("2025-01-01"), "trial_end": seconds("2025-01-15")});
    let one = read("active", trial.clone());
    let found = facts(&records(&[one], &[], &[], SEEN));
    assert_eq!(stood(&found), ["trial from 2025-01-01 until 2025-01-15"]);
    assert_eq!(found.charges[0].from, counted(&found)[0].from - chrono::TimeDelta::days(14));
    // One that runs may yet come to nothing, and one that lapsed never counted.
    assert_eq!(
        stood(&facts(&records(&[read("trialing", trial)], &[], &[], SEEN))),
        ["trial from 2025-01-01 until ..."]
    );
}

#[test]
fn a_pause_is_kept_apart_and_an_unpaid_time_is_not_in_force() {
    let void = json!({"pause_collection": {"behavior": "void", "resumes_at": null}});
    let seen = [
        ("2025-01-05", read("active", json!({}))),
        ("2025-01-10", read("active", void)),
        ("2025-01-20", read("active", json!({}))),
    ];
    assert_eq!(followed(&seen, &[]), ["paused from 2025-01-10 until 2025-01-20"]);
    let unpaid = [("2025-01-05", read("active", json!({}))), ("2025-01-10", read("unpaid", json!({})))];
    assert_eq!(followed(&unpaid, &[]), [] as [&str; 0]);
}

#[test]
fn past_due_begins_with_the_bill_that_was_not_paid() {
    let owed = with(
        invoice("in_2", "2025-02-01", vec![period("si_1", "team_m", 1, FEB)]),
        json!({"status": "open", "attempt_count": 1, "status_transitions": {"paid_at": null}}),
    );
    let first = invoice("in_1", "2025-01-01", vec![period("si_1", "team_m", 1, JAN)]);
    let seen = [
        ("2025-01-05", read("active", json!({}))),
        ("2025-02-03", read("past_due", json!({}))),
        ("2025-02-09", read("active", json!({}))),
    ];
    assert_eq!(followed(&seen, &[first.clone(), owed]), ["past_due from 2025-02-01 until 2025-02-09"]);
    // Long ago: a bill that was paid only after more than one attempt.
    let late = json!({"status": "paid", "attempt_count": 3, "status_transitions": {"paid_at": seconds("2025-02-08")}});
    let late = with(invoice("in_2", "2025-02-01", vec![period("si_1", "team_m", 1, FEB)]), late);
    let found = facts(&records(&[read("active", json!({}))], &[first, late], &[], SEEN));
    assert_eq!(stood(&found), ["past_due from 2025-02-01 until 2025-02-08"]);
}

#[test]
fn an_end_is_asked_for_and_withdrawn() {
    let asked = json!({"cancel_at_period_end": true, "canceled_at": seconds("2025-01-09")});
    let seen = [
        ("2025-01-05", read("active", json!({}))),
        ("2025-01-10", read("active", asked.clone())),
        ("2025-01-20", read("active", json!({}))),
    ];
    assert_eq!(followed(&seen, &[]), ["ending from 2025-01-09 until 2025-01-20"]);
    // Connected after all was over: the time of the request is still told.
    let over = with(asked, json!({"ended_at": seconds("2025-02-01")}));
    let found = facts(&records(&[read("canceled", over)], &[], &[], SEEN));
    assert_eq!(stood(&found), ["ending from 2025-01-09 until 2025-02-01"]);
    let at_once = json!({"canceled_at": seconds("2025-02-01"), "ended_at": seconds("2025-02-01")});
    assert_eq!(stood(&facts(&records(&[read("canceled", at_once)], &[], &[], SEEN))), [] as [&str; 0]);
}
