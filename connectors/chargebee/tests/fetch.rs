//! Lists, single records, the log and the check, against a server that answers by path.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod stage;

use mrr_connector_sdk::SourceError;
use stage::{answering, list};

const CUSTOMER: &str = r#"{"id":"c","company":"Acme","cf_tier":1.10}"#;
const SUBSCRIPTION: &str =
    r#"{"id":"s","customer_id":"c","currency_code":"EUR","status":"active","has_scheduled_changes":true}"#;

fn path(target: &str) -> &str {
    target.split('?').next().unwrap()
}

#[tokio::test]
async fn a_list_is_read_whole_with_deleted_records_and_without_a_filter() {
    let stage = answering(|target| match (path(target), target.contains("offset=")) {
        ("/api/v2/customers", false) => list("customer", &[CUSTOMER, r#"{"company":"No id"}"#], Some("one")),
        _ => list("customer", &[r#"{"id":"d","deleted":true}"#], None),
    })
    .await;
    let pages = stage.walk("customers").await;
    let records: Vec<_> = pages.iter().flat_map(|page| &page.records).collect();
    assert_eq!(records.iter().map(|record| record.id.as_str()).collect::<Vec<_>>(), ["c", "d"]);
    assert_eq!(records[0].payload, CUSTOMER, "custom fields and digits stay");
    assert_eq!(pages[0].problems.len(), 1, "the one without an id");
    let asked = stage.asked();
    assert!(
        asked.iter().all(|target| target.contains("include_deleted=true") && !target.contains("updated_at")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_list_without_an_end_is_refused() {
    let stage = answering(|_| list("item", &[r#"{"id":"i"}"#], Some("same"))).await;
    let first = stage.fetch("items", None).await.unwrap();
    let error = stage.fetch("items", first.next.first()).await.unwrap_err();
    assert!(matches!(error, SourceError::InvalidBody { .. }), "{error}");
    assert!(!stage.asked()[0].contains("include_deleted"), "items have no such parameter");
}

#[tokio::test]
async fn an_offset_that_is_no_longer_known_begins_anew() {
    let stage = answering(|target| match target.contains("offset=") {
        true => (400, r#"{"message":"offset : bad","api_error_code":"param_wrong_value","param":"offset"}"#.into()),
        false => list("coupon", &[r#"{"id":"x"}"#], Some("gone")),
    })
    .await;
    let first = stage.fetch("coupons", None).await.unwrap();
    let error = stage.fetch("coupons", first.next.first()).await.unwrap_err();
    assert!(matches!(error, SourceError::BadCursor { .. }), "{error}");
}

#[tokio::test]
async fn a_subscription_is_completed_with_what_is_planned_for_it() {
    let stage = answering(|target| match path(target) {
        "/api/v2/subscriptions" => list("subscription", &[SUBSCRIPTION, r#"{"id":"t","customer_id":"c"}"#], None),
        "/api/v2/ramps" if target.contains("offset=") => list("ramp", &[r#"{"id":"q","price":1.10}"#], None),
        "/api/v2/ramps" => list("ramp", &[r#"{"id":"r"}"#], Some("more")),
        "/api/v2/subscriptions/s" => (200, format!(r#"{{"subscription":{SUBSCRIPTION}}}"#)),
        "/api/v2/subscriptions/s/retrieve_with_scheduled_changes" => {
            (200, r#"{"subscription":{"id":"s","mrr":7},"customer":{"id":"c"}}"#.into())
        }
        _ => (404, r#"{"message":"not found","api_error_code":"resource_not_found"}"#.into()),
    })
    .await;
    let page = stage.fetch("subscriptions", None).await.unwrap();
    let whole = SUBSCRIPTION.replace(
        "true",
        r#"true,"scheduled_changes":{"subscription":{"id":"s","mrr":7},"ramps":[{"id":"r"},{"id":"q","price":1.10}]}"#,
    );
    assert_eq!(page.records[0].payload, whole);
    assert_eq!(page.records[1].payload, r#"{"id":"t","customer_id":"c"}"#, "nothing is planned, so nothing is asked");
    let again = stage.connector.retrieve(&stage.http, &stage.stream("subscriptions"), "s").await.unwrap();
    assert_eq!(again.record.unwrap().payload, whole);
}

#[tokio::test]
async fn what_is_planned_and_refused_is_said_and_costs_nothing_else() {
    // What is said to the two questions, how the record is completed, and whether something is lost.
    let refused = (400, r#"{"message":"no scheduled changes","api_error_code":"invalid_state"}"#);
    let forbidden = (403, r#"{"message":"not this key","api_error_code":"api_authorization_failed"}"#);
    let changed = (200, r#"{"subscription":{"id":"s"}}"#);
    let (some, none) = ((200, r#"{"list":[{"ramp":{"id":"r"}}]}"#), (200, r#"{"list":[]}"#));
    for (of_changes, of_ramps, completed, lost) in [
        (refused, some, r#"{"ramps":[{"id":"r"}]}"#, None),
        (refused, none, r#"{"ramps":[]}"#, Some("no scheduled changes")),
        (changed, forbidden, r#"{"subscription":{"id":"s"},"ramps":[]}"#, Some("not this key")),
        (forbidden, forbidden, r#"{"ramps":[]}"#, Some("not this key")),
    ] {
        let stage = answering(move |target| {
            let (status, body) = match path(target) {
                "/api/v2/subscriptions" => return list("subscription", &[SUBSCRIPTION], None),
                "/api/v2/ramps" => of_ramps,
                _ => of_changes,
            };
            (status, body.to_owned())
        })
        .await;
        let page = stage.fetch("subscriptions", None).await.unwrap();
        let whole = SUBSCRIPTION.replace("true", &format!(r#"true,"scheduled_changes":{completed}"#));
        assert_eq!(page.records[0].payload, whole);
        let said: Vec<String> = page.problems.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), usize::from(lost.is_some()), "{said:?}");
        assert!(lost.is_none_or(|words| said[0].contains(words) && said[0].contains("days to come")), "{said:?}");
    }
}

#[tokio::test]
async fn documents_that_are_cut_are_completed_in_place() {
    const FIRST: &str = r#"{"id":"i 1","customer_id":"c","line_items":[{"id":"a","amount":1.10}],"line_items_next_offset":"1","total":9,"line_item_taxes":[{"of":"all"}]}"#;
    let stage = answering(|target| match (path(target), target.split("line_items_offset=").nth(1)) {
        ("/api/v2/invoices", _) => list("invoice", &[FIRST, r#"{"id":"j","customer_id":"c"}"#], None),
        ("/api/v2/invoices/i%201", None) => (200, format!(r#"{{"invoice":{FIRST}}}"#)),
        ("/api/v2/invoices/i%201", Some("1")) => {
            (200, r#"{"invoice":{"id":"i 1","line_items":[{"id":"b"}],"line_items_next_offset":"2","line_item_taxes":[{"of":"all"}]}}"#.into())
        }
        ("/api/v2/invoices/i%201", Some("2")) => {
            (200, r#"{"invoice":{"id":"i 1","line_items":[{"id":"c"}],"line_item_discounts":[{"line_item_id":"c"}]}}"#.into())
        }
        ("/api/v2/credit_notes", _) => {
            list("credit_note", &[r#"{"id":"n","customer_id":"c","line_items":[],"line_items_next_offset":"x"}"#], None)
        }
        ("/api/v2/credit_notes/n", _) => {
            (200, r#"{"credit_note":{"id":"n","line_items":[],"line_items_next_offset":"x"}}"#.into())
        }
        _ => (404, "{}".into()),
    })
    .await;
    let whole = r#"{"id":"i 1","customer_id":"c","line_items":[{"id":"a","amount":1.10},{"id":"b"},{"id":"c"}],"line_items_next_offset":null,"line_item_discounts":[{"line_item_id":"c"}],"total":9,"line_item_taxes":[{"of":"all"}]}"#;
    let page = stage.fetch("invoices", None).await.unwrap();
    assert_eq!((page.records[0].payload.as_str(), page.problems.len()), (whole, 0));
    assert!(stage.asked().iter().any(|target| target.contains("line_items_limit=300")), "{:?}", stage.asked());
    let again = stage.connector.retrieve(&stage.http, &stage.stream("invoices"), "i 1").await.unwrap();
    assert_eq!(again.record.unwrap().payload, whole);
    let endless = stage.fetch("credit_notes", None).await.unwrap_err();
    assert!(endless.to_string().contains("they have no end"), "{endless}");
}

#[tokio::test]
async fn the_log_is_read_from_the_beginning_and_then_what_was_updated_too() {
    const CHANGED: &str = r#"{"id":"ev_1","occurred_at":1795255100,"event_type":"subscription_changed","content":{"subscription":{"id":"s","customer_id":"c"},"customer":{"id":"c"}}}"#;
    const PRICED: &str = r#"{"id":"ev_2","occurred_at":1795255100,"event_type":"item_price_updated","content":{"item_price":{"id":"p"}}}"#;
    let stage = answering(|target| match (path(target), target.contains("updated_at")) {
        ("/api/v2/events", _) => list("event", &[CHANGED, PRICED, r#"{"id":"ev_3"}"#], None),
        ("/api/v2/invoices", true) => {
            list("invoice", &[r#"{"id":"i","updated_at":1795255101,"resource_version":7}"#], None)
        }
        (path, true) => list(path.rsplit('/').next().unwrap().trim_end_matches('s'), &[], None),
        _ => (404, "{}".into()),
    })
    .await;
    let first = stage.connector.follow(&stage.http, None).await.unwrap();
    assert!(!first.more && first.hints.is_empty(), "all streams are listed next: {:?}", first.hints);
    assert_eq!(first.page.records.iter().map(|record| record.id.as_str()).collect::<Vec<_>>(), ["ev_1"]);
    assert_eq!(first.page.problems.len(), 1);
    let next = stage.connector.follow(&stage.http, first.page.next.first()).await.unwrap();
    let named: Vec<String> =
        next.hints.iter().map(|hint| format!("{}/{} by {}", hint.stream, hint.id, hint.entry)).collect();
    assert_eq!(named, ["subscriptions/s by ev_1", "item_prices/p by ev_2", "invoices/i by invoices/i@7"]);
    let asked = stage.asked();
    let since = format!("occurred_at[after]={}", stage::NOW - 300);
    assert!(asked.iter().any(|target| target.contains(&since)), "{asked:?}");
    assert!(
        asked.iter().any(|target| target.contains("/subscriptions?") && target.contains("include_deleted=true")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_setting_that_is_wrong_is_named_with_its_remedy() {
    let stage = answering(|target| match path(target) {
        "/api/v2/items" => (400, r#"{"message":"no","api_error_code":"configuration_incompatible"}"#.into()),
        "/api/v2/customers" => {
            (401, r#"{"message":"Invalid API key","api_error_code":"api_authentication_failed"}"#.into())
        }
        _ => (404, r#"{"message":"Site not found","api_error_code":"site_not_found"}"#.into()),
    })
    .await;
    let said = async |stream: &str| stage.fetch(stream, None).await.unwrap_err().to_string();
    assert!(said("items").await.ends_with("write product_catalog = \"1.0\""), "{}", said("items").await);
    assert!(said("subscriptions").await.contains("check `site`"), "{}", said("subscriptions").await);
    assert!(said("customers").await.contains("the key is not accepted"), "{}", said("customers").await);
}

#[tokio::test]
async fn the_check_names_the_right_catalog() {
    let stage = answering(|target| match path(target) {
        "/api/v2/configurations" => {
            (200, r#"{"configurations":[{"domain":"acme-test","product_catalog_version":"v1"}]}"#.into())
        }
        "/api/v2/items" | "/api/v2/item_prices" => (
            400,
            r#"{"message":"This operation is not supported","api_error_code":"configuration_incompatible"}"#.into(),
        ),
        "/api/v2/coupons" => (403, r#"{"message":"no","api_error_code":"api_authorization_failed"}"#.into()),
        "/api/v2/events" => list("event", &[r#"{"id":"e","occurred_at":1700000000}"#], None),
        other => list(other.rsplit('/').next().unwrap().trim_end_matches('s'), &[SUBSCRIPTION], None),
    })
    .await;
    let check = stage.connector.check(&stage.http).await.unwrap();
    assert_eq!((check.account.as_deref(), check.mode.as_deref()), (Some("acme-test"), Some("test")));
    let reason = |name: &str| {
        let stream = check.streams.iter().find(|stream| stream.stream == name).unwrap();
        stream.readable.clone().unwrap_err()
    };
    assert!(reason("items").ends_with("write product_catalog = \"1.0\""), "{}", reason("items"));
    assert!(reason("coupons").contains("may not read coupons"), "{}", reason("coupons"));
    let found = |what: &str| check.findings.iter().find(|finding| finding.what == what).unwrap().found.clone();
    assert_eq!(found("product catalog"), "1.0; write product_catalog = \"1.0\"");
    assert!(found("events").starts_with("the oldest is of 2023-11-14"), "{}", found("events"));
    assert!(!format!("{check:?}").contains("test_x"), "the key is nowhere");
}
