//! What the API shows of the present comes to the same as the truth's last word.

mod support;

use std::collections::BTreeMap;

use serde_json::Value;
use support::{Served, run};

/// Annual run rates in millionths of the major unit, net and gross, by customer.
type Rates = BTreeMap<String, (i128, i128)>;

const WORLD: [&str; 6] = ["--seed", "21", "--accounts", "200", "--months", "36"];

/// The last row of each account, in millionths.
fn truth() -> Rates {
    let csv = run(&[&["truth"][..], &WORLD].concat());
    let mut rates = Rates::new();
    for row in csv.lines().skip(1) {
        let [account, _, _, net, gross] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{row}") };
        rates.insert(account.into(), (millionths(net), millionths(gross)));
    }
    rates.retain(|_, rates| *rates != (0, 0));
    rates
}

fn millionths(text: &str) -> i128 {
    let (whole, rest) = text.split_once('.').expect("a decimal");
    format!("{whole}{rest:0<6}").parse().expect("digits")
}

/// Hundredths of a percent, from the text of the JSON number.
fn hundredths(percent: &Value) -> i128 {
    let text = percent.to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}{rest:0<2}").parse().expect("digits")
}

/// The same from the subscriptions in force, by the rules of the API's documentation and nothing of ours.
fn shown(world: &Served) -> Rates {
    let mut rates = Rates::new();
    for subscription in world.walk("/v1/subscriptions?expand[]=data.discounts.source.coupon", 100) {
        let mut items = subscription["items"]["data"].as_array().expect("items").clone();
        if subscription["items"]["has_more"] == true {
            items = world.walk(subscription["items"]["url"].as_str().expect("a url"), 100);
        }
        let mut billings = 1;
        let mut gross = 0;
        for item in &items {
            let price = &item["price"];
            billings = if price["recurring"]["interval"] == "month" { 12 } else { 1 };
            let amount: i128 = price["unit_amount_decimal"].as_str().and_then(|a| a.parse().ok()).expect("cents");
            gross += amount * i128::from(item["quantity"].as_i64().expect("units")) * billings * 10_000;
        }
        let coupon = &subscription["discounts"][0]["source"]["coupon"];
        let net = match coupon["amount_off"].as_i64() {
            Some(off) => (gross - i128::from(off) * billings * 10_000).max(0),
            None if coupon["percent_off"].is_null() => gross,
            None => gross * (10_000 - hundredths(&coupon["percent_off"])) / 10_000,
        };
        let sum = rates.entry(subscription["customer"].as_str().expect("a customer").into()).or_default();
        *sum = (sum.0 + net, sum.1 + gross);
    }
    rates
}

#[test]
fn the_present_of_the_api_is_the_truth() {
    assert_eq!(shown(&Served::start(&WORLD)), truth());
}

#[test]
fn a_falsified_price_is_noticed_by_such_a_comparison() {
    let lying = Served::start(&[&WORLD[..], &["--falsify", "price"]].concat());
    assert_ne!(shown(&lying), truth());
}
