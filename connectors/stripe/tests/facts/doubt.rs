//! What nobody can know is listed, and what two records agree about is not doubted.

use mrr_connector_sdk::RawRecord;
use serde_json::{Value, json};

use super::build::*;
use super::case::*;

/// One case: what Stripe has of `sub_1`, the charges that follow, and what is doubtful.
struct Doubtful {
    name: &'static str,
    subscription: Value,
    invoices: Vec<Value>,
    others: Vec<RawRecord>,
    charges: Vec<&'static str>,
    doubts: Vec<&'static str>,
}

fn check(case: Doubtful) {
    let mut records = records(&[case.subscription], &case.invoices, &[], SEEN);
    records.extend(case.others);
    let facts = facts(&records);
    assert_eq!(counted(&facts).iter().map(told).collect::<Vec<_>>(), case.charges, "{}", case.name);
    assert_eq!(doubts(&facts), case.doubts, "{}", case.name);
    assert_eq!(facts.problems, [], "{}", case.name);
}

fn active(quantity: i64) -> Value {
    subscription("active", "2025-01-01", now("team_m", quantity), json!({}))
}

fn month(quantity: i64, month: (&str, &str), more: Value) -> Value {
    with(invoice(&format!("in_{}", &month.0[5..7]), month.0, vec![period("si_1", "team_m", quantity, month)]), more)
}

fn paid(at: &str) -> Value {
    json!({"status": "paid", "status_transitions": {"paid_at": seconds(at)}})
}

fn void(at: &str) -> Value {
    json!({"status": "void", "status_transitions": {"voided_at": seconds(at)}})
}

fn written_off(at: &str) -> Value {
    json!({"status": "uncollectible", "status_transitions": {"marked_uncollectible_at": seconds(at)}})
}

#[test]
fn changes_that_nothing_dates() {
    check(Doubtful {
        name: "all bills agree",
        subscription: active(1),
        invoices: cycles("team_m", 1),
        others: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
        doubts: vec![],
    });
    let up = [JAN, FEB].map(|period| month(1, period, json!({})));
    let up = up.into_iter().chain([MAR, APR].map(|period| month(3, period, json!({}))));
    let invoices: Vec<Value> = up.collect();
    check(Doubtful {
        name: "changed without a proration",
        subscription: active(3),
        invoices: invoices.clone(),
        others: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-01, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-02-01 to 2025-02-15, projected",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-02-15 to 2025-03-01, projected",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-03-01 to 2025-04-10, invoice",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
        doubts: vec!["2025-02-01 to 2025-03-01: invoices/in_02, invoices/in_03"],
    });
    let phase = |start: &str, end: &str, quantity: i64| json!({"start_date": seconds(start), "end_date": seconds(end), "items": [{"price": "team_m", "quantity": quantity}]});
    let schedule = json!({
        "id": "sub_sched_1", "customer": "cus_1", "status": "active", "subscription": "sub_1",
        "phases": [phase("2025-01-01", "2025-02-20", 1), phase("2025-02-20", "2025-06-01", 3), phase("2025-06-01", "2025-07-01", 9)],
    });
    check(Doubtful {
        name: "changed as a schedule had planned",
        subscription: active(3),
        invoices: invoices.clone(),
        others: vec![record("subscription_schedules", SEEN, schedule.clone())],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-20, invoice",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-02-20 to 2025-04-10, invoice",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-04-10 to 2025-06-01, observed",
            "si_1 Team 9 = 90 EUR / 1 month, 2025-06-01 to ..., observed",
        ],
        doubts: vec![],
    });
    let released =
        json!({"subscription": null, "released_subscription": "sub_1", "released_at": seconds("2025-02-03")});
    check(Doubtful {
        name: "a schedule that let go before",
        subscription: active(3),
        invoices,
        others: vec![record("subscription_schedules", SEEN, with(schedule, released))],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-01, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-02-01 to 2025-02-15, projected",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-02-15 to 2025-03-01, projected",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-03-01 to 2025-04-10, invoice",
            "si_1 Team 3 = 30 EUR / 1 month, 2025-04-10 to ..., observed",
        ],
        doubts: vec!["2025-02-01 to 2025-03-01: invoices/in_02, invoices/in_03"],
    });
}

#[test]
fn pauses_and_unpaid_times() {
    let observed = "si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., observed";
    check(Doubtful {
        name: "a bill was voided as it was made: collecting was paused then",
        subscription: active(1),
        invoices: vec![
            month(1, JAN, json!({})),
            month(1, FEB, void("2025-02-01")),
            month(1, MAR, json!({})),
            month(1, APR, json!({})),
        ],
        others: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-01, projected",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-02-15 to 2025-03-01, projected",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-03-01 to 2025-04-10, invoice",
            observed,
        ],
        doubts: vec![
            "2025-01-01 to 2025-02-01: invoices/in_01, invoices/in_02",
            "2025-02-01 to 2025-03-01: invoices/in_02, invoices/in_03",
        ],
    });
    let ended = json!({"ended_at": seconds("2025-02-20")});
    check(Doubtful {
        name: "paused and canceled: nothing says that it went on before",
        subscription: subscription("canceled", "2025-01-01", now("team_m", 1), ended),
        invoices: vec![month(1, JAN, json!({})), month(1, FEB, void("2025-02-01"))],
        others: vec![],
        charges: vec!["si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-01, projected"],
        doubts: vec![
            "2025-01-01 to 2025-02-01: invoices/in_01, invoices/in_02",
            "2025-02-01 to 2025-02-20: invoices/in_02, subscriptions/sub_1",
        ],
    });
    check(Doubtful {
        name: "a bill that was taken back by hand says nothing",
        subscription: active(1),
        invoices: vec![month(1, JAN, json!({})), month(1, FEB, void("2025-02-09")), month(1, MAR, json!({}))],
        others: vec![],
        charges: vec!["si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice", observed],
        doubts: vec![],
    });
    check(Doubtful {
        name: "unpaid: bills were left as drafts, until what was open was paid",
        subscription: active(1),
        invoices: vec![
            month(1, JAN, paid("2025-03-20")),
            month(1, FEB, json!({"status": "draft"})),
            month(1, MAR, json!({"status": "draft"})),
            month(1, APR, json!({})),
        ],
        others: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-01-15, projected",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-03-20 to 2025-04-10, invoice",
            observed,
        ],
        doubts: vec!["2025-01-01 to 2025-02-01: invoices/in_01, invoices/in_02"],
    });
    check(Doubtful {
        name: "drafts after bills that were all paid: a pause keeps them, and service goes on",
        subscription: active(1),
        invoices: vec![
            month(1, JAN, paid("2025-01-01")),
            month(1, FEB, json!({"status": "draft"})),
            month(1, MAR, json!({"status": "draft"})),
            month(1, APR, json!({})),
        ],
        others: vec![],
        charges: vec!["si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice", observed],
        doubts: vec![],
    });
    check(Doubtful {
        name: "bills that were given up as they were made: a pause did so, and service went on to its end",
        subscription: subscription(
            "canceled",
            "2025-01-01",
            now("team_m", 1),
            json!({"ended_at": seconds("2025-04-01")}),
        ),
        invoices: vec![
            month(1, JAN, json!({})),
            month(1, FEB, written_off("2025-02-01")),
            month(1, MAR, written_off("2025-03-01")),
        ],
        others: vec![],
        charges: vec!["si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-01, invoice"],
        doubts: vec![],
    });
    check(Doubtful {
        name: "paid late",
        subscription: active(1),
        invoices: vec![
            month(1, JAN, json!({})),
            month(1, FEB, paid("2025-02-04")),
            month(1, MAR, paid("2025-03-19")),
            month(1, APR, json!({})),
        ],
        others: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-03-01, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-03-01 to 2025-03-19, projected",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-03-19 to 2025-04-10, invoice",
            observed,
        ],
        doubts: vec!["2025-03-01 to 2025-03-19: invoices/in_03, invoices/in_04"],
    });
    let year = ("2025-01-01", "2026-01-01");
    let yearly = |more: Value| {
        let bill = invoice("in_01", "2025-01-01", vec![period("si_1", "team_y", 1, year)]);
        let bill = with(bill, with(paid("2025-03-20"), more));
        let item = item("si_1", "team_y", 1, "2025-01-01", year);
        (subscription("active", "2025-01-01", vec![item], json!({})), vec![bill])
    };
    let (subscribed, invoices) = yearly(json!({}));
    check(Doubtful {
        name: "paid after months: unpaid from when Stripe gave up trying",
        subscription: subscribed,
        invoices,
        others: vec![],
        charges: vec![
            "si_1 Team 1 = 100 EUR / 1 year, 2025-01-01 to 2025-01-15, projected",
            "si_1 Team 1 = 100 EUR / 1 year, 2025-03-20 to 2025-04-10, invoice",
            "si_1 Team 1 = 100 EUR / 1 year, 2025-04-10 to ..., observed",
        ],
        doubts: vec!["2025-01-01 to 2025-03-20: invoices/in_01, subscriptions/sub_1"],
    });
    let (subscribed, invoices) = yearly(json!({"due_date": seconds("2025-01-31")}));
    check(Doubtful {
        name: "sent, to be paid within a month, and paid late: nothing was tried in vain",
        subscription: subscribed,
        invoices,
        others: vec![],
        charges: vec![
            "si_1 Team 1 = 100 EUR / 1 year, 2025-01-01 to 2025-01-31, invoice",
            "si_1 Team 1 = 100 EUR / 1 year, 2025-01-31 to 2025-03-20, projected",
            "si_1 Team 1 = 100 EUR / 1 year, 2025-03-20 to 2025-04-10, invoice",
            "si_1 Team 1 = 100 EUR / 1 year, 2025-04-10 to ..., observed",
        ],
        doubts: vec!["2025-01-31 to 2025-03-20: invoices/in_01, subscriptions/sub_1"],
    });
    check(Doubtful {
        name: "billed on while long owed: whoever has it so leaves them past due",
        subscription: active(1),
        invoices: vec![
            month(1, JAN, paid("2025-02-08")),
            month(1, FEB, paid("2025-02-02")),
            month(1, MAR, paid("2025-03-30")),
            month(1, APR, json!({})),
        ],
        others: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-03-01, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-03-01 to 2025-03-30, projected",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-03-30 to 2025-04-10, invoice",
            observed,
        ],
        doubts: vec!["2025-03-01 to 2025-03-30: invoices/in_03, invoices/in_04"],
    });
    check(Doubtful {
        name: "what is owed still and counts all the same never went unpaid",
        subscription: subscription("past_due", "2025-01-01", now("team_m", 1), json!({})),
        invoices: [JAN, FEB].map(|period| month(1, period, json!({"status": "open"}))).to_vec(),
        others: vec![],
        charges: vec!["si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-10, invoice", observed],
        doubts: vec![],
    });
    let given_up = json!({
        "ended_at": seconds("2025-03-20"), "cancellation_details": {"reason": "payment_failed"},
    });
    check(Doubtful {
        name: "never paid, and ended for it after weeks",
        subscription: subscription("canceled", "2025-01-01", now("team_m", 1), given_up),
        invoices: vec![month(1, JAN, json!({})), month(1, FEB, json!({"status": "uncollectible"}))],
        others: vec![],
        charges: vec![
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-01, invoice",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-02-01 to 2025-02-15, projected",
        ],
        doubts: vec!["2025-02-01 to 2025-03-20: invoices/in_02, subscriptions/sub_1"],
    });
    let trial = json!({"trial_start": seconds("2025-01-01"), "trial_end": seconds("2025-01-15")});
    let trial = |status: &str| subscription(status, "2025-01-01", now("team_m", 1), trial.clone());
    let of_trial = || month(1, ("2025-01-01", "2025-01-15"), json!({}));
    check(Doubtful {
        name: "paused when the trial ended, and billed from when there was a way to pay",
        subscription: trial("active"),
        invoices: vec![of_trial(), month(1, MAR, json!({}))],
        others: vec![],
        charges: vec!["si_1 Team 1 = 10 EUR / 1 month, 2025-03-01 to 2025-04-10, invoice", observed],
        doubts: vec![],
    });
    check(Doubtful {
        name: "paused when the trial ended, and canceled without a bill",
        subscription: with(trial("canceled"), json!({"ended_at": seconds("2025-01-22")})),
        invoices: vec![of_trial()],
        others: vec![],
        charges: vec![],
        doubts: vec![],
    });
    check(Doubtful {
        name: "canceled before the first bill after the trial would have been written",
        subscription: with(trial("canceled"), json!({"ended_at": seconds("2025-01-15T12:00:00")})),
        invoices: vec![of_trial()],
        others: vec![],
        charges: vec!["si_1 Team 1 = 10 EUR / 1 month, 2025-01-15 to 2025-01-15T12:00:00, invoice"],
        doubts: vec![],
    });
    check(Doubtful {
        name: "paused when the trial ended, and still so",
        subscription: trial("paused"),
        invoices: vec![of_trial()],
        others: vec![],
        charges: vec![],
        doubts: vec![],
    });
}

#[test]
fn discounts_that_are_gone() {
    let given = || discount("di_1", json!("third"), "2025-01-01", None);
    let reduced = |period| month(1, period, json!({"discounts": [given()]}));
    let invoices = [reduced(JAN), reduced(FEB), month(1, MAR, json!({})), month(1, APR, json!({}))];
    let found = facts(&records(&[active(1)], &invoices, &[], SEEN));
    assert_eq!(discounts(&found), ["di_1 on sub_1: 33.33 %, Forever, ... to 2025-02-15"]);
    assert_eq!(doubts(&found), ["2025-02-01 to 2025-03-01: invoices/in_02, invoices/in_03"]);
    // Its own end is known, wherever in a period it lies.
    let ending = || json!({"discounts": [discount("di_1", json!("half"), "2025-01-01", Some("2025-02-15"))]});
    let invoices = [month(1, JAN, ending()), month(1, FEB, ending()), month(1, MAR, json!({}))];
    let found = facts(&records(&[active(1)], &invoices, &[], SEEN));
    assert_eq!(discounts(&found), ["di_1 on sub_1: 50.0 %, Repeating, ... to 2025-02-15"]);
    assert_eq!(doubts(&found), [] as [&str; 0]);
}

#[test]
fn a_discount_of_the_customer_works_where_there_is_no_other() {
    let of_customer =
        with(discount("di_c", json!("third"), "2025-02-10", None), json!({"subscription": null, "customer": "cus_1"}));
    let customer = json!({"id": "cus_1", "name": "Acme", "discount": of_customer});
    let own = with(
        active(1),
        json!({"id": "sub_2", "discounts": [discount("di_2", json!("half"), "2025-03-05", Some("2025-06-05"))]}),
    );
    let mut records = records(&[active(1), own], &[], &[], SEEN);
    records.push(record("customers", SEEN, customer));
    let found = facts(&records);
    assert_eq!(
        discounts(&found),
        [
            "di_c on sub_1: 33.33 %, Forever, 2025-02-10 to ...",
            "di_2 on sub_2: 50.0 %, Repeating, 2025-03-05 to 2025-06-05",
            "di_c on sub_2: 33.33 %, Forever, 2025-02-10 to 2025-03-05",
            "di_c on sub_2: 33.33 %, Forever, 2025-06-05 to ...",
        ]
    );
    assert_eq!(found.problems, []);
}
