//! What can't be read.

use serde_json::{Value, json};

use super::build::*;
use super::case::*;

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
            "subscriptions/sub_1 discounts[0]: names the discount di_id, which stands nowhere; the discount is ignored",
            "subscriptions/sub_1 discounts[1]: the coupon nowhere is not among the coupons; the discount di_1 is ignored",
            "subscriptions/sub_1 items.data[1].price: the price untold_m is in tiers that were not sent, which is not read yet; the charge is left out",
            "subscriptions/sub_1 items.data[5].quantity: is no number that can be kept exactly; the item is left out",
            "subscriptions/sub_bad start_date: is missing; the subscription is left out",
            "subscriptions/sub_odd items: are none, and no invoice names any; the subscription is in force and counted with nothing",
            "subscriptions/sub_odd status: is no status that is known; the subscription is counted as active",
        ]
    );
    let charges: Vec<String> = facts.charges.iter().map(told).collect();
    assert_eq!(
        charges,
        [
            "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-04-10, projected",
            "si_1 Team 1 = 10 EUR / 1 month, 2025-04-10 to ..., projected",
            "si_4 Pro 1 = 0.05 EUR / 1 month, 2025-01-01 to 2025-04-10, projected",
            "si_4 Pro 1 = 0.05 EUR / 1 month, 2025-04-10 to ..., projected",
        ]
    );
    // What is left out or not taken off makes the sum a guess on these days, and they are listed.
    assert_eq!(
        doubts(&facts),
        [
            "2025-01-01 to ...: subscriptions/sub_1",
            "2025-01-01 to ...: subscriptions/sub_1",
            "2025-01-01 to 2025-01-16T12:00:00: invoices/in_gone",
            "2025-01-01 to 2025-02-01: invoices/in_jan",
            "2025-01-01 to 2025-02-01: invoices/in_gone, subscriptions/sub_1",
            "2025-01-01 to 2025-04-10: subscriptions/sub_1",
            "2025-01-01 to 2025-04-10: subscriptions/sub_1",
            "2025-01-01 to 2025-04-10: subscriptions/sub_1",
            "2025-04-10 to ...: subscriptions/sub_1",
        ]
    );
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
    month["lines"]["data"].as_array_mut().unwrap().push(period("si_u", "metered_m", 3, JAN));
    let payment = json!({"status": "paid", "payment": {"type": "payment_intent", "payment_intent": "pi_1"}});
    month["payments"] = json!({"data": [payment]});
    month["amount_paid"] = json!(4321);
    month["lines"]["data"][0]["discount_amounts"] = json!([{"amount": 5, "discount": "di_0"}]);
    let mut whole = records(
        &[subscription("active", "2025-01-01", now("pro_m", 1), present)],
        &[month],
        &[pending("ii_1", debit("si_1", "pro_m", 3, day))],
        SEEN,
    );
    whole.push(record("customers", SEEN, json!({"id": "cus_1", "name": "Acme", "address": {"country": "DE"}})));
    // What was read before: any of its versions can be odd.
    let before = subscription("unpaid", "2025-01-01", now("team_m", 2), json!({"pause_collection": null}));
    whole[0].versions.insert(0, version("2025-03-10", &before));
    let moved = subscription("active", "2025-01-01", now("team_m", 3), json!({}));
    whole.push(super::event::changed("evt_1", "2025-03-05", &before, &moved));
    let phase = |at: &str, quantity: i64| json!({"start_date": seconds(at), "items": [{"price": "team_m", "quantity": quantity}]});
    let phases = json!([phase("2025-01-01", 2), phase("2025-02-01", 3)]);
    let schedule = json!({"id": "sub_sched_1", "subscription": "sub_1", "phases": phases});
    whole.push(record("subscription_schedules", SEEN, schedule));
    let refund = json!({"id": "re_1", "amount": 4321, "created": seconds("2025-01-20"), "status": "succeeded",
        "payment_intent": "pi_1", "charge": {"id": "ch_1", "customer": "cus_1"}});
    whole.push(record("refunds", SEEN, refund));
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
    let versions =
        whole.iter().enumerate().flat_map(|(index, record)| (0..record.versions.len()).map(move |at| (index, at)));
    for (index, at) in versions {
        let value: Value = serde_json::from_str(&whole[index].versions[at].payload).unwrap();
        let mut found = Vec::new();
        places(&value, "", &mut found);
        for place in &found {
            for text in junk {
                let mut marked = value.clone();
                *marked.pointer_mut(place).unwrap() = json!("@@@");
                let mut records = whole.clone();
                records[index].versions[at].payload = marked.to_string().replace("\"@@@\"", text);
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
