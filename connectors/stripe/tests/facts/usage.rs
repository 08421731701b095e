//! What was used, for policies that count it: by default it comes to nothing.

use revenue::fact::AccountFacts;
use serde_json::{Value, json};

use super::build::*;
use super::case::*;

const METER: &str = "si_u";

/// A line over cents for what was used in a period.
fn used(period_of: (&str, &str), cents: i64, more: Value) -> Value {
    let line = with(period(METER, "metered_m", 7, period_of), json!({"amount": cents}));
    with(line, more)
}

/// The bill that comes with the end of a period.
fn bill(created: &str, lines: Vec<Value>) -> Value {
    invoice(&format!("in_{created}"), created, lines)
}

fn read(status: &str, more: Value) -> Value {
    let items = vec![item("si_1", "team_m", 1, "2025-01-01", APR), item(METER, "metered_m", 0, "2025-01-01", APR)];
    with(subscription(status, "2025-01-01", items, json!({})), more)
}

fn learnt(subscription: Value, invoices: &[Value]) -> AccountFacts {
    let subscription = [subscription];
    let found = facts(&records(&subscription, invoices, &[], SEEN));
    assert_eq!((&found.problems, &found.doubts), (&vec![], &vec![]));
    // Without its usage the account is what it was.
    let without = |invoice: &Value| {
        let mut invoice = invoice.clone();
        let lines = invoice["lines"]["data"].as_array_mut().unwrap();
        lines.retain(|line| line["pricing"]["price_details"]["price"] != "metered_m");
        invoice
    };
    let without: Vec<Value> = invoices.iter().map(without).collect();
    let plain = facts(&records(&subscription, &without, &[], SEEN));
    assert_eq!((counted(&found), &found.stood), (counted(&plain), &plain.stood));
    found
}

fn usage(subscription: Value, invoices: &[Value]) -> Vec<String> {
    let found = learnt(subscription, invoices);
    let usage = found.charges.iter().filter(|charge| charge.usage);
    usage.map(|charge| format!("{}, {}", told(charge), charge.origin.join(" "))).collect()
}

fn licensed(month: (&str, &str)) -> Value {
    period("si_1", "team_m", 1, month)
}

/// January to April, each with what was used in the month before.
fn bills(february: Vec<Value>, march: Vec<Value>, april: Vec<Value>) -> Vec<Value> {
    let of = |month: (&str, &str), usage: Vec<Value>| bill(month.0, [usage, vec![licensed(month)]].concat());
    vec![of(JAN, vec![]), of(FEB, february), of(MAR, march), of(APR, april)]
}

#[test]
fn three_months_of_usage_count_for_three_months_each() {
    let month = |month| vec![used(month, 9_000, json!({}))];
    assert_eq!(
        usage(read("active", json!({})), &bills(month(JAN), month(FEB), month(MAR))),
        [
            "si_u Pro 7 = 90 EUR / 3 months, 2025-02-01 to 2025-05-01, invoice, invoices/in_2025-02-01",
            "si_u Pro 7 = 90 EUR / 3 months, 2025-03-01 to 2025-06-01, invoice, invoices/in_2025-03-01",
            "si_u Pro 7 = 90 EUR / 3 months, 2025-04-01 to 2025-07-01, invoice, invoices/in_2025-04-01",
        ]
    );
}

#[test]
fn tiers_are_lines_of_one_bill_and_nothing_is_no_charge() {
    let tiers = vec![used(JAN, 500, json!({"id": "il_a"})), used(JAN, 125, json!({"id": "il_b", "quantity": 3}))];
    assert_eq!(
        usage(read("active", json!({})), &bills(tiers, vec![used(FEB, 0, json!({}))], vec![])),
        ["si_u Pro 10 = 6.25 EUR / 3 months, 2025-02-01 to 2025-05-01, invoice, invoices/in_2025-02-01"]
    );
}

#[test]
fn what_discounts_took_off_was_not_billed() {
    let off = json!({"discount_amounts": [
        {"discount": "di_1", "amount": 900}, {"discount": "di_2", "amount": 0}, {"discount": "di_3", "amount": 100},
    ]});
    let all = json!({"discount_amounts": [{"discount": "di_1", "amount": 9000}]});
    let invoices = bills(vec![used(JAN, 9_000, off)], vec![used(FEB, 9_000, all)], vec![]);
    let records = records(&[read("active", json!({}))], &invoices, &[], SEEN);
    let found: Vec<String> = facts(&records).charges.iter().filter(|charge| charge.usage).map(told).collect();
    assert_eq!(found, ["si_u Pro 7 = 80 EUR / 3 months, 2025-02-01 to 2025-05-01, invoice"]);
}

#[test]
fn it_ends_with_the_contract_and_the_last_bill_counts_nothing() {
    let ended = json!({"canceled_at": seconds("2025-03-11"), "ended_at": seconds("2025-03-11")});
    let last = bill("2025-03-11", vec![used(("2025-03-01", "2025-03-11"), 2_000, json!({}))]);
    let until_march = bills(vec![used(JAN, 9_000, json!({}))], vec![], vec![]).into_iter().take(3);
    assert_eq!(
        usage(read("canceled", ended), &until_march.chain([last]).collect::<Vec<_>>()),
        ["si_u Pro 7 = 90 EUR / 3 months, 2025-02-01 to 2025-03-11, invoice, invoices/in_2025-02-01"]
    );
}

#[test]
fn a_pause_is_the_contracts_and_an_unpaid_time_is_not_in_force() {
    let invoices = bills(vec![used(JAN, 9_000, json!({}))], vec![], vec![]);
    let usage_of = |seen: &[(&str, Value)]| {
        let mut records = records(&[], &invoices, &[], SEEN);
        records.push(versions("subscriptions", seen));
        let found = facts(&records);
        let usage: Vec<String> = found.charges.iter().filter(|charge| charge.usage).map(told).collect();
        (usage, stood(&found))
    };
    let void = json!({"pause_collection": {"behavior": "void", "resumes_at": null}});
    let paused = [
        ("2025-01-05", read("active", json!({}))),
        ("2025-03-10", read("active", void)),
        ("2025-03-20", read("active", json!({}))),
    ];
    let all = "si_u Pro 7 = 90 EUR / 3 months, 2025-02-01 to 2025-05-01, invoice".to_owned();
    assert_eq!(usage_of(&paused), (vec![all], vec!["paused from 2025-03-10 until 2025-03-20".to_owned()]));
    let unpaid = [
        ("2025-01-05", read("active", json!({}))),
        ("2025-03-10", read("unpaid", json!({}))),
        ("2025-03-20", read("active", json!({}))),
    ];
    let parts = [
        "si_u Pro 7 = 90 EUR / 3 months, 2025-02-01 to 2025-03-10, invoice".to_owned(),
        "si_u Pro 7 = 90 EUR / 3 months, 2025-03-20 to 2025-05-01, invoice".to_owned(),
    ];
    assert_eq!(usage_of(&unpaid), (parts.to_vec(), vec![]));
}

#[test]
fn only_bills_that_were_sent_or_charged_say_what_was_used() {
    let status = |status: &str| {
        let mut invoices = bills(vec![used(JAN, 9_000, json!({}))], vec![], vec![]);
        invoices[1]["status"] = status.into();
        let records = records(&[read("active", json!({}))], &invoices, &[], SEEN);
        facts(&records).charges.iter().filter(|charge| charge.usage).count()
    };
    for (of, expect) in [("open", 1), ("paid", 1), ("uncollectible", 1), ("draft", 0), ("void", 0)] {
        assert_eq!(status(of), expect, "{of}");
    }
}

#[test]
fn what_is_billed_more_seldom_is_spread_over_its_own_interval() {
    let every = |unit: &str, count: i64| {
        let price = with(
            price("metered_m"),
            json!({"id": "meter", "recurring": {"interval": unit, "interval_count": count, "usage_type": "metered"}}),
        );
        let meter = with(item(METER, "metered_m", 0, "2025-01-01", APR), json!({"price": price}));
        let line = with(
            used(JAN, 9_000, json!({})),
            json!({"pricing": {"type": "price_details", "price_details": {"price": "meter", "product": "any"}}}),
        );
        let of = subscription("active", "2025-01-01", vec![meter], json!({}));
        let found = facts(&records(&[of], &[bill("2025-02-01", vec![line])], &[], SEEN));
        let charge = found.charges.iter().find(|charge| charge.usage).unwrap().clone();
        format!("{} to {}", charge.interval, instant(charge.until.unwrap()))
    };
    for (unit, count, expect) in [
        ("day", 1, "3 months to 2025-05-01"),
        ("week", 13, "3 months to 2025-05-01"),
        ("week", 14, "14 weeks to 2025-05-10"),
        ("day", 91, "3 months to 2025-05-01"),
        ("day", 92, "92 days to 2025-05-04"),
        ("month", 3, "3 months to 2025-05-01"),
        ("month", 6, "6 months to 2025-08-01"),
        ("year", 2, "2 years to 2027-02-01"),
        // A rhythm that can't be read is no reason to leave the bill out.
        ("fortnight", 1, "3 months to 2025-05-01"),
    ] {
        assert_eq!(every(unit, count), expect, "{count} {unit}");
    }
}
