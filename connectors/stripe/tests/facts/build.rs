//! Stripe's records in as few words as a case needs. The shapes are those of version
//! 2026-05-27.dahlia; fields that the mapper does not read are left out.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use mrr_connector_sdk::{RawRecord, Version};
use serde_json::{Value, json};

/// `2025-01-16` or `2025-01-16T10:00:00`.
pub fn at(text: &str) -> DateTime<Utc> {
    let midnight = |date: NaiveDate| date.and_hms_opt(0, 0, 0).unwrap();
    text.parse::<NaiveDateTime>().or_else(|_| text.parse().map(midnight)).unwrap().and_utc()
}

pub fn seconds(text: &str) -> i64 {
    at(text).timestamp()
}

/// What a record said when it was read.
pub fn version(seen: &str, payload: &Value) -> Version {
    Version { payload: payload.to_string(), seen_at: at(seen), deleted: false }
}

/// A record that was seen at one instant.
pub fn record(stream: &str, seen: &str, payload: Value) -> RawRecord {
    RawRecord {
        stream: stream.to_owned(),
        id: payload["id"].as_str().unwrap().to_owned(),
        versions: vec![version(seen, &payload)],
    }
}

/// What all cases refer to.
pub fn references() -> Vec<RawRecord> {
    let price = |id: &str, product: &str, interval: &str, cents: i64, more: Value| {
        let mut price = json!({
            "id": id, "object": "price", "product": product, "currency": "eur", "type": "recurring",
            "billing_scheme": "per_unit", "unit_amount": cents, "unit_amount_decimal": cents.to_string(),
            "recurring": {"interval": interval, "interval_count": 1, "usage_type": "licensed"},
        });
        price.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        price
    };
    let metered = json!({"recurring": {"interval": "month", "interval_count": 1, "usage_type": "metered"}});
    let prices = [
        price("team_m", "prod_team", "month", 1000, json!({})),
        price("team_y", "prod_team", "year", 10000, json!({})),
        price(
            "pro_m",
            "prod_pro",
            "month",
            3000,
            json!({"currency_options": {"eur": {"unit_amount": 3000}, "usd": {"unit_amount": 3300, "unit_amount_decimal": "3300"}}}),
        ),
        price("add_m", "prod_add", "month", 500, json!({})),
        price("tiny_m", "prod_team", "month", 0, json!({"unit_amount": null, "unit_amount_decimal": "0.125"})),
        price("free_m", "prod_team", "month", 0, json!({})),
        price(
            "tiered_m",
            "prod_pro",
            "month",
            0,
            json!({"billing_scheme": "tiered", "tiers_mode": "graduated", "unit_amount": null, "unit_amount_decimal": null, "tiers": [
                {"up_to": 5, "unit_amount": 700, "unit_amount_decimal": "700", "flat_amount": null, "flat_amount_decimal": null},
                {"up_to": null, "unit_amount": null, "unit_amount_decimal": "600.5", "flat_amount": 200, "flat_amount_decimal": "200"},
            ]}),
        ),
        price(
            "untold_m",
            "prod_pro",
            "month",
            0,
            json!({"billing_scheme": "tiered", "tiers_mode": "volume", "unit_amount": null, "unit_amount_decimal": null}),
        ),
        price("metered_m", "prod_pro", "month", 5, metered),
        price("pack_m", "prod_pro", "month", 5, json!({"transform_quantity": {"divide_by": 10, "round": "up"}})),
        price(
            "gross_m",
            "prod_pro",
            "month",
            1190,
            json!({"tax_behavior": "inclusive", "currency_options": {
                "usd": {"unit_amount": 1000, "unit_amount_decimal": "1000", "tax_behavior": "exclusive"},
            }}),
        ),
        price("setup", "prod_pro", "month", 9900, json!({"type": "one_time", "recurring": null})),
    ];
    let products = [("prod_team", "Team"), ("prod_pro", "Pro"), ("prod_add", "Add-on")];
    let coupons = [
        r#"{"id":"third","object":"coupon","percent_off":33.33,"duration":"forever"}"#,
        r#"{"id":"half","object":"coupon","percent_off":50.0,"duration":"repeating","duration_in_months":3}"#,
        r#"{"id":"five","object":"coupon","amount_off":500,"currency":"eur","duration":"forever","percent_off":null}"#,
        r#"{"id":"pro_only","object":"coupon","percent_off":10,"duration":"forever","applies_to":{"products":["prod_pro"]}}"#,
        r#"{"id":"paid_only","object":"coupon","amount_off":400,"currency":"eur","duration":"forever","applies_to":{"products":["prod_pro","prod_add"]}}"#,
    ];
    let seen = "2025-06-10";
    let prices = prices.into_iter().map(|price| record("prices", seen, price));
    let products = products.map(|(id, name)| record("products", seen, json!({"id": id, "name": name})));
    let coupons = coupons.map(|text| {
        let mut coupon = record("coupons", seen, serde_json::from_str(text).unwrap());
        text.clone_into(&mut coupon.versions[0].payload);
        coupon
    });
    prices.chain(products).chain(coupons).collect()
}

/// The whole price object, as Stripe embeds it in items.
pub fn price(id: &str) -> Value {
    let found = references().into_iter().find(|record| record.stream == "prices" && record.id == id);
    serde_json::from_str(&found.unwrap().versions[0].payload).unwrap()
}

/// An item as it is now, in the period that begins on `period`.
pub fn item(id: &str, price_id: &str, quantity: i64, created: &str, period: (&str, &str)) -> Value {
    json!({
        "id": id, "object": "subscription_item", "price": price(price_id), "quantity": quantity,
        "created": seconds(created), "discounts": [],
        "current_period_start": seconds(period.0), "current_period_end": seconds(period.1),
    })
}

/// A subscription `sub_1` as it is now; `more` overrides.
pub fn subscription(status: &str, start: &str, items: Vec<Value>, more: Value) -> Value {
    let mut subscription = json!({
        "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": status, "currency": "eur",
        "created": seconds(start), "start_date": seconds(start), "cancel_at_period_end": false, "cancel_at": null,
        "ended_at": null, "canceled_at": null, "trial_start": null, "trial_end": null, "discounts": [],
        "items": {"object": "list", "data": items, "has_more": false},
    });
    subscription.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    subscription
}

/// A paid invoice of `sub_1`.
pub fn invoice(id: &str, created: &str, lines: Vec<Value>) -> Value {
    json!({
        "id": id, "object": "invoice", "customer": "cus_1", "status": "paid", "created": seconds(created),
        "discounts": [], "lines": {"object": "list", "data": lines, "has_more": false},
    })
}

fn line(item: &str, price: &str, quantity: i64, period: (&str, &str), amount: i64, proration: bool) -> Value {
    json!({
        "id": format!("il_{item}_{price}_{quantity}_{}_{amount}", period.0), "object": "line_item",
        "amount": amount, "currency": "eur", "quantity": quantity,
        "period": {"start": seconds(period.0), "end": seconds(period.1)},
        "parent": {"type": "subscription_item_details", "subscription_item_details": {
            "subscription": "sub_1", "subscription_item": item, "proration": proration, "invoice_item": null,
        }},
        "pricing": {"type": "price_details", "price_details": {"price": price, "product": "any"}},
        "discount_amounts": [], "discounts": [],
    })
}

/// A line for a whole period.
pub fn period(item: &str, price: &str, quantity: i64, period: (&str, &str)) -> Value {
    line(item, price, quantity, period, 4321, false)
}

/// "Unused time": the amount is never looked at but for its sign.
pub fn credit(item: &str, price: &str, quantity: i64, period: (&str, &str)) -> Value {
    line(item, price, quantity, period, -1234, true)
}

/// "Remaining time".
pub fn debit(item: &str, price: &str, quantity: i64, period: (&str, &str)) -> Value {
    line(item, price, quantity, period, 1234, true)
}

/// The line with other fields on top.
pub fn with(mut value: Value, more: Value) -> Value {
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

/// The invoice item that a proration line is made from, waiting for its invoice.
pub fn pending(id: &str, line: Value) -> Value {
    let details = &line["parent"]["subscription_item_details"];
    json!({
        "id": id, "object": "invoiceitem", "customer": "cus_1", "date": line["period"]["start"], "proration": true,
        "amount": line["amount"], "currency": "eur", "quantity": line["quantity"], "period": line["period"],
        "pricing": line["pricing"], "invoice": null,
        "parent": {"type": "subscription_details", "subscription_details": {
            "subscription": details["subscription"], "subscription_item": details["subscription_item"],
        }},
    })
}

pub fn discount(id: &str, coupon: Value, start: &str, end: Option<&str>) -> Value {
    json!({
        "id": id, "object": "discount", "source": {"type": "coupon", "coupon": coupon},
        "start": seconds(start), "end": end.map(seconds), "subscription": "sub_1",
    })
}

/// A record as it was read at several times.
pub fn versions(stream: &str, read: &[(&str, Value)]) -> RawRecord {
    let versions = read.iter().map(|(at, payload)| version(at, payload)).collect();
    RawRecord { versions, ..record(stream, read[0].0, read[0].1.clone()) }
}
