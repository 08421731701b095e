//! Intervals, trials and ends.

use serde_json::json;

use super::build::*;
use super::case::*;

#[test]
fn intervals_trials_and_ends() {
    let year = ("2025-02-16T12:00:00", "2026-02-16T12:00:00");
    let [jan, feb, mar, apr] = cycles("team_m", 2).try_into().unwrap();
    check(Case {
        name: "from monthly to annual: the whole new period is a plain line",
        subscription: subscription(
            "active",
            "2025-01-01",
            vec![item("si_1", "team_y", 2, "2025-01-01", year)],
            json!({}),
        ),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice(
                "in_switch",
                "2025-02-16T12:00:00",
                vec![
                    credit("si_1", "team_m", 2, ("2025-02-16T12:00:00", "2025-03-01")),
                    period("si_1", "team_y", 2, year),
                ],
            ),
        ],
        pending: vec![],
        charges: vec![
            "si_1 Team 2 = 20 EUR / 1 month, 2025-01-01 to 2025-02-16T12:00:00, invoice",
            "si_1 Team 2 = 200 EUR / 1 year, 2025-02-16T12:00:00 to 2025-04-10, invoice",
            "si_1 Team 2 = 200 EUR / 1 year, 2025-04-10 to ..., observed",
        ],
    });
    check(Case {
        name: "canceled at once, with credits that wait for an invoice",
        subscription: subscription(
            "canceled",
            "2025-01-01",
            now("team_m", 2),
            json!({
                "ended_at": seconds("2025-03-20"), "canceled_at": seconds("2025-03-20"),
            }),
        ),
        invoices: vec![jan.clone(), feb.clone(), mar.clone()],
        pending: vec![pending("ii_1", credit("si_1", "team_m", 2, ("2025-03-20", "2025-04-01")))],
        charges: vec!["si_1 Team 2 = 20 EUR / 1 month, 2025-01-01 to 2025-03-20, invoice"],
    });
    check(Case {
        name: "canceled at the end of the period, which is still to come",
        subscription: subscription(
            "active",
            "2025-01-01",
            now("team_m", 2),
            json!({
                "cancel_at_period_end": true, "canceled_at": seconds("2025-04-02"),
            }),
        ),
        invoices: vec![jan.clone(), feb.clone(), mar.clone(), apr.clone()],
        pending: vec![],
        charges: vec![
            "si_1 Team 2 = 20 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-04-10 to 2025-05-01, observed",
        ],
    });
    check(Case {
        name: "to be canceled at a given time",
        subscription: subscription(
            "past_due",
            "2025-01-01",
            now("team_m", 2),
            json!({"cancel_at": seconds("2025-09-15")}),
        ),
        invoices: vec![jan.clone(), feb.clone(), mar.clone(), apr.clone()],
        pending: vec![],
        charges: vec![
            "si_1 Team 2 = 20 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-04-10 to 2025-09-15, observed",
        ],
    });
    check(Case {
        name: "a trial counts nothing; what follows counts from its end",
        subscription: subscription(
            "active",
            "2025-01-01",
            now("team_m", 2),
            json!({
                "trial_start": seconds("2025-01-01"), "trial_end": seconds("2025-02-01"),
            }),
        ),
        invoices: vec![
            invoice("in_trial", "2025-01-01", vec![with(period("si_1", "team_m", 2, JAN), json!({"amount": 0}))]),
            feb.clone(),
            mar.clone(),
            apr.clone(),
        ],
        pending: vec![],
        charges: vec![
            "si_1 Team 2 = 20 EUR / 1 month, 2025-02-01 to 2025-04-10, invoice",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    for (name, status, more, charges) in [
        ("a trial that runs", "trialing", json!({"trial_end": seconds("2025-05-01")}), &[] as &[&str]),
        ("never paid", "incomplete", json!({}), &[]),
        ("never paid and given up", "incomplete_expired", json!({"ended_at": seconds("2025-01-02")}), &[]),
        (
            "unpaid: until what was last invoiced",
            "unpaid",
            json!({}),
            &["si_1 Team 2 = 20 EUR / 1 month, 2025-01-01 to 2025-02-01, projected"],
        ),
        (
            "collection paused: invoices are voided as they are made",
            "active",
            json!({"pause_collection": {"behavior": "void", "resumes_at": null}}),
            &["si_1 Team 2 = 20 EUR / 1 month, 2025-01-01 to 2025-02-01, projected"],
        ),
    ] {
        check(Case {
            name,
            subscription: subscription(status, "2025-01-01", now("team_m", 2), more),
            invoices: vec![
                jan.clone(),
                with(feb.clone(), json!({"status": "draft"})),
                with(mar.clone(), json!({"status": "void"})),
            ],
            pending: vec![],
            charges: charges.to_vec(),
        });
    }
    check(Case {
        name: "without any invoice the present is carried back",
        subscription: subscription("active", "2025-01-01", now("tiny_m", 8), json!({})),
        invoices: vec![],
        pending: vec![],
        charges: vec![
            "si_1 Team 8 = 0.01 EUR / 1 month, 2025-01-01 to 2025-04-10, projected",
            "si_1 Team 8 = 0.01 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
}

#[test]
fn a_return_is_a_second_subscription() {
    let ended = json!({"ended_at": seconds("2025-02-01"), "canceled_at": seconds("2025-01-20")});
    let first = subscription("canceled", "2025-01-01", now("team_m", 1), ended);
    let back = json!({"id": "sub_2", "currency": "usd"});
    let second = subscription("active", "2025-04-01", vec![item("si_2", "pro_m", 1, "2025-04-01", APR)], back);
    let records = records(&[first, second], &cycles("team_m", 1)[..1], &[], SEEN);
    let found: Vec<String> = counted(&facts(&records)).iter().map(told).collect();
    assert_eq!(
        found,
        [
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-01, invoice",
            "si_2 Pro 1 = 33 USD / 1 month, 2025-04-01 to 2025-04-10, projected",
            "si_2 Pro 1 = 33 USD / 1 month, 2025-04-10 to ..., observed",
        ]
    );
}
