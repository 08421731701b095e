//! What is contracted for days to come.

use serde_json::{Value, json};

use super::build::*;
use super::case::*;

fn phase(start: &str, end: &str, items: &[(&str, i64)]) -> Value {
    let items: Vec<Value> =
        items.iter().map(|(price, quantity)| json!({"price": price, "quantity": quantity})).collect();
    json!({"start_date": seconds(start), "end_date": seconds(end), "currency": "eur", "items": items})
}

fn schedule(phases: Vec<Value>, more: Value) -> Value {
    let schedule = json!({
        "id": "sub_sched_1", "customer": "cus_1", "status": "active", "subscription": "sub_1",
        "end_behavior": "release", "phases": phases,
    });
    with(schedule, more)
}

/// The charges from now on, of one seat of Team that is there, and of a schedule.
fn from_now_on(schedule: Value) -> (Vec<String>, Vec<String>) {
    let active = subscription("active", "2025-01-01", now("team_m", 1), json!({}));
    let mut records = records(&[active], &[], &[], SEEN);
    records.push(record("subscription_schedules", SEEN, schedule));
    let facts = facts(&records);
    let later = facts.charges.iter().filter(|charge| charge.from >= at(SEEN));
    let problems = facts.problems.iter().map(ToString::to_string).collect();
    (later.map(|charge| format!("{}: {}", charge.contract, told(charge))).collect(), problems)
}

#[test]
fn phases_ahead_are_in_force_from_their_day_on() {
    let begun = || phase("2025-01-01", "2025-06-01", &[("team_m", 1)]);
    let cases = [
        (
            "more seats, then another plan",
            vec![
                begun(),
                phase("2025-06-01", "2025-09-01", &[("team_m", 3)]),
                phase("2025-09-01", "2026-01-01", &[("pro_m", 3)]),
            ],
            json!({}),
            vec![
                "sub_1: si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to 2025-06-01, observed",
                "sub_1: si_1 Team 3 = 30 EUR / 1 month, 2025-06-01 to 2025-09-01, observed",
                "sub_1: si_1 Pro 3 = 90 EUR / 1 month, 2025-09-01 to ..., observed",
            ],
        ),
        (
            "an item comes, and one goes",
            vec![
                begun(),
                phase("2025-06-01", "2025-09-01", &[("team_m", 1), ("add_m", 2)]),
                phase("2025-09-01", "2026-01-01", &[("add_m", 2)]),
            ],
            json!({}),
            vec![
                "sub_1: add_m Add-on 2 = 10 EUR / 1 month, 2025-06-01 to ..., observed",
                "sub_1: si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to 2025-09-01, observed",
            ],
        ),
        (
            "it ends with its schedule",
            vec![begun(), phase("2025-06-01", "2025-09-01", &[("team_m", 3)])],
            json!({"end_behavior": "cancel"}),
            vec![
                "sub_1: si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to 2025-06-01, observed",
                "sub_1: si_1 Team 3 = 30 EUR / 1 month, 2025-06-01 to 2025-09-01, observed",
            ],
        ),
        (
            "a schedule that was let go",
            vec![begun(), phase("2025-06-01", "2025-09-01", &[("team_m", 3)])],
            json!({"subscription": null, "released_subscription": "sub_1", "released_at": seconds("2025-03-01"), "end_behavior": "cancel"}),
            vec!["sub_1: si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., observed"],
        ),
    ];
    for (name, phases, more, expect) in cases {
        let (charges, problems) = from_now_on(schedule(phases, more));
        assert_eq!(charges, expect, "{name}");
        assert_eq!(problems, [] as [&str; 0], "{name}");
    }
}

#[test]
fn a_subscription_that_is_still_to_begin_is_contracted() {
    let not_started =
        |phases, more| with(schedule(phases, json!({"status": "not_started", "subscription": null})), more);
    let phases =
        || vec![phase("2025-07-01", "2026-07-01", &[("pro_m", 2)]), phase("2026-07-01", "2027-07-01", &[("pro_m", 5)])];
    let there = "sub_1: si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., observed";
    let first = "sub_sched_1: pro_m Pro 2 = 60 EUR / 1 month, 2025-07-01 to 2026-07-01, observed";
    let cases = [
        (
            "two years",
            not_started(phases(), json!({"end_behavior": "cancel"})),
            vec![there, first, "sub_sched_1: pro_m Pro 5 = 150 EUR / 1 month, 2026-07-01 to 2027-07-01, observed"],
            "",
        ),
        (
            "called off",
            not_started(phases(), json!({"status": "canceled", "canceled_at": seconds("2025-04-01")})),
            vec![there],
            "",
        ),
        ("a test's", not_started(phases(), json!({"test_clock": "clock_1"})), vec![there], ""),
        (
            "on trial at first",
            not_started(vec![with(phases().remove(0), json!({"trial_end": seconds("2025-08-01")}))], json!({})),
            vec![there],
            "",
        ),
        (
            "with a discount",
            not_started(
                vec![with(phases().remove(0), json!({"discounts": [{"coupon": "half"}]}))],
                json!({"end_behavior": "cancel"}),
            ),
            vec![there, first],
            "subscription_schedules/sub_sched_1 phases: discounts of a subscription that has not begun yet are not read; it is planned without them",
        ),
    ];
    for (name, schedule, expect, problem) in cases {
        let (mut charges, problems) = from_now_on(schedule);
        charges.sort();
        assert_eq!(charges, expect, "{name}");
        assert_eq!(problems.join("\n"), problem, "{name}");
    }
}
