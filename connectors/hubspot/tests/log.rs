//! What changed, found by searches, against an index that lies as HubSpot's does.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod stage;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use mrr_connector_sdk::{Cursor, Hint, SourceError};
use serde_json::{Value, json};
use stage::{NOW, Stage, answering};

/// Ids and stamps in milliseconds.
type Rows = Arc<Mutex<Vec<(u64, i64)>>>;

const NOW_MS: i64 = NOW * 1000;

/// An index of companies, which refuses what HubSpot refuses.
async fn indexed(rows: &Rows, meddle: fn(&mut Vec<(u64, i64)>)) -> Stage {
    let rows = Arc::clone(rows);
    answering(move |target, body| {
        if target.contains("account-info") {
            return (200, r#"{"portalId":1}"#.into());
        }
        if !target.contains("companies/search") {
            return (200, r#"{"total":0,"results":[]}"#.into());
        }
        let body: Value = serde_json::from_str(body).unwrap();
        let limit = body["limit"].as_u64().unwrap() as usize;
        let after = body["after"].as_str().map_or(0, |after| after.parse::<usize>().unwrap());
        if after + limit > 10_000 || limit > 200 {
            return (
                400,
                r#"{"status":"error","message":"There was a problem with the request.","category":"VALIDATION_ERROR"}"#
                    .into(),
            );
        }
        let mut found = rows.lock().unwrap().clone();
        for filter in body["filterGroups"][0]["filters"].as_array().unwrap() {
            let number =
                |name: &str| filter[name].as_str().and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
            let of = |row: &(u64, i64)| if filter["propertyName"] == "hs_object_id" { row.0 as i64 } else { row.1 };
            found.retain(|row| match filter["operator"].as_str().unwrap() {
                "BETWEEN" => (number("value")..=number("highValue")).contains(&of(row)),
                "EQ" => of(row) == number("value"),
                "GT" => of(row) > number("value"),
                other => panic!("{other}"),
            });
        }
        match body["sorts"][0]["propertyName"].as_str().unwrap() {
            "hs_object_id" => found.sort_unstable(),
            _ => found.sort_by_key(|(id, at)| (*at, id % 7)),
        }
        let total = found.len();
        let mut page: Vec<(u64, i64)> = found.into_iter().skip(after).take(limit).collect();
        meddle(&mut page);
        let results: Vec<Value> = page
            .iter()
            .map(|(id, at)| {
                let at = chrono::DateTime::from_timestamp_millis(*at).unwrap();
                let at = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
                json!({"id": id.to_string(), "properties": {"hs_lastmodifieddate": at}})
            })
            .collect();
        let mut answer = json!({"total": total, "results": results});
        if after + limit < total {
            answer["paging"] = json!({"next": {"after": (after + limit).to_string()}});
        }
        (200, answer.to_string())
    })
    .await
}

fn at(since: i64) -> Cursor {
    Cursor(json!({"since": since}).to_string())
}

/// Everything that is found from a place on, and the place behind it.
async fn follow(stage: &Stage, mut cursor: Cursor) -> Result<(Vec<Hint>, Cursor), SourceError> {
    let mut hints = Vec::new();
    for _ in 0..1_000 {
        let followed = stage.connector.follow(&stage.http, Some(&cursor)).await?;
        hints.extend(followed.hints);
        let next = followed.page.next.into_iter().next().unwrap();
        if !followed.more {
            return Ok((hints, next));
        }
        assert_ne!(next, cursor, "a page behind which is the same page");
        cursor = next;
    }
    panic!("no end");
}

fn ids(hints: &[Hint]) -> BTreeSet<u64> {
    hints.iter().map(|hint| hint.id.parse().unwrap()).collect()
}

#[tokio::test]
async fn more_than_a_search_can_reach_is_found_and_so_is_one_millisecond_of_it() {
    let instant = NOW_MS - 50_000_000;
    let mut all: Vec<(u64, i64)> = (1..=10_001).map(|id| (id * 3, instant)).collect();
    all.extend((1..=2_500).map(|id| (id * 3 + 1, instant - 20_000_000 + id as i64 * 1_000)));
    all.extend((1..=2_500).map(|id| (id * 3 + 2, instant + id as i64 / 2)));
    let rows: Rows = Arc::new(Mutex::new(all.clone()));
    let stage = indexed(&rows, |_| {}).await;
    let (hints, next) = follow(&stage, at(NOW_MS - 80_000_000)).await.unwrap();
    assert_eq!(ids(&hints), all.iter().map(|(id, _)| *id).collect());
    // 75 full pages, and little more for where they meet.
    assert!(stage.asked_in_full().len() < 150, "{}", stage.asked_in_full().len());
    assert_eq!(next, at(NOW_MS - 600_000), "the newest ten minutes are searched again");
}

#[tokio::test]
async fn whoever_has_no_place_begins_at_the_present() {
    let rows: Rows = Arc::new(Mutex::new(vec![(1, NOW_MS - 5)]));
    let stage = indexed(&rows, |_| {}).await;
    let first = stage.connector.follow(&stage.http, None).await.unwrap();
    assert!(first.hints.is_empty() && !first.more && first.gap.is_none());
    let place = first.page.next[0].clone();
    assert_eq!(place, at(NOW_MS));
    // What turns up behind the place within the hour is found all the same, and is the same entry.
    rows.lock().unwrap().push((2, NOW_MS - 3_000_000));
    let (found, next) = follow(&stage, place).await.unwrap();
    assert_eq!(ids(&found), BTreeSet::from([1, 2]));
    let (again, _) = follow(&stage, next).await.unwrap();
    assert_eq!(again, found);
    assert_eq!(found[0].entry, format!("companies/2@{}", NOW_MS - 3_000_000));
}

#[tokio::test]
async fn a_record_that_is_changed_while_it_is_searched_for_is_found_the_next_time() {
    let all: Vec<(u64, i64)> = (1..=500).map(|id| (id, NOW_MS - 5_000_000 + id as i64 * 1_000)).collect();
    let rows: Rows = Arc::new(Mutex::new(all));
    // The third on each page shows a stamp from after the search began, in its old place.
    let stage = indexed(&rows, |page| {
        if let Some(row) = page.get_mut(2) {
            row.1 = NOW_MS + 7;
        }
    })
    .await;
    let (hints, _) = follow(&stage, at(NOW_MS - 6_000_000)).await.unwrap();
    assert!(hints.iter().all(|hint| hint.at.timestamp_millis() <= NOW_MS), "no entry is from after the search");
    assert!(ids(&hints).len() >= 497, "{}", ids(&hints).len());
}

#[tokio::test]
async fn a_search_out_of_order_is_no_search_but_for_the_newest() {
    let swap: fn(&mut Vec<(u64, i64)>) = |page| page.reverse();
    let old: Rows = Arc::new(Mutex::new(vec![(1, NOW_MS - 5_000_000), (2, NOW_MS - 4_000_000)]));
    let error = follow(&indexed(&old, swap).await, at(NOW_MS - 3_000_000)).await.unwrap_err();
    assert!(error.retryable() && error.to_string().contains("not in the order"), "{error}");
    let new: Rows = Arc::new(Mutex::new(vec![(1, NOW_MS - 50_000), (2, NOW_MS - 40_000)]));
    let (hints, _) = follow(&indexed(&new, swap).await, at(NOW_MS - 3_000_000)).await.unwrap();
    assert_eq!(ids(&hints), BTreeSet::from([1, 2]));
}

#[tokio::test]
async fn a_line_that_changed_is_a_deal_to_be_read_again() {
    let stage = answering(|target, body| match target {
        _ if target.contains("account-info") => (200, r#"{"portalId":1}"#.into()),
        _ if target.contains("line_items/search") => (
            200,
            r#"{"total":1,"results":[{"id":"9001","properties":{"hs_lastmodifieddate":"2026-11-21T09:59:00.123Z"}}]}"#
                .into(),
        ),
        _ if target.contains("associations/line_items/deals") => {
            assert!(body.contains(r#"{"id":"9001"}"#), "{body}");
            (200, r#"{"results":[{"from":{"id":"9001"},"to":[{"toObjectId":1001,"associationTypes":[]}]}]}"#.into())
        }
        // Who may not see surveys is told of everything else.
        _ if target.contains("feedback_submissions") => {
            (403, r#"{"status":"error","category":"MISSING_SCOPES"}"#.into())
        }
        _ => (200, r#"{"total":0,"results":[]}"#.into()),
    })
    .await;
    let (hints, _) = follow(&stage, at(NOW_MS)).await.unwrap();
    let told: Vec<_> = hints.iter().map(|hint| (hint.stream, hint.id.as_str(), hint.entry.as_str())).collect();
    assert_eq!(told, [("deals", "1001", "line_items/9001@1795255140123")]);
}
