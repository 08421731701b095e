//! A whole portal in HubSpot's shapes, a record a page: the laws of connectors, and what it comes to.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod stage;

use mrr_connector_sdk::compliance;
use serde_json::{Value, json};
use stage::answering;

/// Answers as HubSpot would, but for pages of one record.
fn answer(portal: &Value, target: &str, body: &str) -> (u16, String) {
    let path = target.split('?').next().unwrap();
    let ok = |value: Value| (200, value.to_string());
    if path == "/account-info/v3/details" {
        return ok(portal["account_info"].clone());
    }
    if path == "/crm/v4/associations/deals/line_items/batch/read" {
        let to = json!([{"toObjectId": 9001, "associationTypes": []}, {"toObjectId": 9002, "associationTypes": []}]);
        return ok(json!({"status": "COMPLETE", "results": [{"from": {"id": "1001"}, "to": to}]}));
    }
    if path.ends_with("/search") {
        return ok(json!({"total": 2, "results": []}));
    }
    if path == "/crm/v3/properties/companies" {
        let names = portal["companies"][0]["properties"].as_object().unwrap().keys();
        return ok(json!({"results": names.map(|name| json!({"name": name})).collect::<Vec<_>>()}));
    }
    let stream = match path.rsplit('/').next().unwrap() {
        "deals" if path.contains("pipelines") => "pipelines",
        "read" => "line_items",
        other => other,
    };
    let all = portal[stream].as_array().unwrap();
    if stream == "line_items" {
        let wanted = |line: &&Value| body.contains(&format!("{{\"id\":{}}}", line["id"]));
        return ok(json!({"status": "COMPLETE", "results": all.iter().filter(wanted).collect::<Vec<_>>()}));
    }
    if target.contains("archived=true") {
        return ok(json!({"results": []}));
    }
    let after: usize = target.split("after=").nth(1).and_then(|after| after.parse().ok()).unwrap_or(0);
    let mut page = json!({"results": all.get(after).into_iter().collect::<Vec<_>>()});
    if after + 1 < all.len() {
        page["paging"] = json!({"next": {"after": (after + 1).to_string()}});
    }
    ok(page)
}

#[tokio::test]
async fn a_whole_portal_keeps_the_laws_and_comes_to_what_it_says() {
    let portal: Value = serde_json::from_str(include_str!("fixtures/portal.json")).unwrap();
    let stage = answering(move |target, body| answer(&portal, target, body)).await;
    let report = compliance::check(stage.connector.as_ref(), &stage.http).await.unwrap();
    assert_eq!(report.broken, [] as [&str; 0]);
    let counts: Vec<_> = report.counts.iter().map(|(stream, count)| (*stream, *count)).collect();
    let expect = [
        ("account_info", 1),
        ("companies", 2),
        ("deals", 2),
        ("feedback_submissions", 1),
        ("owners", 1),
        ("pipelines", 1),
    ];
    assert_eq!(counts, expect);

    let mapper = stage.connector.mapper(&report.references);
    let facts = mapper.facts("501", &report.accounts["501"]);
    assert_eq!(
        (facts.problems.len(), facts.account.as_ref().unwrap().name.as_str()),
        (0, "Acme"),
        "{:?}",
        facts.problems
    );
    let charges: Vec<String> = facts
        .charges
        .iter()
        .map(|of| {
            format!(
                "{} {} {} {} {} {:?}",
                of.plan,
                of.amount,
                of.currency,
                of.interval,
                of.from.date_naive(),
                of.until.map(|at| at.date_naive().to_string())
            )
        })
        .collect();
    assert_eq!(
        charges,
        [
            r#"Platform 1200 USD 1 month 2026-01-01 Some("2026-11-21")"#,
            r#"Platform 1200 USD 1 month 2026-11-21 Some("2027-01-01")"#,
        ]
    );
    let attributes: Vec<String> = facts
        .attributes
        .iter()
        .map(|of| {
            format!("{} {} {}", of.name, of.value, of.from.map(|at| at.date_naive().to_string()).unwrap_or_default())
        })
        .collect();
    assert_eq!(
        attributes,
        [
            "country DE 2025-11-01",
            "owner Cee Essem 2025-11-01",
            "segment Enterprise 2026-02-01",
            "stage lead 2025-11-01",
            "stage customer 2025-12-20",
            "nps 9 2026-03-01"
        ]
    );
    assert_eq!(mapper.facts("504", &report.accounts["504"]).charges, []);
}

#[tokio::test]
async fn a_check_says_who_we_are_and_how_much_there_is() {
    let portal: Value = serde_json::from_str(include_str!("fixtures/portal.json")).unwrap();
    let stage = answering(move |target, body| {
        // Whoever may not read deals is told which scope that takes.
        let forbidden = target.contains("/objects/deals");
        let refusal = json!({"status": "error", "category": "MISSING_SCOPES", "message": "not granted", "errors": [{"context": {"requiredGranularScopes": ["crm.objects.deals.read"]}}]});
        if forbidden { (403, refusal.to_string()) } else { answer(&portal, target, body) }
    })
    .await;
    let check = stage.connector.check(&stage.http).await.unwrap();
    assert_eq!((check.account.as_deref(), check.mode.as_deref()), (Some("123456"), Some("standard")));
    let told = |name: &str| check.streams.iter().find(|of| of.stream == name).unwrap().readable.clone();
    assert_eq!(told("companies"), Ok("2 records".into()));
    let deals = told("deals").unwrap_err();
    assert!(
        deals.contains("crm.objects.deals.read") && deals.contains("nothing is known of what was signed"),
        "{deals}"
    );
    assert!(check.notes.iter().any(|note| note.contains("kept beside what is billed")), "{check:?}");
    assert!(!format!("{check:?}").contains("canary"));
}
