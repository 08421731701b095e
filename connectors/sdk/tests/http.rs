//! [`Http`] against a server that misbehaves in one way at a time.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod server;

use std::time::Duration;

use mrr_connector_sdk::json::Object;
use mrr_connector_sdk::{Answer, Api, Auth, Budget, Http, Limits, RetryHint, Secret, SourceError, VendorError};
use server::{Reply, Server, answer, gzip};

const KEY: &str = "sk_live_canary_4eC39HqLyjWDarjtT1zdp7dc";
const GOOD: &str = r#"{"id":"a"}"#;

fn api(url: &str) -> Api {
    Api {
        base_url: url.to_owned(),
        auth: Auth::Bearer(Secret::new(KEY)),
        headers: vec![("Stripe-Version", "2026-05-27.dahlia".to_owned())],
        budget: Budget { requests_per_second: 1000, concurrency: 4 },
        paths: Vec::new(),
        quotas: &[],
        retry_hint: Some(RetryHint { header: "Stripe-Should-Retry" }),
        read_error: VendorError::generic,
    }
}

fn limits() -> Limits {
    Limits {
        connect: Duration::from_millis(500),
        headers: Duration::from_millis(300),
        progress: Duration::from_millis(200),
        total: Duration::from_millis(600),
        body_bytes: 100_000,
        attempts: 3,
        retry_for: Duration::from_secs(20),
        backoff: Duration::from_millis(20),
        backoff_max: Duration::from_millis(100),
        retry_after_max: Duration::from_secs(2),
    }
}

/// What came of a request, and how many were made for it.
async fn run(replies: Vec<Reply>) -> (Result<Answer, SourceError>, Server, u64) {
    let server = Server::start(replies).await;
    let http = Http::new(api(&server.url), limits()).unwrap();
    let result = http.get("/v1/invoices", &[("limit", "100"), ("expand[]", "data.lines")]).await;
    let requests = http.requests();
    assert_eq!(requests, server.seen().len() as u64, "the count is what the server saw");
    if let Err(error) = &result {
        let sentence = format!("{error} {error:?}");
        assert!(!sentence.contains("canary"), "{sentence}");
        assert!(sentence.contains("127.0.0.1") && sentence.contains("/v1/invoices"), "{sentence}");
        assert!(!sentence.contains("expand") && sentence.len() < 2048, "{sentence}");
    }
    (result, server, requests)
}

fn bytes(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Reply {
    Reply::Bytes(answer(status, headers, body))
}

#[tokio::test]
async fn a_question_may_have_a_body_and_is_asked_again() {
    let server = Server::start(vec![bytes(503, "", ""), bytes(207, "", GOOD)]).await;
    let http = Http::new(api(&server.url), limits()).unwrap();
    let found = http.post("/search", &[("archived", "true")], r#"{"limit":200}"#).await.unwrap();
    assert_eq!((found.body.as_str(), http.requests()), (GOOD, 2));
    for seen in server.seen() {
        assert!(seen.head.starts_with("POST /search?archived=true HTTP/1.1"), "{}", seen.head);
        assert!(seen.head.contains("content-type: application/json") && seen.head.contains("content-length: 13"));
    }
}

#[tokio::test]
async fn a_good_answer_comes_with_the_vendors_clock_and_id() {
    let (result, server, _) = run(vec![bytes(200, "Request-Id: req_1\r\n", GOOD)]).await;
    let found = result.unwrap();
    assert_eq!((found.body.as_str(), found.request_id.as_deref()), (GOOD, Some("req_1")));
    assert_eq!(found.at.to_rfc3339(), "2026-11-21T10:00:00+00:00");
    assert!(!format!("{found:?}").contains("\"a\""), "bodies are never printed");
    let head = &server.seen()[0].head;
    assert!(head.starts_with("GET /v1/invoices?limit=100&expand%5B%5D=data.lines HTTP/1.1"), "{head}");
    assert!(head.contains(&format!("authorization: Bearer {KEY}")), "{head}");
    assert!(head.contains("stripe-version: 2026-05-27.dahlia") && head.contains("gzip"), "{head}");
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    for status in [408, 409, 423, 425, 429, 477, 500, 502, 503, 504, 521, 524] {
        let (result, _, requests) = run(vec![bytes(status, "", "{}"), bytes(200, "", GOOD)]).await;
        assert!(result.is_ok() && requests == 2, "{status}: {result:?}");
    }
    let cut = |bytes: &[u8]| Reply::Bytes(bytes[..bytes.len() - 3].to_vec());
    let broken: Vec<(&str, Reply)> = vec![
        ("closed before a byte", Reply::Bytes(Vec::new())),
        ("cut body", cut(&answer(200, "", GOOD))),
        ("cut gzip", cut(&answer(200, "Content-Encoding: gzip\r\n", gzip(GOOD.as_bytes())))),
        ("chunked without an end", Reply::Bytes(b"HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n".to_vec())),
        ("cut JSON of the right length", bytes(200, "", &GOOD[..8])),
        ("HTML", bytes(200, "Content-Type: text/html\r\n", "<html>maintenance</html>")),
        ("empty", bytes(200, "", "")),
        ("no UTF-8", bytes(200, "", b"{\"a\":\"\xff\"}")),
        ("no date", Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec())),
        ("no headers in time", Reply::Stall(Vec::new())),
        ("a body that stalls", Reply::Stall(answer(200, "", "x".repeat(999))[..200].to_vec())),
    ];
    for (name, reply) in broken {
        let (result, _, requests) = run(vec![reply, bytes(200, "", GOOD)]).await;
        assert!(result.is_ok() && requests == 2, "{name}: {result:?}");
    }
}

#[tokio::test]
async fn what_stays_wrong_ends_with_a_sentence() {
    let cases: Vec<(Reply, u64, &str)> = vec![
        (
            bytes(
                400,
                "",
                r#"{"error":{"code":"parameter_unknown","message":"Received unknown parameter: lim","param":"lim"}}"#,
            ),
            1,
            "status 400 `parameter_unknown` for `lim` (Received unknown parameter: lim)",
        ),
        (
            bytes(401, "", r#"{"error":{"message":"Invalid API Key provided"}}"#),
            1,
            "key is not accepted (Invalid API Key provided)",
        ),
        (bytes(403, "", r#"{"error":{"message":"No permission"}}"#), 1, "may not read this (No permission)"),
        (bytes(404, "", "{}"), 1, "not found"),
        (bytes(410, "", "{}"), 1, "not found"),
        (bytes(422, "", "{}"), 1, "status 422"),
        (bytes(429, "", r#"{"error":{"message":"Too many"}}"#), 3, "still rate limited after 3 attempts (Too many)"),
        (bytes(503, "", "<html>down</html>"), 3, "status 503 in each of 3 attempts (<html>down</html>)"),
        (bytes(200, "", "<html>login</html>"), 3, "is not JSON and begins with: <html>login</html>"),
        (bytes(200, "", "{\"a\":\n tru}"), 3, "invalid JSON at line 2"),
        (Reply::Stall(Vec::new()), 3, "the answer's beginning took longer"),
        (Reply::Drip(answer(200, "", "x".repeat(999))[..200].to_vec()), 3, "the whole answer took longer"),
        (Reply::Bytes(Vec::new()), 3, "can't be reached"),
        (bytes(200, "", "x".repeat(100_001)), 1, "larger than 100000 bytes"),
        (bytes(200, "Content-Encoding: gzip\r\n", gzip(&vec![b' '; 20_000_000])), 1, "larger than 100000 bytes"),
    ];
    for (reply, attempts, expect) in cases {
        let (result, _, requests) = run(vec![reply]).await;
        let error = result.unwrap_err();
        assert!(error.to_string().contains(expect), "{expect}: {error}");
        assert_eq!(requests, attempts, "{error}");
    }
}

#[tokio::test]
async fn a_callers_reading_is_the_check_of_a_body() {
    let list = |body: &str| bytes(200, "", body);
    let broken = "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\",\n\"x\":[1,tru]}],\"has_more\":false}";
    let good = broken.replace("tru]", "true]");
    let (whole, other) = (list(&good), list("[1]"));
    let cases = [
        (vec![list(broken), whole.clone()], 2, "2 elements"),
        (vec![list(&good[..good.len() - 1]), whole], 2, "2 elements"),
        (vec![list(broken)], 3, "invalid JSON at line 2 column 11"),
        // JSON that is no list stays no list, so that is not asked again.
        (vec![other], 1, "the whole of it is an array where an object should be"),
    ];
    for (replies, requests, expect) in cases {
        let server = Server::start(replies).await;
        let http = Http::new(api(&server.url), limits()).unwrap();
        let read = |body: &str| Object::with_elements(body, "data", |_, _| ()).map(|(_, elements)| elements.len());
        let said = match http.get_as("/v1/x", &[], read).await {
            Ok((_, Ok(count))) => format!("{count} elements"),
            Ok((_, Err(error))) => error.to_string(),
            Err(error) => error.to_string(),
        };
        assert!(said.contains(expect), "{expect}: {said}");
        assert_eq!(http.requests(), requests, "{said}");
    }
}

#[tokio::test]
async fn bodies_are_taken_as_they_are_and_a_wrong_type_does_not_matter() {
    let text = r#"{"a":"\ud800\u0000","b":12345678901234567890.10}"#;
    for (headers, body) in [
        ("Content-Type: text/plain\r\n", text.as_bytes().to_vec()),
        ("Content-Encoding: gzip\r\n", gzip(text.as_bytes())),
        ("", format!("\u{feff}{text}").into_bytes()),
    ] {
        let (result, _, _) = run(vec![bytes(200, headers, body)]).await;
        assert_eq!(result.unwrap().body, text, "{headers}");
    }
}

#[tokio::test]
async fn the_vendors_word_overrules_the_status() {
    let (result, _, requests) = run(vec![bytes(500, "Stripe-Should-Retry: false\r\n", "{}")]).await;
    assert!(result.is_err() && requests == 1);
    let replies = vec![bytes(400, "Stripe-Should-Retry: true\r\n", "{}"), bytes(200, "", GOOD)];
    let (result, _, requests) = run(replies).await;
    assert!(result.is_ok() && requests == 2);
}

#[tokio::test]
async fn retry_after_is_obeyed_and_capped() {
    let cases = [
        ("1", 1000, 1500),
        ("Sat, 21 Nov 2026 10:00:01 GMT", 1000, 1500),
        ("3600", 2000, 2600), // capped by the limits of this test
        ("0", 0, 500),
        ("-1", 0, 500),
        ("soon", 0, 500),
    ];
    for (value, least, most) in cases {
        let replies = vec![bytes(429, &format!("Retry-After: {value}\r\n"), "{}"), bytes(200, "", GOOD)];
        let (result, server, _) = run(replies).await;
        result.unwrap();
        let seen = server.seen();
        let waited = (seen[1].at - seen[0].at).as_millis();
        assert!((least..most).contains(&waited), "{value}: waited {waited} ms");
    }
}

#[tokio::test]
async fn all_attempts_together_have_a_limit() {
    let server = Server::start(vec![bytes(429, "Retry-After: 2\r\n", "{}")]).await;
    let limits = Limits { attempts: 100, retry_for: Duration::from_millis(2500), ..limits() };
    let http = Http::new(api(&server.url), limits).unwrap();
    let error = http.get("/v1/x", &[]).await.unwrap_err();
    assert!(matches!(error, SourceError::RateLimited { attempts: 2, .. }), "{error}");
}

#[tokio::test]
async fn one_streams_429_holds_all_streams() {
    let mut replies = vec![bytes(429, "Retry-After: 1\r\n", "{}")];
    replies.push(bytes(200, "", GOOD));
    let server = Server::start(replies).await;
    let http = Http::new(api(&server.url), limits()).unwrap();
    let first = http.get("/v1/a", &[]);
    let second = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        http.get("/v1/b", &[]).await
    };
    let (first, second) = tokio::join!(first, second);
    first.and(second).unwrap();
    let seen = server.seen();
    assert_eq!((seen.len(), http.requests(), http.waits()), (3, 3, 1));
    assert!(seen[1..].iter().all(|request| request.at - seen[0].at >= Duration::from_secs(1)));
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_made_anew() {
    // It says that it may be kept, and closes it all the same.
    let kept = String::from_utf8(answer(200, "", GOOD)).unwrap().replace("Connection: close\r\n", "");
    let server = Server::start(vec![Reply::Bytes(kept.into_bytes())]).await;
    let http = Http::new(api(&server.url), limits()).unwrap();
    for _ in 0..5 {
        assert_eq!(http.get("/v1/x", &[]).await.unwrap().body, GOOD);
    }
    assert_eq!(server.seen().len(), 5);
}

#[tokio::test]
async fn the_budget_is_shared() {
    let server = Server::start(vec![bytes(200, "", GOOD)]).await;
    let budget = Budget { requests_per_second: 20, concurrency: 2 };
    let http = Http::new(Api { budget, ..api(&server.url) }, limits()).unwrap();
    let begun = std::time::Instant::now();
    let mut set = tokio::task::JoinSet::new();
    let http = std::sync::Arc::new(http);
    for _ in 0..12 {
        let http = std::sync::Arc::clone(&http);
        set.spawn(async move { http.get("/v1/x", &[]).await.map(|_| ()) });
    }
    while let Some(result) = set.join_next().await {
        result.unwrap().unwrap();
    }
    let took = begun.elapsed().as_millis();
    // Two at once, then one in every 50 ms.
    assert!((450..1200).contains(&took), "{took} ms");
}

#[tokio::test]
async fn a_redirect_is_refused_and_the_key_goes_nowhere() {
    let elsewhere = Server::start(vec![bytes(200, "", GOOD)]).await;
    let targets = [
        format!("{}/v1/invoices", elsewhere.url),
        "http://169.254.169.254/".into(),
        "/v1/invoices".into(),
        "::".into(),
    ];
    for target in targets {
        for status in [301, 302, 307, 308] {
            let (result, _, requests) = run(vec![bytes(status, &format!("Location: {target}\r\n"), "")]).await;
            let error = result.unwrap_err();
            assert!(matches!(error, SourceError::Redirected { .. }) && requests == 1, "{error}");
            assert!(error.stops_source() && !error.retryable());
        }
    }
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn an_echoed_key_is_masked_everywhere() {
    let encoded = "sk%5Flive%5Fcanary%5F4eC39HqLyjWDarjtT1zdp7dc";
    let bodies = [
        format!(r#"{{"error":{{"message":"bad key {KEY}","code":"{KEY}","param":"{KEY}"}}}}"#),
        format!("<html>{}{KEY} {encoded}</html>", "x".repeat(180)),
        format!("Bearer {KEY}"),
    ];
    for status in [200, 302, 400, 401, 403, 404, 429, 500] {
        for body in &bodies {
            let headers = format!("Location: https://{KEY}.example.com/?k={KEY}\r\nRequest-Id: {KEY}\r\n");
            // `run` asserts that neither the sentence nor the debug text holds the canary.
            let (result, _, _) = run(vec![bytes(status, &headers, body)]).await;
            assert!(status == 200 || result.is_err());
            if let Ok(found) = result {
                assert!(!format!("{found:?}").contains("canary"));
            }
        }
    }
}

#[tokio::test]
async fn nobody_there_is_said_so() {
    // Bound and dropped: nothing listens there now.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let http = Http::new(api(&format!("http://{address}")), limits()).unwrap();
    let error = http.get("/v1/x", &[]).await.unwrap_err();
    assert!(matches!(error, SourceError::Unreachable { .. }) && error.retryable() && error.stops_source(), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
    assert_eq!(http.requests(), 3);
    let http = Http::new(api("http://no-such-host-here.internal"), limits()).unwrap();
    let error = http.get("/v1/x", &[]).await.unwrap_err();
    assert!(matches!(error, SourceError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn tls_with_somebody_who_does_not_speak_it_is_refused() {
    let server = Server::start(vec![Reply::Bytes(b"HTTP/1.1 400 Bad\r\n\r\n".to_vec())]).await;
    let url = server.url.replace("http://", "https://");
    let http = Http::new(api(&url), limits()).unwrap();
    let error = http.get("/v1/x", &[]).await.unwrap_err();
    assert!(matches!(error, SourceError::TlsFailed { .. }) && error.stops_source(), "{error}");
    assert_eq!(http.requests(), 1, "{error}");
}
