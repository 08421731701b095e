//! Records from a case.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use mrr_connector_sdk::{RawRecord, Version};
use serde_json::{Map, Value, json};

/// A day that is written as one, at midnight.
fn second(text: &str) -> Option<i64> {
    let date: NaiveDate = text.parse().ok()?;
    Some(date.and_time(NaiveTime::MIN).and_utc().timestamp())
}

/// Every day within becomes a second of Unix time.
fn dated(value: &Value) -> Value {
    match value {
        Value::String(text) => second(text).map_or_else(|| value.clone(), Value::from),
        Value::Array(items) => items.iter().map(dated).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), dated(value))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// A record with what a case says in place of its own fields; null takes a field away.
fn merged(mut base: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().into_iter().flatten() {
        base[name] = value.clone();
    }
    if let Value::Object(fields) = &mut base {
        fields.retain(|_, value| !value.is_null());
    }
    dated(&base)
}

fn subscription(changes: &Value, version: &Value, at: &Value) -> Value {
    let base = json!({
        "id": "sub_1", "customer_id": "cus_1", "status": "active", "currency_code": "EUR",
        "billing_period": 1, "billing_period_unit": "month", "created_at": "2025-01-01", "started_at": "2025-01-01",
        "subscription_items": [{"item_price_id": "Team-EUR", "item_type": "plan", "quantity": 2, "unit_price": 5000, "amount": 10000}],
        "deleted": false, "updated_at": at, "resource_version": version,
    });
    merged(base, changes)
}

fn raw(stream: &str, id: &str, payload: &Value, seen: &str) -> RawRecord {
    let seen_at: DateTime<Utc> = DateTime::from_timestamp(second(seen).unwrap(), 0).unwrap();
    let versions = vec![Version { payload: payload.to_string(), seen_at, deleted: false }];
    RawRecord { stream: stream.to_owned(), id: id.to_owned(), versions }
}

/// What the site sells, with what a case adds.
pub fn references(case: &Value) -> Vec<RawRecord> {
    let known: Value = serde_json::from_str(include_str!("../fixtures/references.json")).unwrap();
    let all = known.as_array().unwrap().iter().chain(case["sells"].as_array().into_iter().flatten());
    all.map(|offer| raw(offer["stream"].as_str().unwrap(), offer["id"].as_str().unwrap(), &dated(offer), "2025-01-01"))
        .collect()
}

/// The records of a case, in which a version of a record follows on the one before.
pub fn records(case: &Value) -> Vec<RawRecord> {
    let customer = json!({"id": "cus_1", "company": "Acme", "deleted": false});
    let mut all = vec![raw("customers", "cus_1", &customer, "2025-06-01")];
    if let Some(changes) = case.get("customer") {
        all[0].versions.extend(raw("customers", "cus_1", &merged(customer, changes), "2025-06-02").versions);
    }
    for (n, step) in case["records"].as_array().into_iter().flatten().enumerate() {
        let (at, version) = (&step["at"], &step["v"]);
        let seen = step["at"].as_str().unwrap_or("2025-06-01");
        if let Some(kind) = step["event"].as_str() {
            let mut content = json!({"subscription": subscription(&step["is"], version, at)});
            for (name, document) in step["with"].as_object().into_iter().flatten() {
                content[name] = dated(document);
            }
            let id = format!("ev_{n}");
            let event = json!({"id": id, "event_type": kind, "occurred_at": dated(at), "content": content});
            all.push(raw("events", &id, &event, seen));
        } else if step.get("is").is_some() {
            let payload = subscription(&step["is"], version, at);
            let record = raw("subscriptions", payload["id"].as_str().unwrap(), &payload, seen);
            match all.iter_mut().find(|known| known.stream == "subscriptions" && known.id == record.id) {
                Some(known) => known.versions.extend(record.versions),
                None => all.push(record),
            }
        } else {
            let stream = step["stream"].as_str().unwrap();
            let base = json!({"customer_id": "cus_1", "currency_code": "EUR", "status": "paid", "deleted": false});
            let payload = merged(base, &step["has"]);
            all.push(raw(stream, payload["id"].as_str().unwrap(), &payload, seen));
        }
    }
    all
}
