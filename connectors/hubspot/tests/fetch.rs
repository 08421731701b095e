//! Pages, cursors and completed deals, against a server that answers by path.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod stage;

use mrr_connector_sdk::{Cursor, Page};
use stage::{NOW, answering, list};

fn ids(pages: &[Page]) -> Vec<&str> {
    pages.iter().flat_map(|page| &page.records).map(|record| record.id.as_str()).collect()
}

const ACME: &str = r#"{"id":"501", "properties":{"name":"Acme","domain":null,"hubspot_owner_id":"77","lifecyclestage":"","country":null,"customer_tier":null,"stripe_customer_id":null},"archived":false}"#;
const BOLT: &str = r#"{"id":"502","properties":{"name":"Bolt \ud800"},"archived":false}"#;
const GONE: &str = r#"{"id":"490","properties":{},"archived":true,"archivedAt":"2026-03-02T08:00:00.000Z"}"#;

#[tokio::test]
async fn companies_are_listed_by_id_and_what_was_put_away_beside() {
    let stage = answering(|target, _| match (target.contains("archived=true"), target.contains("after=502")) {
        (true, _) => list(&[GONE], None),
        (false, false) => list(&[ACME], Some("502")),
        (false, true) => list(&[BOLT], None),
    })
    .await;
    let pages = stage.walk("companies").await;
    assert_eq!(ids(&pages), ["501", "502", "490"]);
    assert_eq!(pages[0].records[0].payload, ACME, "every byte is HubSpot's own");
    assert_eq!(pages[0].records[0].account.as_deref(), Some("501"));
    assert_eq!((pages[0].at.timestamp(), pages[0].problems.len()), (NOW, 0));
    let asked = stage.asked_in_full();
    // With histories a page has 50, or HubSpot answers 400.
    for part in [
        "limit=50",
        "archived=false",
        "propertiesWithHistory=country,customer_tier,hubspot_owner_id,lifecyclestage",
        "stripe_customer_id",
    ] {
        assert!(asked[0].contains(part), "{part}: {asked:?}");
    }
    assert!(asked[1].contains("after=502") && asked[1].contains("archived=false"), "{asked:?}");
    assert!(asked[2].contains("archived=true") && !asked[2].contains("after"), "{asked:?}");
}

#[tokio::test]
async fn a_property_that_hubspot_does_not_know_is_a_problem() {
    let stage = answering(|_, _| list(&[r#"{"id":"1","properties":{"hubspot_owner_id":null,"lifecyclestage":null,"country":null,"stripe_customer_id":null}}"#], None)).await;
    let page = stage.fetch("companies", None).await.unwrap();
    let problems: Vec<String> = page.problems.iter().map(ToString::to_string).collect();
    assert!(
        problems[0].starts_with("companies/all customer_tier: is no property of companies in HubSpot"),
        "{problems:?}"
    );
    assert_eq!(problems.len(), 1);
}

fn deal(companies: &str, lines: &str) -> String {
    format!(
        r#"{{"id":"1001","n":1.10,"associations":{{"companies":{{"results":[{companies}]}},"line items":{{"results":[{lines}]}}}} ,"x":"\u0000"}}"#
    )
}

#[tokio::test]
async fn a_deal_is_whole_before_it_is_kept() {
    let twice = r#"{"id":"501","type":"deal_to_company"},{"id":"501","type":"deal_to_company_unlabeled"}"#;
    let named = r#"{"id":"9002","type":"deal_to_line_item"},{"id":"9001","type":"a"},{"id":"9002","type":"b"}"#;
    let whole = deal(twice, named);
    let lines =
        [r#"{"id":"9001","properties":{"amount":"1200.00"}}"#, r#"{"id":"9002","properties":{"amount":"5000"}}"#];
    let answer = whole.clone();
    let stage = answering(move |target, body| match target.contains("batch/read") {
        true => {
            assert!(body.contains(r#""inputs":[{"id":"9001"},{"id":"9002"}]"#) && body.contains("propertiesWithHistory"), "{body}");
            (207, format!(r#"{{"status":"COMPLETE","results":[{}],"numErrors":1,"errors":[{{"category":"OBJECT_NOT_FOUND","context":{{"ids":["9003"]}}}}]}}"#, lines.join(",")))
        }
        false if target.contains("archived=true") => list(&[], None),
        false => list(&[&answer], None),
    })
    .await;
    let pages = stage.walk("deals").await;
    let record = &pages[0].records[0];
    assert_eq!(record.account.as_deref(), Some("501"), "one company, however often it is named");
    // In the order in which they were named; every other byte stays.
    assert_eq!(record.payload, deal(twice, &format!("{},{}", lines[1], lines[0])));
    assert_eq!(stage.asked_in_full().len(), 3);
}

#[tokio::test]
async fn a_list_of_lines_that_is_cut_is_read_to_its_end() {
    let cut = deal(r#"{"id":"501"}"#, r#"{"id":"9001"}"#)
        .replace(r#"{"id":"9001"}]}"#, r#"{"id":"9001"}],"paging":{"next":{"after":"NTAy"}}}"#);
    let stage = answering(move |target, body| {
        if target.contains("/crm/v4/associations/deals/line_items/batch/read") {
            let (to, paging) = match body.contains(r#""after":"p2""#) {
                true => ("9003", String::new()),
                false => ("9001", r#","paging":{"next":{"after":"p2"}}"#.to_owned()),
            };
            // Here ids are numbers.
            return (200, format!(r#"{{"results":[{{"from":{{"id":"1001"}},"to":[{{"toObjectId":{to},"associationTypes":[]}}]{paging}}}]}}"#));
        }
        match target.contains("batch/read") {
            true => list(&[r#"{"id":"9001"}"#, r#"{"id":"9003"}"#], None),
            false if target.contains("archived=true") => list(&[], None),
            false => list(&[&cut], None),
        }
    })
    .await;
    let pages = stage.walk("deals").await;
    assert!(pages[0].records[0].payload.contains(r#""line items":{"results":[{"id":"9001"},{"id":"9003"}]}"#));
}

#[tokio::test]
async fn a_deal_belongs_to_the_primary_of_several_companies_or_to_nobody() {
    let several = r#"{"id":"501","type":"deal_to_company_unlabeled"},{"id":"502","type":"deal_to_company_unlabeled"}"#;
    let cases = [
        (several.to_owned(), None, "are 2, and not one of them is the primary one"),
        (format!(r#"{several},{{"id":"502","type":"deal_to_company"}}"#), Some("502"), ""),
        (String::new(), None, "associate the deal with its company"),
    ];
    for (companies, account, said) in cases {
        let deal = deal(&companies, "");
        let stage = answering(move |_, _| list(&[&deal], None)).await;
        let page = stage.fetch("deals", None).await.unwrap();
        assert_eq!(page.records[0].account.as_deref(), account, "{companies}");
        let told = page.problems.first().map(ToString::to_string).unwrap_or_default();
        assert!(told.contains(said) && told.is_empty() == said.is_empty(), "{companies}: {told}");
    }
}

#[tokio::test]
async fn what_was_merged_is_gone_and_what_was_put_away_says_so() {
    let stage = answering(|target, _| match target {
        _ if target.contains("account-info") => (200, r#"{"portalId":1}"#.into()),
        // Whoever asks for a company that was merged gets the one that it was merged into.
        _ if target.contains("/companies/503") => (200, ACME.into()),
        _ if target.contains("/companies/501") => (200, ACME.into()),
        _ if target.contains("/companies/490") && target.contains("archived=true") => (200, GONE.into()),
        _ => (404, r#"{"status":"error","message":"resource not found","category":"OBJECT_NOT_FOUND"}"#.into()),
    })
    .await;
    let companies = stage.stream("companies");
    for (id, found) in [("501", true), ("490", true), ("503", false), ("504", false)] {
        let retrieved = stage.connector.retrieve(&stage.http, &companies, id).await.unwrap();
        assert_eq!(
            (retrieved.record.is_some(), retrieved.at.timestamp(), retrieved.problems.len()),
            (found, NOW, 0),
            "{id}"
        );
    }
}

/// What was asked for one after the other: records, or why there are none.
async fn retrieved(stage: &stage::Stage, stream: &str, ids: &[&str]) -> Vec<String> {
    let of = stage.stream(stream);
    assert!(ids.len() <= stage.connector.at_once(&of));
    let outcomes = stage.connector.retrieve_many(&stage.http, &of, ids).await;
    let told = |outcome: Result<mrr_connector_sdk::Retrieved, _>| match outcome {
        Ok(retrieved) => retrieved.record.map_or("gone".to_owned(), |record| record.id),
        Err(error) => format!("{error}").split(" (").next().unwrap().to_owned(),
    };
    outcomes.into_iter().map(told).collect()
}

const MISSING: &str = r#"{"status":"error","message":"resource not found","category":"OBJECT_NOT_FOUND"}"#;

#[tokio::test]
async fn many_companies_are_read_in_one_request_and_what_it_leaves_out_is_looked_up() {
    let stage = answering(|target, body| match target {
        _ if target.contains("companies/batch/read") => {
            assert!(body.contains("propertiesWithHistory") && body.contains(r#"{"id":"503"}"#), "{body}");
            (207, format!(r#"{{"status":"COMPLETE","results":[{BOLT},{ACME}],"numErrors":1,"errors":[]}}"#))
        }
        _ if target.contains("account-info") => (200, r#"{"portalId":1}"#.into()),
        _ if target.contains("/companies/490") && target.contains("archived=true") => (200, GONE.into()),
        // It was merged.
        _ if target.contains("/companies/503") => (200, ACME.into()),
        // HubSpot could not say.
        _ if target.contains("/companies/505") => (400, r#"{"status":"error","message":"no"}"#.into()),
        _ => (404, MISSING.into()),
    })
    .await;
    let found = retrieved(&stage, "companies", &["501", "490", "502", "503", "504", "505"]).await;
    assert_eq!(found[..5], ["501", "490", "502", "gone", "gone"]);
    assert!(found[5].contains("refused with status 400"), "{found:?}");
    assert_eq!(stage.asked()[0], "/crm/v3/objects/companies/batch/read");
    assert_eq!(stage.connector.at_once(&stage.stream("companies")), 50, "with histories HubSpot refuses more");
}

#[tokio::test]
async fn an_id_that_is_none_does_not_cost_the_others_of_its_batch() {
    let stage = answering(|target, _| match target {
        _ if target.contains("batch/read") => (400, r#"{"status":"error","message":"Invalid input JSON"}"#.into()),
        _ if target.contains("account-info") => (200, r#"{"portalId":1}"#.into()),
        _ if target.contains("/companies/501") => (200, ACME.into()),
        _ => (404, MISSING.into()),
    })
    .await;
    assert_eq!(retrieved(&stage, "companies", &["x", "501"]).await, ["gone", "501"]);
    // What all of them would meet is not asked of each.
    let stage = answering(|_, _| (403, r#"{"status":"error","category":"MISSING_SCOPES"}"#.into())).await;
    let found = retrieved(&stage, "companies", &["501", "502"]).await;
    assert!(found.iter().all(|said| said.contains("the key may not read this")), "{found:?}");
    assert_eq!(stage.asked().len(), 1);
}

#[tokio::test]
async fn the_lines_of_several_deals_are_read_together() {
    let of = |id: &str, line: &str| deal(r#"{"id":"501"}"#, &format!(r#"{{"id":"{line}"}}"#)).replace("1001", id);
    let (first, second) = (of("1001", "9001"), of("1002", "9002"));
    let stage = answering(move |target, _| match target {
        _ if target.contains("line_items/batch/read") && target.contains("archived") => {
            list(&[r#"{"id":"9002","archived":true}"#], None)
        }
        _ if target.contains("line_items/batch/read") => list(&[r#"{"id":"9001","properties":{}}"#], None),
        _ if target.contains("/deals/1001") => (200, first.clone()),
        _ if target.contains("/deals/1002") && target.contains("archived=true") => (200, second.clone()),
        _ if target.contains("/deals/1004") => (502, "<html>".into()),
        _ if target.contains("account-info") => (200, r#"{"portalId":1}"#.into()),
        _ => (404, MISSING.into()),
    })
    .await;
    let of = stage.stream("deals");
    let outcomes = stage.connector.retrieve_many(&stage.http, &of, &["1001", "1002", "1003", "1004"]).await;
    let payload = |place: usize| outcomes[place].as_ref().unwrap().record.as_ref().map(|record| record.payload.clone());
    assert!(payload(0).unwrap().contains(r#"{"id":"9001","properties":{}}"#));
    assert!(payload(1).unwrap().contains(r#"{"id":"9002","archived":true}"#));
    assert_eq!(payload(2), None);
    assert!(outcomes[3].as_ref().unwrap_err().retryable());
}

#[tokio::test]
async fn a_record_that_cannot_be_taken_apart_costs_only_itself() {
    let stage = answering(|_, _| list(&[r#"{"id":5}"#, "7", r#"{"id":""}"#, ACME], None)).await;
    let page = stage.fetch("companies", None).await.unwrap();
    assert_eq!(ids(std::slice::from_ref(&page)), ["501"]);
    let problems: Vec<String> = page.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems[0],
        "companies/element 0 of the page at the beginning id: is 5 where a string should be; the record is left out"
    );
    assert_eq!(problems.len(), 3);
}

#[tokio::test]
async fn a_list_without_an_end_is_an_error_that_says_so() {
    let stage = answering(|_, _| list(&[ACME], Some("502"))).await;
    let cursor = Cursor(r#"{"archived":false,"after":"502"}"#.into());
    let error = stage.fetch("companies", Some(&cursor)).await.unwrap_err().to_string();
    assert!(error.contains("goes on at `502` again"), "{error}");
    let bad = Cursor("{}x".into());
    let error = stage.fetch("companies", Some(&bad)).await.unwrap_err().to_string();
    assert!(error.contains("start the stream anew"), "{error}");
}

#[tokio::test]
async fn owners_who_left_are_listed_too() {
    let stage = answering(|target, _| match (target.contains("owners"), target.contains("archived=true")) {
        (true, false) => list(&[r#"{"id":"77"}"#], None),
        (true, true) => list(&[r#"{"id":"78"}"#], None),
        _ => list(&[r#"{"id":"default","stages":[]}"#], None),
    })
    .await;
    assert_eq!(ids(&stage.walk("owners").await), ["77", "78"]);
    assert_eq!(ids(&stage.walk("pipelines").await), ["default"]);
}
