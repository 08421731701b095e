//! The budget over real HTTP: what a vendor's headers say is left of its limits, and who goes first.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]
#![allow(dead_code, reason = "the server can do more than is asked of it here")]

mod server;

use std::time::{Duration, Instant};

use mrr_connector_sdk::{
    Api, Auth, Budget, Http, Limits, PathBudget, Quota, Renewal, Secret, SourceError, Told, VendorError,
};
use server::{Reply, Server, answer};

/// A limit of a second, of which a tenth is kept.
const BURST: &[Quota] = &[Quota {
    name: "limit of a second",
    told: Told::Left { left: "X-RateLimit-Remaining", most: "X-RateLimit-Max" },
    renewal: Renewal::Within { millis: Some("X-RateLimit-Interval-Milliseconds"), otherwise: Duration::from_secs(9) },
    code: None,
    kept_percent: 10,
}];

/// A daily limit, of which a fifth is kept.
const DAY: &[Quota] = &[Quota {
    name: "daily limit",
    told: Told::Used { header: "Sforce-Limit-Info", entry: "api-usage" },
    renewal: Renewal::Daily,
    code: Some("DAILY"),
    kept_percent: 20,
}];

fn client(server: &Server, quotas: &'static [Quota], budget: Budget) -> Http {
    let api = Api {
        base_url: server.url.clone(),
        auth: Auth::Bearer(Secret::new("key_canary")),
        headers: Vec::new(),
        budget,
        paths: vec![PathBudget { ends_with: "/search", requests_per_second: 10 }],
        quotas,
        retry_hint: None,
        read_error: VendorError::generic,
    };
    Http::new(api, Limits { attempts: 2, ..Limits::default() }).unwrap()
}

fn says(headers: &str) -> Reply {
    Reply::Bytes(answer(200, headers, "{}"))
}

fn burst(left: u32) -> Reply {
    let headers = format!("X-RateLimit-Remaining: {left}\r\nX-RateLimit-Max: 100\r\n");
    says(&format!("{headers}X-RateLimit-Interval-Milliseconds: 1000\r\n"))
}

const FAST: Budget = Budget { requests_per_second: 1000, concurrency: 4 };

/// Requests one after the other; when they arrived, in milliseconds since the first.
async fn in_turn(server: &Server, http: &Http, count: usize) -> Vec<u128> {
    for _ in 0..count {
        http.get("/x", &[]).await.unwrap();
    }
    let seen = server.seen();
    seen.iter().map(|request| (request.at - seen[0].at).as_millis()).collect()
}

#[tokio::test]
async fn little_left_slows_down_before_a_429() {
    let server = Server::start(vec![burst(90), burst(60), burst(15)]).await;
    let http = client(&server, BURST, FAST);
    let at = in_turn(&server, &http, 6).await;
    // Plenty is left at first; then 15 less the 10 that are kept, in a second.
    assert!(at[2] < 150, "{at:?}");
    assert!(at.windows(2).skip(2).all(|pair| (190..600).contains(&(pair[1] - pair[0]))), "{at:?}");
    assert_eq!(http.waits(), 0);
}

#[tokio::test]
async fn what_changed_goes_on_where_a_walk_waits() {
    let server = Server::start(vec![burst(10)]).await;
    let http = client(&server, BURST, FAST);
    http.get("/walk", &[]).await.unwrap();
    let walk = http.clone();
    let begun = Instant::now();
    let walk = tokio::spawn(async move { walk.get("/walk", &[]).await.map(|_| begun.elapsed()) });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(http.waits_for().unwrap().contains("little is left"), "{:?}", http.waits_for());
    for _ in 0..5 {
        http.for_changes().get("/change", &[]).await.unwrap();
    }
    let changes = begun.elapsed();
    assert!((350..900).contains(&changes.as_millis()), "{changes:?}");
    let walked = walk.await.unwrap().unwrap();
    assert!((900..2_000).contains(&walked.as_millis()), "{walked:?}");
}

#[tokio::test]
async fn a_day_that_is_nearly_used_up_ends_a_walk_with_a_sentence() {
    let server = Server::start(vec![says("Sforce-Limit-Info: api-usage=4200/5000\r\n")]).await;
    let http = client(&server, DAY, FAST);
    http.get("/walk", &[]).await.unwrap();
    let error = http.get("/walk", &[]).await.unwrap_err();
    assert!(error.retryable() && !error.stops_source(), "{error:?}");
    let sentence = error.to_string();
    assert!(sentence.contains("800 of 5000 requests are left of the vendor's daily limit"), "{sentence}");
    assert!(sentence.contains("kept for records that change") && sentence.contains("next run"), "{sentence}");
    assert_eq!(server.seen().len(), 1, "nobody was asked");
    http.for_changes().get("/change", &[]).await.unwrap();
    assert_eq!((server.seen().len(), http.requests()), (2, 2));
}

#[tokio::test]
async fn a_day_that_is_used_up_is_not_asked_again() {
    let full = "Sforce-Limit-Info: api-usage=5000/5000\r\n";
    let server = Server::start(vec![Reply::Bytes(answer(429, full, "{}"))]).await;
    let http = client(&server, DAY, FAST).for_changes();
    let error = http.get("/change", &[]).await.unwrap_err();
    assert!(matches!(error, SourceError::QuotaSpent { left: 0, most: 5000, .. }), "{error}");
    assert!(!error.to_string().contains("kept"), "{error}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_day_that_the_vendor_says_is_used_up_is_not_asked_again() {
    let body = r#"{"message":"You have reached your daily limit.","code":"DAILY"}"#;
    let server = Server::start(vec![Reply::Bytes(answer(429, "", body))]).await;
    let http = client(&server, DAY, FAST).for_changes();
    for _ in 0..3 {
        let error = http.get("/change", &[]).await.unwrap_err();
        assert!(matches!(error, SourceError::QuotaSpent { left: 0, .. }) && error.retryable(), "{error:?}");
        assert!(error.to_string().contains("nothing is left of the vendor's daily limit; the next run"), "{error}");
    }
    // Once, and never waited for.
    assert_eq!((server.seen().len(), http.waits()), (1, 0));
    // Any other refusal is waited for and tried again.
    let burst = Reply::Bytes(answer(429, "", r#"{"message":"Slowly.","code":"SECONDLY"}"#));
    let server = Server::start(vec![burst, says("")]).await;
    client(&server, DAY, FAST).get("/walk", &[]).await.unwrap();
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn what_a_vendor_counts_apart_has_a_pace_of_its_own() {
    let server = Server::start(vec![says("")]).await;
    let http = client(&server, &[], FAST);
    let mut set = tokio::task::JoinSet::new();
    for path in ["/deals/search", "/deals/search", "/search", "/companies/search", "/deals", "/deals", "/searches"] {
        let http = http.clone();
        set.spawn(async move { http.get(path, &[]).await.map(drop) });
    }
    while let Some(result) = set.join_next().await {
        result.unwrap().unwrap();
    }
    let seen = server.seen();
    let began = |apart: bool| {
        let of = seen.iter().filter(move |request| request.head.contains("/search ") == apart);
        of.map(|request| (request.at - seen[0].at).as_millis()).collect::<Vec<_>>()
    };
    let (apart, others) = (began(true), began(false));
    // Ten a second, whatever they search in.
    assert!(apart.windows(2).all(|pair| pair[1] - pair[0] >= 85), "{apart:?}");
    assert!(others.iter().all(|at| *at < 90), "{others:?}");
}

#[tokio::test]
async fn a_walk_and_what_changed_take_turns() {
    let server = Server::start(vec![says("")]).await;
    let http = client(&server, &[], Budget { requests_per_second: 25, concurrency: 1 });
    let mut set = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let walk = http.clone();
        set.spawn(async move { walk.get("/walk", &[]).await.map(drop) });
    }
    tokio::time::sleep(Duration::from_millis(60)).await;
    for _ in 0..3 {
        let change = http.for_changes();
        set.spawn(async move { change.get("/change", &[]).await.map(drop) });
    }
    while let Some(result) = set.join_next().await {
        result.unwrap().unwrap();
    }
    let seen = server.seen();
    let places: Vec<usize> = (0..seen.len()).filter(|place| seen[*place].head.contains("/change")).collect();
    let last = places[2];
    assert!(last <= 9, "{places:?}: behind twelve they would be last");
    assert!(places.windows(2).all(|pair| pair[1] - pair[0] <= 2), "{places:?}: every other one");
}
