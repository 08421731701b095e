//! What was given back, for policies that end a contract with it.

use serde_json::{Value, json};

use super::build::*;
use super::case::*;

const PAID: i64 = 10_000;

/// A refund as it is read: its charge tells whose it is.
fn refund(id: &str, of: &str, created: &str, amount: i64) -> Value {
    json!({
        "id": id, "object": "refund", "amount": amount, "currency": "eur", "created": seconds(created),
        "status": "succeeded", "payment_intent": format!("pi_{of}"),
        "charge": {"id": format!("ch_{of}"), "object": "charge", "customer": "cus_1"},
    })
}

/// A bill that was paid by a payment intent.
fn paid(bill: Value) -> Value {
    let payment = json!({"object": "invoice_payment", "status": "paid", "amount_paid": PAID,
        "payment": {"type": "payment_intent", "payment_intent": format!("pi_{}", bill["id"].as_str().unwrap())}});
    let open = json!({"object": "invoice_payment", "status": "canceled", "payment": {"payment_intent": "pi_other"}});
    let payments = json!({"object": "list", "data": [open, payment], "has_more": false});
    with(bill, json!({"amount_paid": PAID, "payments": payments}))
}

/// Bills for whole months from January on.
fn months(count: usize) -> Vec<Value> {
    cycles("team_m", 1).into_iter().take(count).map(paid).collect()
}

fn ended(at: &str) -> Value {
    subscription(
        "canceled",
        "2025-01-01",
        now("team_m", 1),
        json!({"canceled_at": seconds(at), "ended_at": seconds(at)}),
    )
}

fn learnt(subscription: Value, invoices: &[Value], refunds: &[Value]) -> Vec<String> {
    let mut records = records(&[subscription], invoices, &[], SEEN);
    let plain = facts(&records);
    records.extend(refunds.iter().map(|refund| record("refunds", SEEN, refund.clone())));
    let found = facts(&records);
    assert_eq!((&found.charges, &found.doubts, &found.problems), (&plain.charges, &plain.doubts, &plain.problems));
    stood(&found).into_iter().filter(|stood| stood.starts_with("refunded")).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn in_full_and_then_canceled() {
    let back = refund("re_1", "in_2025-02-01", "2025-02-10", PAID);
    assert_eq!(
        learnt(ended("2025-02-20"), &months(2), std::slice::from_ref(&back)),
        ["refunded from 2025-02-10 until 2025-02-20"]
    );
    // Also when it is only about to end, with its period or on a day that is set.
    let with_period = json!({"cancel_at_period_end": true, "canceled_at": seconds("2025-02-12")});
    let with_period = subscription("active", "2025-01-01", now("team_m", 1), with_period);
    assert_eq!(learnt(with_period, &months(2), std::slice::from_ref(&back)), ["refunded from 2025-02-10 until ..."]);
    let on_a_day = json!({"cancel_at": seconds("2025-06-01"), "canceled_at": seconds("2025-02-01")});
    let on_a_day = subscription("active", "2025-01-01", now("team_m", 1), on_a_day);
    assert_eq!(
        learnt(on_a_day, &months(2), std::slice::from_ref(&back)),
        ["refunded from 2025-02-10 until 2025-06-01"]
    );
    // It goes on: somebody was kind.
    let goes_on = subscription("active", "2025-01-01", now("team_m", 1), json!({}));
    assert_eq!(learnt(goes_on, &months(2), &[back]), NONE);
}

#[test]
fn in_parts_that_come_to_all_of_it() {
    let part = |id: &str, at: &str, amount: i64| refund(id, "in_2025-02-01", at, amount);
    let parts = [part("re_1", "2025-02-05", 4_000), part("re_2", "2025-02-10", 6_000)];
    assert_eq!(learnt(ended("2025-02-20"), &months(2), &parts), ["refunded from 2025-02-10 until 2025-02-20"]);
    assert_eq!(learnt(ended("2025-02-20"), &months(2), &parts[..1]), NONE);
    // What failed or is on its way is not given back.
    for status in ["failed", "pending", "canceled", "requires_action"] {
        let other = with(parts[1].clone(), json!({"status": status}));
        assert_eq!(learnt(ended("2025-02-20"), &months(2), &[parts[0].clone(), other]), NONE, "{status}");
    }
}

#[test]
fn of_the_past_and_then_renewed() {
    let back = refund("re_1", "in_2025-02-01", "2025-02-10", PAID);
    assert_eq!(learnt(ended("2025-03-20"), &months(3), std::slice::from_ref(&back)), NONE);
    // The month before was given back, the running one was not.
    let past = refund("re_1", "in_2025-01-01", "2025-02-10", PAID);
    assert_eq!(learnt(ended("2025-02-20"), &months(2), &[past]), NONE);
    // Who does not pay the next bill has not renewed.
    let mut unpaid = months(3);
    unpaid[2]["status"] = "uncollectible".into();
    assert_eq!(learnt(ended("2025-03-20"), &unpaid, &[back]), ["refunded from 2025-02-10 until 2025-03-20"]);
}

#[test]
fn after_the_end_or_of_nothing() {
    let late = refund("re_1", "in_2025-02-01", "2025-02-25", PAID);
    assert_eq!(learnt(ended("2025-02-20"), &months(2), &[late]), NONE);
    let free = months(2).into_iter().map(|bill| with(bill, json!({"amount_paid": 0}))).collect::<Vec<_>>();
    let nothing = refund("re_1", "in_2025-02-01", "2025-02-10", 0);
    assert_eq!(learnt(ended("2025-02-20"), &free, &[nothing]), NONE);
    // Another's payment, and one of nobody's.
    let other = refund("re_1", "in_9", "2025-02-10", PAID);
    let nobodys = with(other.clone(), json!({"id": "re_2", "payment_intent": null, "charge": null}));
    assert_eq!(learnt(ended("2025-02-20"), &months(2), &[other, nobodys]), NONE);
}

#[test]
fn bills_for_changes_and_usage_are_for_no_time_of_their_own() {
    let back = refund("re_1", "in_2025-02-01", "2025-02-10", PAID);
    let rest = ("2025-02-05", "2025-03-01");
    let change = vec![credit("si_1", "team_m", 1, rest), debit("si_1", "team_m", 2, rest)];
    let change = paid(invoice("in_change", "2025-02-05", change));
    let used =
        paid(invoice("in_used", "2025-02-20", vec![period("si_u", "metered_m", 5, ("2025-02-10", "2025-02-20"))]));
    let found = learnt(ended("2025-02-20"), &[months(2), vec![change, used]].concat(), &[back]);
    assert_eq!(found, ["refunded from 2025-02-10 until 2025-02-20"]);
}

#[test]
fn older_bills_name_what_they_were_paid_by_themselves() {
    for named in [json!({"charge": "ch_in_2025-02-01"}), json!({"payment_intent": {"id": "pi_in_2025-02-01"}})] {
        let older = |bill: Value| {
            let mut bill = with(bill, named.clone());
            bill.as_object_mut().unwrap().remove("payments");
            bill
        };
        let bills: Vec<Value> = months(2).into_iter().map(older).collect();
        let back = refund("re_1", "in_2025-02-01", "2025-02-10", PAID);
        assert_eq!(learnt(ended("2025-02-20"), &bills, &[back]), ["refunded from 2025-02-10 until 2025-02-20"]);
    }
}

#[test]
fn what_cannot_be_read_costs_the_refund_alone() {
    let odd = with(refund("re_1", "in_2025-02-01", "2025-02-10", PAID), json!({"amount": "all"}));
    let mut bills = months(2);
    bills[0]["payments"] = json!({"data": [7]});
    let mut records = records(&[ended("2025-02-20")], &bills, &[], SEEN);
    records.push(record("refunds", SEEN, odd));
    let found = facts(&records);
    let problems: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "invoices/in_2025-01-01 payments.data[0]: is 7 where an object should be; what was given back of it is not known",
            "refunds/re_1 amount: is no number that can be kept exactly; the refund is not used",
        ]
    );
    assert_eq!((counted(&found).len(), stood(&found).len()), (1, 0));
}
