//! The Chargebee face: its manners, and its shapes against the published types of API v2.

mod support;

use std::path::PathBuf;

use serde_json::{Map, Value, json};
use support::{Answer, Served};

/// `sk_test_sandbox:` in base 64.
const KEY: (&str, &str) = ("Authorization", "Basic c2tfdGVzdF9zYW5kYm94Og==");

const ITEMS: [&str; 7] = ["customers", "subscriptions", "items", "item_prices", "coupons", "invoices", "credit_notes"];
const PLANS: [&str; 6] = ["customers", "subscriptions", "plans", "addons", "coupons", "invoices"];

fn site(more: &[&str]) -> Served {
    let mut arguments = vec!["--face=chargebee", "--accounts=60", "--months=18", "--repertoire=full"];
    arguments.extend(more);
    Served::start(&arguments)
}

fn ask(site: &Served, path: &str) -> Answer {
    site.request("GET", &format!("/api/v2/{path}"), &[KEY])
}

/// All records of a list, out of their wrappings.
fn walk(site: &Served, stream: &str, query: &str) -> Vec<Value> {
    let (mut all, mut offset) = (Vec::new(), String::new());
    loop {
        let answer = ask(site, &format!("{stream}?limit=100{query}{offset}"));
        assert_eq!(answer.status, 200, "{stream}: {}", answer.body);
        let noun = stream.trim_end_matches('s');
        all.extend(answer.body["list"].as_array().expect("a list").iter().map(|element| element[noun].clone()));
        match answer.body["next_offset"].as_str() {
            Some(next) => offset = format!("&offset={}", encoded(next)),
            None => return all,
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[test]
fn keys_limits_and_parameters_are_checked() {
    let site = site(&["--rate-limit-every=7"]);
    assert_eq!(site.request("GET", "/api/v2/customers", &[]).status, 401);
    let bearer = ("Authorization", "Bearer sk_test_sandbox");
    assert_eq!(site.request("GET", "/api/v2/customers", &[bearer]).body["api_error_code"], "api_authentication_failed");
    assert_eq!(ask(&site, "customers?limit=500").body["param"], "limit");
    assert_eq!(ask(&site, "customers?created=1").status, 400);
    assert_eq!(ask(&site, "plans").body["api_error_code"], "configuration_incompatible");
    assert_eq!(ask(&site, "customers/nobody").body["api_error_code"], "resource_not_found");
    let limited = ask(&site, "customers");
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("1")));
}

#[test]
fn lists_hide_what_is_deleted_and_filters_drop_what_has_no_updated_at() {
    let site = site(&[]);
    let (shown, all) = (walk(&site, "customers", ""), walk(&site, "customers", "&include_deleted=true"));
    assert!(shown.len() < all.len() && shown.iter().all(|customer| customer["deleted"] == false));
    let updated = walk(&site, "customers", "&include_deleted=true&updated_at%5Bafter%5D=0");
    let without = all.iter().filter(|customer| customer["updated_at"].is_null()).count();
    assert!(without > 0);
    assert_eq!(updated.len(), all.len() - without, "the trap of this filter");
}

#[test]
fn an_event_shows_the_whole_subscription_and_versions_grow() {
    let site = site(&[]);
    let mut last = std::collections::HashMap::new();
    let events = walk(&site, "events", "&sort_by%5Basc%5D=occurred_at");
    assert!(events.windows(2).all(|pair| pair[0]["occurred_at"].as_i64() <= pair[1]["occurred_at"].as_i64()));
    for event in &events {
        let subscription = &event["content"]["subscription"];
        if let Some(id) = subscription["id"].as_str() {
            assert!(subscription["subscription_items"].is_array() && event["content"]["customer"].is_object());
            let version = subscription["resource_version"].as_i64();
            assert!(last.insert(id.to_owned(), version) <= Some(version));
        }
    }
    for subscription in walk(&site, "subscriptions", "&include_deleted=true") {
        let id = subscription["id"].as_str().expect("an id");
        assert_eq!(last[id], subscription["resource_version"].as_i64(), "the newest event shows {id} as it is");
    }
    let kept = self::site(&["--events-kept=30"]);
    assert!(walk(&kept, "events", "").len() < events.len() / 4);
}

#[test]
fn what_is_planned_is_asked_for_by_the_subscription() {
    let site = Served::start(&["--face=chargebee", "--accounts=138", "--months=24", "--repertoire=vectors"]);
    let (mut changed, mut ramps) = (0, 0);
    for subscription in walk(&site, "subscriptions", "") {
        let id = subscription["id"].as_str().expect("an id");
        let answer = ask(&site, &format!("subscriptions/{id}/retrieve_with_scheduled_changes"));
        if subscription["has_scheduled_changes"] == false {
            assert_eq!(
                (answer.status, answer.body["api_error_code"].as_str()),
                (400, Some("invalid_state_for_request"))
            );
            continue;
        }
        let of_ramps = walk(&site, "ramps", &format!("&subscription_id%5Bis%5D={id}"));
        let items = &answer.body["subscription"]["subscription_items"];
        let is_changed = *items != subscription["subscription_items"];
        assert_eq!(is_changed, of_ramps.is_empty(), "{id}: one or the other");
        assert_eq!(is_changed, subscription["changes_scheduled_at"].is_i64(), "{id}");
        (changed, ramps) = (changed + usize::from(is_changed), ramps + of_ramps.len());
    }
    assert!(changed > 0 && ramps > 0, "{changed} changes, {ramps} ramps");
}

#[test]
fn documents_of_many_lines_are_cut() {
    let site = site(&[]);
    let cut: Vec<Value> = walk(&site, "invoices", "")
        .into_iter()
        .filter(|invoice| invoice["line_items_next_offset"].is_string())
        .collect();
    assert!(!cut.is_empty());
    for invoice in cut {
        let (mut lines, mut next) = (invoice["line_items"].as_array().expect("lines").clone(), invoice.clone());
        while let Some(offset) = next["line_items_next_offset"].as_str() {
            let id = invoice["id"].as_str().expect("an id");
            let path = format!("invoices/{id}?line_items_limit=300&line_items_offset={offset}");
            next = ask(&site, &path).body["invoice"].clone();
            lines.extend(next["line_items"].as_array().expect("lines").clone());
        }
        let sum: i64 = lines.iter().filter_map(|line| line["amount"].as_i64()).sum();
        assert_eq!(Some(sum), invoice["sub_total"].as_i64(), "all lines come to the total");
    }
    assert_eq!(ask(&site, "invoices/nothing?line_items_limit=301").status, 404);
}

fn specification() -> Option<Value> {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let shared = std::env::var_os("SHARED_DIR").map_or_else(|| workspace.join("../shared"), PathBuf::from);
    let path = shared.join("specs/chargebee_v2_readonly_subset_derived.json");
    let mut document: Value = serde_json::from_str(&std::fs::read_to_string(path).ok()?).expect("JSON");
    let schemas = document["components"]["schemas"].as_object_mut().expect("schemas");
    for (name, schema) in schemas.iter_mut().filter(|(name, _)| name.as_str() != "Event" && !name.ends_with("_object"))
    {
        // Every object names its kind, and the types were read from a file that leaves that out.
        schema["properties"]["object"] = json!({"type": "string"});
        if name == "Subscription_Discount" || name == "Coupon_ItemConstraint" {
            // Ids are text in the documentation, where the types say object.
            schema["properties"]["item_price_ids"] = json!({"type": "array", "items": {"type": "string"}});
        }
        schema["additionalProperties"] = json!(false);
    }
    Some(document)
}

#[test]
fn answers_have_the_published_shapes() {
    let Some(document) = specification() else {
        println!("skipped: no specs/chargebee_v2_readonly_subset_derived.json in $SHARED_DIR or beside the workspace");
        return;
    };
    for (catalog, streams) in [("v2", &ITEMS[..]), ("v1", &PLANS[..])] {
        let site = site(&["--catalog", catalog]);
        for stream in streams.iter().chain(&["events"]) {
            let pointer = format!("/paths/~1{stream}/get/responses/200/content/application~1json/schema");
            let wanted = document.pointer(&pointer).unwrap_or_else(|| panic!("the document lacks {pointer}"));
            let mut schema: Map<String, Value> = document.as_object().expect("an object").clone();
            schema.insert("allOf".into(), json!([wanted]));
            let validator = jsonschema::validator_for(&Value::Object(schema)).expect("a schema");
            let answer = ask(&site, &format!("{stream}?limit=100"));
            let errors: Vec<String> = validator
                .iter_errors(&answer.body)
                .take(5)
                .map(|e| format!("{}: {:.300}", e.instance_path(), e.to_string()))
                .collect();
            assert!(errors.is_empty(), "{stream} of catalog {catalog}\n{}", errors.join("\n"));
            assert!(answer.body["list"].as_array().is_some_and(|list| !list.is_empty()), "{stream}");
        }
    }
}
