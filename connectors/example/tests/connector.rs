//! The laws, and what follows from the records, against a server that answers as the vendor's
//! documentation says.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::HashMap;

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use mrr_connector_example::configure;
use mrr_connector_sdk::{Connector, Http, Limits, compliance};
use serde_json::{Value, json};

/// Two customers a page, behind the one that `after` names.
async fn list(Query(asked): Query<HashMap<String, String>>) -> Json<Value> {
    let all = customers();
    let from = match asked.get("after") {
        Some(after) => all.iter().position(|one| one["id"] == **after).map_or(0, |at| at + 1),
        None => 0,
    };
    let page: Vec<Value> = all[from..].iter().take(2).cloned().collect();
    let more = from + page.len() < all.len();
    let next = page.last().filter(|_| more).map(|last| last["id"].clone());
    Json(json!({ "data": page, "next": next }))
}

async fn one(Path(id): Path<String>) -> Result<Json<Value>, StatusCode> {
    customers().into_iter().find(|one| one["id"] == *id).map(Json).ok_or(StatusCode::NOT_FOUND)
}

fn customers() -> Vec<Value> {
    serde_json::from_str(include_str!("fixtures/customers.json")).unwrap()
}

async fn connected() -> (Box<dyn Connector>, Http) {
    let routes = Router::new().route("/v1/customers", get(list)).route("/v1/customers/{id}", get(one));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let settings = format!("api_key = 'key'\nbase_url = 'http://{address}'\nrequests_per_second = 1000");
    let connector = configure(settings.parse().unwrap()).unwrap();
    let http = Http::new(connector.api(), Limits::default()).unwrap();
    (connector, http)
}

#[tokio::test]
async fn it_keeps_the_laws() {
    let (connector, http) = connected().await;
    let report = compliance::check(&*connector, &http).await.unwrap();
    assert_eq!(report.broken, Vec::<String>::new());
    assert_eq!(report.counts["customers"], 3);
}

#[tokio::test]
async fn its_records_are_charges_and_what_can_not_be_read_is_listed() {
    let (connector, http) = connected().await;
    let report = compliance::check(&*connector, &http).await.unwrap();
    let mapper = connector.mapper(&report.references);
    let said: Vec<String> = report
        .accounts
        .iter()
        .flat_map(|(account, records)| {
            let facts = mapper.facts(account, records);
            let charges = facts.charges.iter().map(|charge| {
                format!("{account} {} {} {} every {}", charge.plan, charge.amount, charge.currency, charge.interval)
            });
            charges.chain(facts.problems.iter().map(ToString::to_string)).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        said,
        [
            "cus_1 Pro 49.00 EUR every 1 month",
            "cus_1 Seats 1200 EUR every 1 year",
            "cus_2 Pro 98.00 EUR every 1 month",
            "customers/cus_2 subscriptions[0].currency: `euro` is not a currency code: write three letters as ISO 4217 has them, such as EUR; it is in no number",
        ]
    );
}

#[tokio::test]
async fn one_that_is_gone_is_said_to_be() {
    let (connector, http) = connected().await;
    let customers = &connector.streams()[0];
    assert!(connector.retrieve(&http, customers, "cus_2").await.unwrap().record.is_some());
    assert!(connector.retrieve(&http, customers, "cus_9").await.unwrap().record.is_none());
}
