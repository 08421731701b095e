//! The same account in the shapes of different versions of the API: events keep the version of
//! the day on which they were made.

use mrr_connector_sdk::RawRecord;
use serde_json::{Value, json};

use super::build::*;
use super::case::*;
use super::event::event;

/// A change of shape, of the subscription, its invoice and an invoice item that waits.
struct Shape {
    version: &'static str,
    subscription: fn(&mut Value),
    invoice: fn(&mut Value),
    pending: fn(&mut Value),
}

const SHAPES: [Shape; 5] = [
    Shape { version: "2026-03-25.dahlia", subscription: as_is, invoice: decimal_lines, pending: decimal },
    Shape { version: "2025-09-30.clover", subscription: as_is, invoice: as_is, pending: as_is },
    Shape {
        version: "2025-03-31.basil",
        subscription: coupon_of_discounts,
        invoice: coupon_of_discounts,
        pending: as_is,
    },
    Shape {
        version: "2022-11-15",
        subscription: before_basil,
        invoice: invoice_before_basil,
        pending: pending_before_basil,
    },
    Shape { version: "2019-12-03", subscription: with_plans, invoice: invoice_with_plans, pending: pending_with_plans },
];

fn as_is(_: &mut Value) {}

fn remove(object: &mut Value, names: &[&str]) -> Vec<Value> {
    let fields = object.as_object_mut().unwrap();
    names.iter().map(|name| fields.remove(*name).unwrap()).collect()
}

/// Whole units in `quantity`, and fractions beside it.
fn decimal(line: &mut Value) {
    line["quantity_decimal"] = json!(format!("{}.000000", line["quantity"]));
    line["quantity"] = json!(0);
}

fn lines(invoice: &mut Value) -> impl Iterator<Item = &mut Value> {
    invoice["lines"]["data"].as_array_mut().unwrap().iter_mut()
}

fn items(subscription: &mut Value) -> impl Iterator<Item = &mut Value> {
    subscription["items"]["data"].as_array_mut().unwrap().iter_mut()
}

fn decimal_lines(invoice: &mut Value) {
    lines(invoice).for_each(decimal);
}

/// The coupon stands at the discount itself.
fn coupon_of_discounts(holder: &mut Value) {
    for discount in holder["discounts"].as_array_mut().unwrap() {
        discount["coupon"] = remove(discount, &["source"])[0]["coupon"].take();
    }
}

/// One discount alone, and the running period at the subscription.
fn before_basil(subscription: &mut Value) {
    coupon_of_discounts(subscription);
    subscription["discount"] = subscription["discounts"][0].take();
    subscription["discounts"] = json!([subscription["discount"]["id"]]);
    let mut period = json!([]);
    for item in items(subscription) {
        period = json!(remove(item, &["current_period_start", "current_period_end"]));
    }
    subscription["current_period_start"] = period[0].take();
    subscription["current_period_end"] = period[1].take();
}

/// What a line was made from stands at the line, and the whole price too.
fn line_before_basil(line: &mut Value) {
    let removed = remove(line, &["parent", "pricing"]);
    let details = &removed[0]["subscription_item_details"];
    for name in ["subscription", "subscription_item", "proration"] {
        line[name] = details[name].clone();
    }
    line["type"] = json!(if details["proration"] == true { "invoiceitem" } else { "subscription" });
    line["price"] = price(removed[1]["price_details"]["price"].as_str().unwrap());
}

fn invoice_before_basil(invoice: &mut Value) {
    coupon_of_discounts(invoice);
    invoice["discount"] = invoice["discounts"][0].take();
    invoice["discounts"] = json!([]);
    invoice["subscription"] = json!("sub_1");
    lines(invoice).for_each(line_before_basil);
}

fn pending_before_basil(item: &mut Value) {
    let removed = remove(item, &["parent", "pricing"]);
    item["subscription"] = removed[0]["subscription_details"]["subscription"].clone();
    item["subscription_item"] = removed[0]["subscription_details"]["subscription_item"].clone();
    item["price"] = price(removed[1]["price_details"]["price"].as_str().unwrap());
}

/// A plan has its rhythm at itself, and its amount is called so.
fn plan_of(holder: &mut Value) {
    let price = remove(holder, &["price"]).remove(0);
    let recurring = price["recurring"].clone();
    let mut plan =
        json!({"object": "plan", "amount": price["unit_amount"], "amount_decimal": price["unit_amount_decimal"]});
    for name in ["id", "product", "currency", "billing_scheme"] {
        plan[name] = price[name].clone();
    }
    for name in ["interval", "interval_count", "usage_type"] {
        plan[name] = recurring[name].clone();
    }
    holder["plan"] = plan;
}

fn with_plans(subscription: &mut Value) {
    before_basil(subscription);
    remove(subscription, &["discounts"]);
    items(subscription).for_each(plan_of);
}

fn invoice_with_plans(invoice: &mut Value) {
    invoice_before_basil(invoice);
    remove(invoice, &["discounts"]);
    lines(invoice).for_each(plan_of);
}

fn pending_with_plans(item: &mut Value) {
    pending_before_basil(item);
    plan_of(item);
}

#[test]
fn every_version_says_the_same() {
    let given = || json!([discount("di_1", json!("third"), "2025-01-01", None)]);
    let now = subscription("active", "2025-01-01", now("team_m", 4), json!({"discounts": given()}));
    let day = ("2025-02-16", "2025-03-01");
    let month = |id: &str, at, lines| with(invoice(id, at, lines), json!({"discounts": given()}));
    let [jan, feb] =
        [JAN, FEB].map(|period_of| month(period_of.0, period_of.0, vec![period("si_1", "team_m", 1, period_of)]));
    let prorations =
        vec![credit("si_1", "team_m", 1, day), debit("si_1", "team_m", 3, day), period("si_1", "team_m", 3, MAR)];
    let invoices = [jan, feb, month("in_mar", "2025-03-01", prorations)];
    let april = ("2025-04-05", "2025-05-01");
    let waiting =
        [pending("ii_1", credit("si_1", "team_m", 3, april)), pending("ii_2", debit("si_1", "team_m", 4, april))];
    let mut read: Vec<(String, Vec<RawRecord>)> = Vec::new();
    for shape in SHAPES {
        let (mut now, mut invoices, mut waiting) = (now.clone(), invoices.clone(), waiting.clone());
        (shape.subscription)(&mut now);
        invoices.iter_mut().for_each(shape.invoice);
        waiting.iter_mut().for_each(shape.pending);
        let name = |kind: &str| format!("{kind} of {}", shape.version);
        read.push((name("records"), records(&[now.clone()], &invoices, &waiting, SEEN)));
        // The same as events tell it, of what was deleted since.
        let told = |kind: &str, object: &Value| event(&format!("evt_{}", object["id"]), kind, SEEN, object, None);
        let invoices = invoices.iter().map(|invoice| told("invoice.created", invoice));
        let waiting = waiting.iter().map(|item| told("invoiceitem.created", item));
        let subscription = told("customer.subscription.trial_will_end", &now);
        read.push((name("events"), invoices.chain(waiting).chain([subscription]).collect()));
    }
    for (name, records) in read {
        let found = facts(&records);
        let grade = if name.starts_with("events") { "history" } else { "observed" };
        assert_eq!(
            found.charges.iter().map(told).collect::<Vec<_>>(),
            [
                "si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-02-16, invoice".to_owned(),
                "si_1 Team 3 = 30 EUR / 1 month, 2025-02-16 to 2025-04-05, invoice".to_owned(),
                "si_1 Team 4 = 40 EUR / 1 month, 2025-04-05 to 2025-04-10, invoice".to_owned(),
                format!("si_1 Team 4 = 40 EUR / 1 month, 2025-04-10 to ..., {grade}"),
            ],
            "{name}"
        );
        assert_eq!(discounts(&found), ["di_1 on sub_1: 33.33 %, Forever, ... to ..."], "{name}");
        assert_eq!(found.problems, [], "{name}");
    }
}

#[test]
fn a_plan_that_the_references_lack_is_priced_by_itself() {
    let mut old = subscription("active", "2025-01-01", now("team_m", 2), json!({}));
    old["items"]["data"][0]["price"]["id"] = json!("plan_old");
    items(&mut old).for_each(plan_of);
    let found = facts(&records(&[old], &[], &[], "2025-01-01"));
    assert_eq!(
        found.charges.iter().map(told).collect::<Vec<_>>(),
        ["si_1 Team 2 = 20 EUR / 1 month, 2025-01-01 to ..., observed"]
    );
}

#[test]
fn a_shape_that_nobody_knows_is_a_problem_with_its_place() {
    let now = subscription("active", "2025-01-01", now("team_m", 1), json!({}));
    let mut untold = period("si_1", "team_m", 1, JAN);
    remove(&mut untold, &["parent"]);
    untold["subscription"] = json!("sub_1");
    let mut unpriced = period("si_1", "team_m", 1, FEB);
    unpriced["pricing"]["price_details"] = json!({"rate": "r_1"});
    let mut amount = cycles("team_m", 1);
    amount.truncate(1);
    amount[0]["lines"]["data"] = json!([untold, unpriced]);
    let found = facts(&records(&[now], &amount, &[], SEEN));
    let problems: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "invoices/in_2025-01-01 lines.data[0].subscription: is all that tells what the line was made from; the line is not used as evidence",
            "invoices/in_2025-01-01 lines.data[1].pricing.price_details.price: is missing; the line is not used as evidence",
        ]
    );
}

#[test]
fn what_lives_by_a_test_clock_is_in_no_number() {
    let clock = json!({"test_clock": "clock_1"});
    let own = with(subscription("active", "2025-01-01", now("team_m", 1), json!({})), clock.clone());
    let found = facts(&records(&[own], &cycles("team_m", 1), &[], SEEN));
    assert_eq!((found.charges, found.problems, found.doubts), (vec![], vec![], vec![]));
    let mut records =
        records(&[subscription("active", "2025-01-01", now("team_m", 1), json!({}))], &cycles("team_m", 1), &[], SEEN);
    records.push(record("customers", SEEN, with(json!({"id": "cus_1", "name": "Acme"}), clock)));
    let found = facts(&records);
    assert_eq!(found.account.unwrap().name, "Acme");
    assert_eq!((found.charges, found.problems, found.doubts), (vec![], vec![], vec![]));
}
