//! HubSpot's records in as few words as a case needs.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use mrr_connector_sdk::{RawRecord, Version};
use revenue::calendar::Zone;
use revenue::fact::{AccountFacts, Charge};
use serde_json::{Value, json};

/// The connector first saw everything on this day unless a case says otherwise.
pub const SEEN: &str = "2026-06-01";

/// `2025-01-16` or `2025-01-16T10:00:00`.
pub fn at(text: &str) -> DateTime<Utc> {
    let midnight = |date: NaiveDate| date.and_hms_opt(0, 0, 0).unwrap();
    text.parse::<NaiveDateTime>().or_else(|_| text.parse().map(midnight)).unwrap().and_utc()
}

pub fn record(stream: &str, versions: &[(&str, Value)]) -> RawRecord {
    let id = versions.iter().find_map(|(_, payload)| payload["id"].as_str()).unwrap().to_owned();
    let version = |(seen, payload): &(&str, Value)| Version {
        payload: payload.to_string(),
        seen_at: at(seen),
        deleted: payload.is_null(),
    };
    RawRecord { stream: stream.to_owned(), id, versions: versions.iter().map(version).collect() }
}

/// Newest first, as HubSpot has it: `[("2025-01-01", "lead"), ...]` in the order of time.
pub fn history(entries: &[(&str, &str)]) -> Value {
    let entry = |(when, value): &(&str, &str)| json!({"value": value, "timestamp": at(when).to_rfc3339(), "sourceType": "CRM_UI"});
    entries.iter().rev().map(entry).collect()
}

/// A company with the histories of some properties.
pub fn company(properties: Value, histories: &[(&str, &[(&str, &str)])]) -> Value {
    let mut value = json!({
        "id": "501", "properties": properties, "createdAt": "2025-01-01T00:00:00Z", "archived": false,
        "propertiesWithHistory": {},
    });
    for (name, entries) in histories {
        value["properties"][name] = entries.last().map(|(_, value)| *value).into();
        value["propertiesWithHistory"][name] = history(entries);
    }
    value
}

/// A deal with Acme that was entered on 2025-11-01, by the stages that it came to.
pub fn deal(stages: &[(&str, &str)], lines: &[Value]) -> Value {
    let closes: Vec<(&str, String)> = stages
        .iter()
        .filter(|(_, stage)| stage.starts_with("closed"))
        .map(|(when, _)| (*when, at(when).to_rfc3339()))
        .collect();
    let closes: Vec<(&str, &str)> = closes.iter().map(|(when, value)| (*when, value.as_str())).collect();
    json!({
        "id": "1001", "createdAt": "2025-11-01T00:00:00Z", "archived": false,
        "properties": {
            "dealstage": stages.last().map(|(_, stage)| *stage), "closedate": closes.last().map(|(_, value)| *value),
            "deal_currency_code": "EUR", "dealname": "Acme new",
        },
        "propertiesWithHistory": {"dealstage": history(stages), "closedate": history(&closes)},
        "associations": {
            "companies": {"results": [{"id": "501", "type": "deal_to_company"}]},
            "line items": {"results": lines},
        },
    })
}

/// A line of 10 seats at 120 a month, but for what `more` says.
pub fn line(id: &str, more: Value) -> Value {
    let mut properties = json!({
        "name": "Platform", "quantity": "10", "price": "120.00", "amount": "1200.00", "discount": "",
        "hs_discount_percentage": "", "recurringbillingfrequency": "monthly", "hs_recurring_billing_period": null,
        "hs_recurring_billing_start_date": "2026-01-01", "hs_line_item_currency_code": "EUR",
    });
    properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"id": id, "createdAt": "2025-11-01T00:00:00Z", "archived": false, "properties": properties})
}

pub const WON: &[(&str, &str)] = &[("2025-11-01", "qualifiedtobuy"), ("2025-12-20T15:04:05", "closedwon")];

pub fn references() -> Vec<RawRecord> {
    let owner = |id: &str, first: &str, last: &str| {
        record("owners", &[(SEEN, json!({"id": id, "email": "x@y.example", "firstName": first, "lastName": last}))])
    };
    let stage = |id: &str, closed: &str, probability: &str| json!({"id": id, "metadata": {"isClosed": closed, "probability": probability}});
    let stages = [
        stage("qualifiedtobuy", "false", "0.4"),
        stage("closedwon", "true", "1.0"),
        stage("closedlost", "true", "0.0"),
        stage("livenow", "true", "1"),
    ];
    let info = Version {
        payload: json!({"portalId": 1, "companyCurrency": "SEK"}).to_string(),
        seen_at: at(SEEN),
        deleted: false,
    };
    vec![
        owner("77", "Cee", "Essem"),
        owner("78", "Ann", "Lee"),
        owner("79", "Ann", "Lee"),
        owner("80", "", ""),
        record("pipelines", &[(SEEN, json!({"id": "default", "stages": stages}))]),
        RawRecord { stream: "account_info".into(), id: "1".into(), versions: vec![info] },
    ]
}

/// The facts, after it was seen that no order of the records changes them.
pub fn facts(records: &[RawRecord]) -> AccountFacts {
    facts_with("", records)
}

pub fn facts_with(more: &str, records: &[RawRecord]) -> AccountFacts {
    facts_of(more, &references(), records)
}

pub fn facts_of(more: &str, references: &[RawRecord], records: &[RawRecord]) -> AccountFacts {
    let settings = format!(
        "access_token = 'x'\nattributes = {{ segment = 'customer_tier' }}\n\
         foreign_ids = {{ stripe = 'stripe_customer_id' }}\n{more}"
    );
    let zone = Zone::named("America/New_York").unwrap();
    let connector = mrr_connector_hubspot::configure(settings.parse().unwrap(), zone).unwrap();
    let mut references = references.to_vec();
    let facts = connector.mapper(&references).facts("501", records);
    let mut shuffled = records.to_vec();
    for _ in 0..records.len() {
        shuffled.rotate_left(1);
        references.reverse();
        assert_eq!(
            connector.mapper(&references).facts("501", &shuffled),
            facts,
            "the order of the records decides something"
        );
    }
    facts
}

/// `9001 Platform 10 = 1200 EUR / 1 month, 2026-01-01 to ..., history`; days as New York has them.
pub fn told(charge: &Charge) -> String {
    let day = |at: DateTime<Utc>| match at.format("%H:%M").to_string().as_str() {
        // Its midnight, in winter and in summer.
        "05:00" | "04:00" => at.date_naive().to_string(),
        _ => at.format("%Y-%m-%dT%H:%M:%S").to_string().trim_end_matches("T00:00:00").to_owned(),
    };
    let until = charge.until.map_or("...".to_owned(), day);
    format!(
        "{} {} {} = {} {} / {}, {} to {until}, {}",
        charge.item,
        charge.plan,
        charge.quantity,
        charge.amount,
        charge.currency,
        charge.interval,
        day(charge.from),
        charge.evidence
    )
}

pub fn charges(facts: &AccountFacts) -> Vec<String> {
    facts.charges.iter().map(told).collect()
}

pub fn problems(facts: &AccountFacts) -> Vec<String> {
    facts.problems.iter().map(ToString::to_string).collect()
}

/// `owner Cee Essem 2025-01-01 to ...`.
pub fn attributes(facts: &AccountFacts) -> Vec<String> {
    let end = |at: Option<DateTime<Utc>>| {
        at.map_or("...".to_owned(), |at| {
            at.format("%Y-%m-%dT%H:%M:%S").to_string().trim_end_matches("T00:00:00").to_owned()
        })
    };
    facts
        .attributes
        .iter()
        .map(|of| format!("{} {} {} to {}", of.name, of.value, end(of.from), end(of.until)))
        .collect()
}
