//! From Stripe's records to facts. A case is data: what Stripe has, and what it means.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "facts/build.rs"]
mod build;

use build::*;
use mrr_connector_sdk::{Mapper, RawRecord};
use revenue::fact::{AccountFacts, Charge, DiscountScope, DiscountValue};
use serde_json::{Value, json};

const JAN: (&str, &str) = ("2025-01-01", "2025-02-01");
const FEB: (&str, &str) = ("2025-02-01", "2025-03-01");
const MAR: (&str, &str) = ("2025-03-01", "2025-04-01");
const APR: (&str, &str) = ("2025-04-01", "2025-05-01");
/// The connector first saw everything on this day unless a case says otherwise.
const SEEN: &str = "2025-04-10";

fn mapper(references: &[RawRecord]) -> Box<dyn Mapper> {
    mrr_connector_stripe::configure("api_key = 'sk_test_x'".parse().unwrap()).unwrap().mapper(references)
}

/// The facts, after it was seen that no order of the records changes them.
fn facts(records: &[RawRecord]) -> AccountFacts {
    let mut references = references();
    let facts = mapper(&references).facts("cus_1", records);
    let mut shuffled = records.to_vec();
    for turn in 0..records.len().max(1) {
        shuffled.rotate_left(1);
        if turn % 2 == 0 {
            shuffled.reverse();
        }
        references.reverse();
        assert_eq!(mapper(&references).facts("cus_1", &shuffled), facts, "the order of the records decides something");
    }
    facts
}

/// One case: the present, the invoices, what waits for one, and the charges that follow.
struct Case {
    name: &'static str,
    subscription: Value,
    invoices: Vec<Value>,
    pending: Vec<Value>,
    charges: Vec<&'static str>,
}

fn check(case: Case) {
    let records = records(&[case.subscription], &case.invoices, &case.pending, SEEN);
    let facts = facts(&records);
    let found: Vec<String> = facts.charges.iter().map(told).collect();
    assert_eq!(found, case.charges, "{}", case.name);
    assert_eq!(facts.problems, [], "{}", case.name);
}

fn records(subscriptions: &[Value], invoices: &[Value], pending: &[Value], seen: &str) -> Vec<RawRecord> {
    let of = |stream: &'static str, values: &[Value]| {
        values.iter().map(|value| record(stream, seen, value.clone())).collect::<Vec<_>>()
    };
    [of("subscriptions", subscriptions), of("invoices", invoices), of("invoiceitems", pending)].concat()
}

/// `si_1 Team 2 = 20 EUR / 1 month, 2025-01-01 to ..., invoice`.
fn told(charge: &Charge) -> String {
    let until = charge.until.map_or("...".to_owned(), instant);
    format!(
        "{} {} {} = {} {} / {}, {} to {until}, {}",
        charge.item,
        charge.plan,
        charge.quantity,
        charge.amount,
        charge.currency,
        charge.interval,
        instant(charge.from),
        charge.evidence,
    )
}

fn instant(instant: chrono::DateTime<chrono::Utc>) -> String {
    let text = instant.format("%Y-%m-%dT%H:%M:%S").to_string();
    text.trim_end_matches("T00:00:00").to_owned()
}

fn now(price: &str, quantity: i64) -> Vec<Value> {
    vec![item("si_1", price, quantity, "2025-01-01", APR)]
}

fn cycles(price: &str, quantity: i64) -> Vec<Value> {
    let lines = [JAN, FEB, MAR, APR];
    lines
        .map(|month| invoice(&format!("in_{}", month.0), month.0, vec![period("si_1", price, quantity, month)]))
        .to_vec()
}

#[test]
fn changes_within_a_period() {
    let active = |items: Vec<Value>| subscription("active", "2025-01-01", items, json!({}));
    let day = ("2025-02-16", "2025-03-01");
    let [jan, feb, mar, apr] = cycles("team_m", 1).try_into().unwrap();
    let [_, _, mar2, apr2] = <[Value; 4]>::try_from(cycles("team_m", 2)).unwrap();
    check(Case {
        name: "a new subscription",
        subscription: active(now("team_m", 1)),
        invoices: vec![jan.clone(), feb.clone(), mar.clone(), apr.clone()],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    let seat_up = [credit("si_1", "team_m", 1, day), debit("si_1", "team_m", 2, day)];
    let with_cycle =
        invoice("in_mar", "2025-03-01", vec![seat_up[0].clone(), seat_up[1].clone(), period("si_1", "team_m", 2, MAR)]);
    let seat_charges = vec![
        "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-16, invoice",
        "si_1 Team 2 = 20 EUR / 1 month, 2025-02-16 to 2025-04-10, invoice",
        "si_1 Team 2 = 20 EUR / 1 month, 2025-04-10 to ..., observed",
    ];
    check(Case {
        name: "a seat in mid-period, billed with the next cycle",
        subscription: active(now("team_m", 2)),
        invoices: vec![jan.clone(), feb.clone(), with_cycle, apr2.clone()],
        pending: vec![],
        charges: seat_charges.clone(),
    });
    check(Case {
        name: "a seat in mid-period, billed at once",
        subscription: active(now("team_m", 2)),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice("in_up", "2025-02-16", seat_up.to_vec()),
            mar2.clone(),
            apr2.clone(),
        ],
        pending: vec![],
        charges: seat_charges.clone(),
    });
    check(Case {
        name: "the invoice item of a line that was billed is used once",
        subscription: active(now("team_m", 2)),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice(
                "in_up",
                "2025-02-16",
                seat_up
                    .iter()
                    .enumerate()
                    .map(|(index, line)| {
                        let mut line = line.clone();
                        line["parent"]["subscription_item_details"]["invoice_item"] = json!(format!("ii_{index}"));
                        line
                    })
                    .collect(),
            ),
            mar2.clone(),
            apr2.clone(),
        ],
        pending: seat_up
            .iter()
            .enumerate()
            .map(|(index, line)| pending(&format!("ii_{index}"), line.clone()))
            .collect(),
        charges: seat_charges.clone(),
    });
    let april = ("2025-04-05T10:00:00", "2025-05-01");
    let waiting =
        vec![pending("ii_1", credit("si_1", "team_m", 1, april)), pending("ii_2", debit("si_1", "team_m", 4, april))];
    check(Case {
        name: "a change whose prorations wait for the next invoice",
        subscription: active(now("team_m", 4)),
        invoices: vec![jan.clone(), feb.clone(), mar.clone(), apr.clone()],
        pending: waiting,
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-05T10:00:00, invoice",
            "si_1 Team 4 = 40 EUR / 1 month, 2025-04-05T10:00:00 to 2025-04-10, invoice",
            "si_1 Team 4 = 40 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    check(Case {
        name: "an upgrade to another price of the same interval",
        subscription: active(now("pro_m", 1)),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice(
                "in_mar",
                "2025-03-01",
                vec![credit("si_1", "team_m", 1, day), debit("si_1", "pro_m", 1, day), period("si_1", "pro_m", 1, MAR)],
            ),
        ],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-16, invoice",
            "si_1 Pro 1 = 30 EUR / 1 month, 2025-02-16 to 2025-04-10, invoice",
            "si_1 Pro 1 = 30 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    let (early, late) = (("2025-02-10", "2025-03-01"), ("2025-02-20", "2025-03-01"));
    check(Case {
        name: "several changes in one period, two of them in one second, in no order",
        subscription: active(now("team_m", 5)),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice(
                "in_mar",
                "2025-03-01",
                vec![
                    debit("si_1", "team_m", 5, late),
                    debit("si_1", "team_m", 3, early),
                    credit("si_1", "team_m", 4, late),
                    debit("si_1", "team_m", 4, late),
                    credit("si_1", "team_m", 3, late),
                    credit("si_1", "team_m", 1, early),
                    period("si_1", "team_m", 5, MAR),
                ],
            ),
        ],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-10, invoice",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-02-10 to 2025-02-20, invoice",
            "si_1 Team 5 = 50 EUR / 1 month, 2025-02-20 to 2025-04-10, invoice",
            "si_1 Team 5 = 50 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    check(Case {
        name: "there and back within a second is no change",
        subscription: active(now("team_m", 1)),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice(
                "in_mar",
                "2025-03-01",
                vec![
                    credit("si_1", "team_m", 1, day),
                    debit("si_1", "team_m", 2, day),
                    credit("si_1", "team_m", 2, day),
                    debit("si_1", "team_m", 1, day),
                    period("si_1", "team_m", 1, MAR),
                ],
            ),
        ],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    check(Case {
        name: "from free to paid: the credit is of nothing and has no sign",
        subscription: active(now("team_m", 1)),
        invoices: vec![
            invoice("in_jan", "2025-01-01", vec![period("si_1", "free_m", 1, JAN)]),
            invoice("in_feb", "2025-02-01", vec![period("si_1", "free_m", 1, FEB)]),
            invoice(
                "in_mar",
                "2025-03-01",
                vec![debit("si_1", "team_m", 1, day), with(credit("si_1", "free_m", 1, day), json!({"amount": 0}))],
            ),
        ],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 0 EUR / 1 month, 2025-01-01 to 2025-02-16, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-02-16 to 2025-04-10, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    check(Case {
        name: "a change without proration shows at the next cycle",
        subscription: active(now("team_m", 3)),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            mar.clone(),
            invoice("in_apr", "2025-04-01", vec![period("si_1", "team_m", 3, APR)]),
        ],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-01, invoice",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-04-01 to 2025-04-10, invoice",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
    check(Case {
        name: "a change that only the subscription shows holds from when it was seen",
        subscription: active(now("team_m", 7)),
        invoices: vec![jan, feb, mar, apr],
        pending: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice",
            "si_1 Team 7 = 70 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
    });
}

#[test]
fn items_come_and_go() {
    let day = ("2025-02-16", "2025-03-01");
    let items = |extra: Value| vec![item("si_1", "team_m", 1, "2025-01-01", APR), extra];
    let [jan, feb, mar, apr] = cycles("team_m", 1).try_into().unwrap();
    let team: [&str; 2] = [
        "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice",
        "si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., observed",
    ];
    let added = [
        team[0],
        team[1],
        "si_2 Add-on 2 = 10 EUR / 1 month, 2025-02-16 to 2025-04-10, invoice",
        "si_2 Add-on 2 = 10 EUR / 1 month, 2025-04-10 to ..., observed",
    ];
    let active = |items: Vec<Value>| subscription("active", "2025-01-01", items, json!({}));
    check(Case {
        name: "an item is added in mid-period",
        subscription: active(items(item("si_2", "add_m", 2, "2025-02-16", APR))),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice(
                "in_mar",
                "2025-03-01",
                vec![debit("si_2", "add_m", 2, day), period("si_1", "team_m", 1, MAR), period("si_2", "add_m", 2, MAR)],
            ),
            apr.clone(),
        ],
        pending: vec![],
        charges: added.to_vec(),
    });
    let mut unnamed = debit("si_2", "add_m", 2, day);
    unnamed["parent"] = json!({"type": "invoice_item_details", "invoice_item_details": {
        "invoice_item": "ii_9", "proration": true, "subscription": "sub_1",
    }});
    check(Case {
        name: "a line that does not name its item is matched by its price",
        subscription: active(items(item("si_2", "add_m", 2, "2025-02-16", APR))),
        invoices: vec![
            jan.clone(),
            feb.clone(),
            invoice("in_mar", "2025-03-01", vec![unnamed, period("si_1", "team_m", 1, MAR)]),
        ],
        pending: vec![],
        charges: added.to_vec(),
    });
    check(Case {
        name: "an item is removed in mid-period, and only lines tell of it",
        subscription: active(now("team_m", 1)),
        invoices: vec![
            invoice("in_jan", "2025-01-01", vec![period("si_1", "team_m", 1, JAN), period("si_0", "add_m", 1, JAN)]),
            invoice("in_feb", "2025-02-01", vec![period("si_1", "team_m", 1, FEB), period("si_0", "add_m", 1, FEB)]),
            invoice("in_mar", "2025-03-01", vec![credit("si_0", "add_m", 1, day), period("si_1", "team_m", 1, MAR)]),
            apr.clone(),
        ],
        pending: vec![],
        charges: vec!["si_0 Add-on 1 = 5 EUR / 1 month, 2025-01-01 to 2025-02-16, invoice", team[0], team[1]],
    });
    check(Case {
        name: "an item that was not renewed ended with its last period",
        subscription: active(now("team_m", 1)),
        invoices: vec![
            invoice("in_jan", "2025-01-01", vec![period("si_1", "team_m", 1, JAN), period("si_0", "add_m", 1, JAN)]),
            feb,
            mar,
            apr,
        ],
        pending: vec![],
        charges: vec!["si_0 Add-on 1 = 5 EUR / 1 month, 2025-01-01 to 2025-02-01, invoice", team[0], team[1]],
    });
}

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
            &["si_1 Team 2 = 20 EUR / 1 month, 2025-01-01 to 2025-02-01, invoice"],
        ),
        (
            "collection paused: invoices are voided as they are made",
            "active",
            json!({"pause_collection": {"behavior": "void", "resumes_at": null}}),
            &["si_1 Team 2 = 20 EUR / 1 month, 2025-01-01 to 2025-02-01, invoice"],
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
    let found: Vec<String> = facts(&records).charges.iter().map(told).collect();
    assert_eq!(
        found,
        [
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-01, invoice",
            "si_2 Pro 1 = 33 USD / 1 month, 2025-04-01 to 2025-04-10, projected",
            "si_2 Pro 1 = 33 USD / 1 month, 2025-04-10 to ..., observed",
        ]
    );
}

#[test]
fn origins_are_the_subscription_and_the_first_and_last_invoice() {
    let records =
        records(&[subscription("active", "2025-01-01", now("team_m", 1), json!({}))], &cycles("team_m", 1), &[], SEEN);
    let facts = facts(&records);
    assert_eq!(facts.charges[0].origin, ["subscriptions/sub_1", "invoices/in_2025-01-01", "invoices/in_2025-04-01"]);
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
    records[0].first_seen = at("2025-01-01T06:00:00");
    let found: Vec<String> = facts(&records).charges.iter().map(told).collect();
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
    let found: Vec<String> = facts(&records).charges.iter().map(told).collect();
    assert_eq!(
        found[2..],
        [
            "si_0 Add-on 1 = 5 EUR / 1 month, 2025-04-01 to 2025-04-10, observed",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-01T06:00:00, projected",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01T06:00:00 to 2025-04-01, observed",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-04-01 to 2025-04-10, observed",
            "si_1 Team 2 = 20 EUR / 1 month, 2025-04-10 to ..., observed",
        ]
    );
}

/// `contract third 33.33 % Forever from 2025-01-01 until ...`.
fn discounts(facts: &AccountFacts) -> Vec<String> {
    let end = |end: Option<chrono::DateTime<chrono::Utc>>| end.map_or("...".to_owned(), instant);
    let told = facts.discounts.iter().map(|discount| {
        let scope = match &discount.scope {
            DiscountScope::Contract(contract) => contract.clone(),
            DiscountScope::Item { item, .. } => item.clone(),
        };
        let value = match &discount.value {
            DiscountValue::Percent(percent) => format!("{percent} %"),
            DiscountValue::Amount { amount, currency } => format!("{amount} {currency}"),
        };
        let (from, until) = (end(discount.from), end(discount.until));
        format!("{} on {scope}: {value}, {:?}, {from} to {until}", discount.id, discount.duration)
    });
    told.collect()
}

#[test]
fn discounts_of_the_present_and_of_the_past() {
    let deleted = json!({"id": "gone", "percent_off": 12.5, "duration": "repeating"});
    let mut team = item("si_1", "team_m", 1, "2025-01-01", APR);
    team["discounts"] = json!([discount("di_item", json!("five"), "2025-01-01", None)]);
    let pro = item("si_2", "pro_m", 1, "2025-01-01", APR);
    let present = json!({"discounts": [
        discount("di_1", json!("third"), "2025-01-01T00:00:01", None),
        discount("di_2", deleted, "2025-03-05", Some("2025-06-05")),
        discount("di_3", json!("pro_only"), "2025-01-01", None),
    ]});
    // A repeating discount of the first months that is no longer there, and one for one invoice.
    let past = discount("di_0", json!("half"), "2025-01-01", Some("2025-03-01"));
    let dropped = discount("di_00", json!("third"), "2025-01-01", None);
    let mut once = discount("di_once", json!("third"), "2025-01-01", None);
    once["subscription"] = json!(null);
    once["invoice"] = json!("in_2025-01-01");
    let mut invoices = cycles("team_m", 1);
    for month in &mut invoices[..2] {
        month["discounts"] = json!([past, dropped, once]);
        let amounts = json!([
            {"amount": 500, "discount": "di_0"}, {"amount": 100, "discount": "di_00"}, {"amount": 1, "discount": "di_once"},
        ]);
        month["lines"]["data"][0]["discount_amounts"] = amounts;
    }
    let subscription = subscription("active", "2025-01-01", vec![team, pro], present);
    let facts = facts(&records(&[subscription], &invoices, &[], SEEN));
    assert_eq!(facts.problems, []);
    assert_eq!(
        discounts(&facts),
        [
            "di_item on si_1: 5.00 EUR, Forever, ... to ...",
            "di_1 on sub_1: 33.33 %, Forever, ... to ...",
            "di_2 on sub_1: 12.5 %, Repeating, 2025-03-05 to 2025-06-05",
            "di_3 on si_2: 10 %, Forever, ... to ...",
            "di_0 on sub_1: 50.0 %, Repeating, ... to 2025-03-01",
            "di_00 on sub_1: 33.33 %, Forever, ... to 2025-03-01",
        ]
    );
}

#[test]
fn what_cannot_be_read_is_named_and_its_neighbours_go_on() {
    let mut broken_line = period("si_1", "team_m", 1, FEB);
    broken_line["period"]["start"] = json!("soon");
    let mut millis = period("si_1", "team_m", 1, FEB);
    millis["period"]["start"] = json!(1_738_368_000_000_i64);
    let mut odd_discount = period("si_1", "team_m", 1, JAN);
    odd_discount["discount_amounts"] = json!([{"amount": 5, "discount": "di_nowhere"}]);
    let mut no_quantity = item("si_9", "team_m", 1, "2025-01-01", APR);
    no_quantity["quantity"] = json!("many");
    let items = vec![
        item("si_1", "team_m", 1, "2025-01-01", APR),
        item("si_2", "untold_m", 1, "2025-01-01", APR),
        item("si_3", "metered_m", 1, "2025-01-01", APR),
        item("si_4", "pack_m", 1, "2025-01-01", APR),
        item("si_5", "setup", 1, "2025-01-01", APR),
        no_quantity,
    ];
    let more = json!({"discounts": ["di_id", discount("di_1", json!("nowhere"), "2025-01-01", None)]});
    let good = subscription("active", "2025-01-01", items, more);
    let odd = subscription("brand_new", "2025-01-01", vec![], json!({"id": "sub_odd"}));
    let bad = subscription("active", "2025-01-01", now("team_m", 1), json!({"id": "sub_bad", "start_date": null}));
    let invoices = [
        invoice("in_jan", "2025-01-01", vec![broken_line, millis, odd_discount]),
        with(invoice("in_bad", "2025-01-01", vec![]), json!({"lines": 5})),
        invoice("in_gone", "2025-01-01", vec![period("si_0", "price_gone", 1, JAN)]),
    ];
    let facts = facts(&records(&[good, odd, bad], &invoices, &[], SEEN));
    let problems: Vec<String> = facts.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "invoices/in_bad lines: is 5 where an object should be; the invoice is not used as evidence",
            "invoices/in_gone lines.data[0].pricing.price_details.price: the price price_gone of item si_0 is not among the prices; the charge is left out",
            "invoices/in_jan lines.data[0].period.start: is a string where a whole number should be; the line is not used as evidence",
            "invoices/in_jan lines.data[1].period.start: is 1738368000000, which is no time in seconds since 1970; the line is not used as evidence",
            "invoices/in_jan lines.data[2].discount_amounts: names the discount di_nowhere, which stands nowhere; the discount is ignored",
            "subscriptions/sub_1 discounts[0]: is a string where an object should be; the discount is ignored",
            "subscriptions/sub_1 discounts[1]: the coupon nowhere is not among the coupons; the discount di_1 is ignored",
            "subscriptions/sub_1 items.data[1].price: the price untold_m is in tiers that were not sent, which is not read yet; the charge is left out",
            "subscriptions/sub_1 items.data[5].quantity: is no number that can be kept exactly; the item is left out",
            "subscriptions/sub_bad start_date: is missing; the subscription is left out",
            "subscriptions/sub_odd status: is no status that is known; the subscription is counted as active",
        ]
    );
    let charges: Vec<String> = facts.charges.iter().map(told).collect();
    assert_eq!(
        charges,
        [
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., observed",
            "si_4 Pro 1 = 0.05 EUR / 1 month, 2025-01-01 to 2025-04-10, projected",
            "si_4 Pro 1 = 0.05 EUR / 1 month, 2025-04-10 to ..., observed",
        ]
    );
}

#[test]
fn tiers_and_packages_price_the_quantity_and_usage_is_left_out() {
    let items = vec![
        item("si_1", "tiered_m", 5, "2025-01-01", APR),
        item("si_2", "tiered_m", 8, "2025-01-01", APR),
        item("si_3", "pack_m", 11, "2025-01-01", APR),
        item("si_4", "metered_m", 1, "2025-01-01", APR),
    ];
    let facts = facts(&records(&[subscription("active", "2025-04-10", items, json!({}))], &[], &[], "2025-04-10"));
    assert_eq!(facts.problems, []);
    assert_eq!(
        facts.charges.iter().map(told).collect::<Vec<_>>(),
        [
            "si_1 Pro 5 = 35 EUR / 1 month, 2025-04-10 to ..., observed",
            "si_2 Pro 8 = 55.015 EUR / 1 month, 2025-04-10 to ..., observed",
            "si_3 Pro 11 = 0.1 EUR / 1 month, 2025-04-10 to ..., observed",
        ]
    );
}

#[test]
fn accounts_have_a_name_and_a_country() {
    let cases = [
        (json!({"id": "cus_1", "name": "Acme", "email": "a@b.c", "address": {"country": "DE"}}), "Acme", Some("DE")),
        (json!({"id": "cus_1", "name": "", "email": "a@b.c", "address": null}), "a@b.c", None),
        (json!({"id": "cus_1", "deleted": true}), "cus_1", None),
        (json!({"id": "cus_1", "name": 5}), "cus_1", None),
    ];
    for (customer, name, country) in cases {
        let facts = facts(&[record("customers", SEEN, customer)]);
        assert_eq!(facts.account.unwrap().name, name);
        assert_eq!(facts.attributes.first().map(|attribute| attribute.value.as_str()), country);
    }
    let nobody = facts(&records(
        &[subscription("active", "2025-01-01", now("team_m", 1), json!({}))],
        &cycles("team_m", 1),
        &[],
        SEEN,
    ));
    assert!(nobody.account.is_none() && nobody.charges.len() == 2);
}

#[test]
fn invoices_alone_still_tell() {
    let facts = facts(&records(&[], &cycles("team_m", 1)[..2], &[], SEEN));
    let charges: Vec<String> = facts.charges.iter().map(told).collect();
    assert_eq!(charges, ["si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-03-01, invoice"]);
    assert!(facts.problems[0].message.contains("was not listed"), "{:?}", facts.problems);
}

/// Every place in a JSON value.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| places(value, &format!("{at}/{key}"), found)),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, value)| places(value, &format!("{at}/{i}"), found)),
        _ => {}
    }
}

#[test]
fn nothing_at_any_place_makes_it_panic() {
    let day = ("2025-02-16", "2025-03-01");
    let present = json!({"discounts": [discount("di_1", json!("five"), "2025-01-01", Some("2025-06-01"))]});
    let mut month = invoice(
        "in_1",
        "2025-01-01",
        vec![period("si_1", "team_m", 2, JAN), credit("si_1", "team_m", 2, day), debit("si_1", "pro_m", 1, day)],
    );
    month["discounts"] =
        json!([discount("di_0", json!({"id": "c", "percent_off": 10, "duration": "forever"}), "2025-01-01", None)]);
    month["lines"]["data"][0]["discount_amounts"] = json!([{"amount": 5, "discount": "di_0"}]);
    let mut whole = records(
        &[subscription("active", "2025-01-01", now("pro_m", 1), present)],
        &[month],
        &[pending("ii_1", debit("si_1", "pro_m", 3, day))],
        SEEN,
    );
    whole.push(record("customers", SEEN, json!({"id": "cus_1", "name": "Acme", "address": {"country": "DE"}})));
    whole.extend(references());
    let junk = [
        "null",
        "-1",
        "0",
        "1e400",
        "0.5",
        "99999999999999999999999999999999",
        "79228162514264337593543950335",
        "253402300799",
        "\"x\"",
        "\"\\ud800\\u0000\"",
        "\"year\"",
        "true",
        "[]",
        "[null]",
        "{}",
        "{\"id\":1}",
        "",
    ];
    let mut cases = 0;
    for index in 0..whole.len() {
        let value: Value = serde_json::from_str(&whole[index].payload).unwrap();
        let mut found = Vec::new();
        places(&value, "", &mut found);
        for place in &found {
            for text in junk {
                let mut marked = value.clone();
                *marked.pointer_mut(place).unwrap() = json!("@@@");
                let mut records = whole.clone();
                records[index].payload = marked.to_string().replace("\"@@@\"", text);
                let (references, own): (Vec<_>, Vec<_>) = records
                    .into_iter()
                    .partition(|record| ["prices", "products", "coupons"].contains(&&*record.stream));
                let facts = mapper(&references).facts("cus_1", &own);
                revenue::segment::segments(&facts, revenue::calendar::Zone::named("Asia/Tokyo").unwrap());
                cases += 1;
            }
        }
    }
    assert!(cases > 3000, "{cases}");
}

#[test]
fn a_whole_account_as_stripe_sends_it() {
    let fixture: Value = serde_json::from_str(include_str!("fixtures/account.json")).unwrap();
    let mut references = Vec::new();
    let mut own = Vec::new();
    for (stream, values) in fixture.as_object().unwrap() {
        let kept =
            if ["products", "prices", "coupons"].contains(&stream.as_str()) { &mut references } else { &mut own };
        kept.extend(values.as_array().unwrap().iter().map(|value| record(stream, "2026-01-01", value.clone())));
    }
    let facts = mapper(&references).facts("cus_EKcV8uc9hjVgu3", &own);
    let charges: Vec<String> = facts.charges.iter().map(told).collect();
    assert_eq!(facts.problems, []);
    assert_eq!(
        charges,
        [
            "si_xSKFPaSeQpcxOG Team 21 = 5878.95 EUR / 1 year, 2025-09-29T19:30:19 to 2025-12-07T22:03:27, invoice",
            "si_xSKFPaSeQpcxOG Team 25 = 6998.75 EUR / 1 year, 2025-12-07T22:03:27 to 2025-12-08T00:18:21, invoice",
            "si_xSKFPaSeQpcxOG Team 15 = 4199.25 EUR / 1 year, 2025-12-08T00:18:21 to 2025-12-08T02:07:36, invoice",
            "si_xSKFPaSeQpcxOG Business 15 = 8249.25 EUR / 1 year, 2025-12-08T02:07:36 to 2026-01-01, invoice",
            "si_xSKFPaSeQpcxOG Business 15 = 8249.25 EUR / 1 year, 2026-01-01 to ..., observed",
        ]
    );
    let sub = "sub_1iwn3vYyyqiRO3oDwebimrJD";
    let discount = format!("di_1kBat52ivIbmoK9v3WFpK7jX on {sub}: 12.00 EUR, Forever, ... to ...");
    assert_eq!(discounts(&facts), [discount]);
}
