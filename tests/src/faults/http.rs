//! A vendor that answers late, wrongly, or not at all.

use std::time::{Duration, Instant};

use super::case::{Case, elsewhere, long, quick, slow};
use super::dialect::CUSTOMERS;
use super::fake_vendor::BEGIN;
use super::fixture::{Context, Fixture, check, expect};
use super::gate::{Asked, Deed, http_date};
use crate::{Finished, Outcome};

pub const CASES: &[Case] = &[
    quick("D1", "429 with Retry-After 2, a date, 0, -1, garbage", retry_after),
    slow("D1b", "429 with Retry-After 3600", retry_after_an_hour),
    quick("D2", "429 without Retry-After: every third; then all", rate_limited),
    quick("D3", "500, 502, 503, 504, 408, 409, 425, each twice", passing),
    quick("D4", "400, 401, 403, 404, 410, 422", refused),
    quick("D5", "headers that drip, a body that stalls, a body at a byte a time", slow_answers),
    quick("D6", "a body that ends early: politely, rudely, and chunked without the last chunk", cut),
    quick("D7", "JSON that ends in the middle, with the right length", truncated),
    long("D8", "HTML, empty, null, [], an array; a wrong content type and a byte order mark", shapes),
    quick("D9", "200 with an error in it", error_in_200),
    elsewhere(
        "D10",
        "a body that unpacks to gigabytes",
        "connectors/sdk/tests/http.rs",
        "what_stays_wrong_ends_with_a_sentence",
        "the limit on decoded bytes, at a small size",
    ),
    quick("D12", "redirects to another host, to a private address, to itself", redirected),
    elsewhere(
        "D13",
        "TLS with somebody who does not speak it",
        "connectors/sdk/tests/http.rs",
        "tls_with_somebody_who_does_not_speak_it_is_refused",
        "no expired or self-signed certificate",
    ),
];

/// Whether a request is for the list of customers.
fn customers(asked: &Asked) -> bool {
    asked.lists(CUSTOMERS)
}

/// Three pages, one after the other.
fn small<'a>(context: &'a Context<'a>) -> Outcome<Fixture<'a>> {
    let fixture = context.fixture(context.book(30).in_pages_of(10))?;
    fixture.configure("concurrency = 1\n")?;
    Ok(fixture)
}

/// The n-th request for customers and so many behind it are answered so; then all is well.
fn spoil(fixture: &Fixture<'_>, from: usize, count: usize, deed: impl Fn() -> Deed + Send + 'static) {
    let mut met = 0;
    fixture.gate.rule(move |asked| {
        met += usize::from(customers(asked));
        if customers(asked) && met >= from && met < from + count { deed() } else { Deed::Pass }
    });
}

/// All is as it must be, and nothing had to be done.
fn went_well(fixture: &Fixture<'_>, finished: &Finished) -> Outcome<()> {
    expect("exit code", &finished.code.to_string(), "0").map_err(|error| format!("{error}\n{}", finished.stderr))?;
    fixture.holds()?;
    fixture.counted(0)
}

/// It failed and said so, kept what it had, and goes on once all is well.
fn failed_and_goes_on(fixture: &Fixture<'_>, finished: &Finished, words: &[&str]) -> Outcome<()> {
    fixture.failed(finished, words)?;
    fixture.truth()?;
    fixture.cursors_hold()?;
    fixture.gate.pass();
    fixture.ok(&["sync"])?;
    fixture.holds()
}

fn retry_after(context: &Context<'_>) -> Outcome<String> {
    let fixture = small(context)?;
    let shown = http_date(BEGIN + 10_000_000 + 2);
    let mut waits = Vec::new();
    for (asked, least, most) in
        [("2", 2.0, 4.0), (shown.as_str(), 2.0, 4.0), ("0", 0.0, 2.0), ("-1", 0.2, 2.0), ("soon", 0.2, 2.0)]
    {
        let before = fixture.gate.count();
        let header = format!("Retry-After: {asked}\r\n");
        spoil(&fixture, 2, 1, move || Deed::Say(429, header.clone(), b"{}".to_vec()));
        let finished = fixture.run(&["sync"])?;
        expect("exit code", &finished.code.to_string(), "0")?;
        let all = fixture.gate.asked();
        let place =
            all.iter().skip(before).filter(|asked| customers(asked)).nth(1).map(|asked| (asked.number, asked.at));
        let (number, at) = place.ok_or("the second page was never asked for")?;
        // Nobody asks in between, of whichever stream.
        let next = all.get(number).map(|next| next.at - at).ok_or("nobody asked again")?;
        let waited = next.as_secs_f64();
        check((least..most).contains(&waited), || {
            format!("Retry-After {asked}: the next request came after {waited:.1} s")
        })?;
        waits.push(format!("{waited:.1}"));
        fixture.holds()?;
    }
    Ok(format!("waited {} s", waits.join(", ")))
}

fn retry_after_an_hour(context: &Context<'_>) -> Outcome<String> {
    let fixture = small(context)?;
    spoil(&fixture, 2, 1, || Deed::Say(429, "Retry-After: 3600\r\n".into(), b"{}".to_vec()));
    let begun = Instant::now();
    let finished = fixture.run(&["sync"])?;
    went_well(&fixture, &finished)?;
    let took = begun.elapsed().as_secs_f64();
    check((120.0..130.0).contains(&took), || format!("it took {took:.0} s"))?;
    Ok("waited the two minutes that are the most".into())
}

fn rate_limited(context: &Context<'_>) -> Outcome<String> {
    let fixture = small(context)?;
    fixture
        .gate
        .rule(|asked| if asked.number % 3 == 0 { Deed::Say(429, String::new(), b"{}".to_vec()) } else { Deed::Pass });
    let finished = fixture.hasty(&["sync"])?;
    went_well(&fixture, &finished)?;
    let fixture = small(context)?;
    fixture
        .gate
        .rule(|asked| if customers(asked) { Deed::Say(429, String::new(), b"{}".to_vec()) } else { Deed::Pass });
    let begun = Instant::now();
    let finished = fixture.hasty(&["sync"])?;
    let asked = fixture.gate.asked().iter().filter(|asked| customers(asked)).count();
    check(asked <= 8, || format!("{asked} requests for one page"))?;
    let took = begun.elapsed();
    failed_and_goes_on(&fixture, &finished, &[&fixture.stream(CUSTOMERS), "rate limited", "requests_per_second"])?;
    Ok(format!("gave up after {asked} requests in {:.1} s of twentieths", took.as_secs_f64()))
}

fn passing(context: &Context<'_>) -> Outcome<String> {
    for status in [500, 502, 503, 504, 408, 409, 425] {
        let fixture = small(context)?;
        spoil(&fixture, 2, 2, move || {
            Deed::Say(status, String::new(), b"{\"error\":{\"message\":\"not now\"}}".to_vec())
        });
        let finished = fixture.hasty(&["sync"])?;
        went_well(&fixture, &finished).map_err(|error| format!("{status}: {error}"))?;
    }
    Ok("tried again, each".into())
}

fn refused(context: &Context<'_>) -> Outcome<String> {
    let cases: [(u16, &[&str]); 6] = [
        (400, &["refused with status 400"]),
        (401, &["the key is not accepted", "check that"]),
        (403, &["may not read", "grant it the permission"]),
        (404, &["not found", "check"]),
        (410, &["not found", "check"]),
        (422, &["refused with status 422"]),
    ];
    for (status, words) in cases {
        let fixture = small(context)?;
        let body = b"{\"error\":{\"message\":\"The key sk_test_sandbox may not, says sk_test_sandbox.\",\"type\":\"invalid_request_error\"}}";
        spoil(&fixture, 2, 99, move || Deed::Say(status, String::new(), body.to_vec()));
        let finished = fixture.run(&["sync"])?;
        let asked = fixture.gate.asked().iter().filter(|asked| customers(asked)).count();
        expect(&format!("{status}: requests for customers"), &asked.to_string(), "2")?;
        // A key that is refused is refused to all; what one stream is refused leaves the others.
        let others = fixture.row("select count(*) > 0 from raw.record where stream = :subscriptions")?;
        expect(&format!("{status}: other streams are read"), &others, if status == 401 { "f" } else { "t" })?;
        let named = fixture.stream(CUSTOMERS);
        let words: Vec<&str> = std::iter::once(named.as_str()).chain(words.iter().copied()).collect();
        failed_and_goes_on(&fixture, &finished, &words).map_err(|error| format!("{status}: {error}"))?;
    }
    Ok("never asked again, and named".into())
}

fn slow_answers(context: &Context<'_>) -> Outcome<String> {
    let deeds: [fn() -> Deed; 3] = [
        || Deed::Drip(1, Duration::from_millis(200)),
        || Deed::Stall(50),
        || Deed::Drip(40, Duration::from_millis(150)),
    ];
    let mut took = Vec::new();
    for deed in deeds {
        let fixture = small(context)?;
        spoil(&fixture, 2, 1, deed);
        let begun = Instant::now();
        let finished = fixture.hasty(&["sync"])?;
        went_well(&fixture, &finished)?;
        took.push(format!("{:.1}", begun.elapsed().as_secs_f64()));
    }
    Ok(format!("given up and asked again after {} s of twentieths", took.join(", ")))
}

fn cut(context: &Context<'_>) -> Outcome<String> {
    let deeds: [fn() -> Deed; 3] = [
        || Deed::Cut(70, false),
        || Deed::Cut(70, true),
        || {
            let head = "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nTransfer-Encoding: chunked\r\n\r\n";
            Deed::Bytes(format!("{head}1a\r\n{{\"object\":\"list\",\"data\":[\r\n").into_bytes())
        },
    ];
    for deed in deeds {
        let fixture = small(context)?;
        spoil(&fixture, 2, 2, deed);
        let finished = fixture.hasty(&["sync"])?;
        went_well(&fixture, &finished)?;
    }
    Ok("nothing of it was used, and the page asked for again".into())
}

fn half(body: &str) -> String {
    body[..body.len() / 2].to_owned()
}

fn truncated(context: &Context<'_>) -> Outcome<String> {
    let fixture = small(context)?;
    spoil(&fixture, 2, 1, || Deed::Edit(half));
    let finished = fixture.hasty(&["sync"])?;
    went_well(&fixture, &finished)?;
    let fixture = small(context)?;
    spoil(&fixture, 2, 99, || Deed::Edit(half));
    let finished = fixture.hasty(&["sync"])?;
    failed_and_goes_on(&fixture, &finished, &[&fixture.stream(CUSTOMERS), "invalid JSON at line 1 column"])?;
    Ok("once is tried again, always is named with its place".into())
}

fn shapes(context: &Context<'_>) -> Outcome<String> {
    let bad: [(&str, &str); 5] = [
        ("<html><body>Please sign in: sk_test_sandbox</body></html>", "begins with: <html>"),
        ("", "it is empty"),
        ("null", "it is not JSON and begins with: null"),
        ("[]", "in the list"),
        ("[{\"id\":\"cus_1\"}]", "in the list"),
    ];
    for (body, words) in bad {
        let fixture = small(context)?;
        spoil(&fixture, 2, 99, move || Deed::Say(200, String::new(), body.as_bytes().to_vec()));
        let finished = fixture.hasty(&["sync"])?;
        let named = fixture.stream(CUSTOMERS);
        let words = [named.as_str(), if body == "null" { "can't be used" } else { words }];
        failed_and_goes_on(&fixture, &finished, &words).map_err(|error| format!("`{body}`: {error}"))?;
    }
    // Good JSON under a wrong name, and behind a mark.
    let fixture = small(context)?;
    fixture.gate.rule(|_| Deed::Edit(|body| format!("\u{feff}{body}")));
    let finished = fixture.run(&["sync"])?;
    expect("exit code", &finished.code.to_string(), "0")?;
    fixture.holds()?;
    Ok(format!("{} named, with what they begin with; a mark does no harm", bad.len()))
}

fn error_in_200(context: &Context<'_>) -> Outcome<String> {
    for body in [r#"{"error":{"message":"no"}}"#, r#"{"success":false}"#] {
        let fixture = small(context)?;
        spoil(&fixture, 2, 99, move || Deed::Say(200, String::new(), body.as_bytes().to_vec()));
        let finished = fixture.hasty(&["sync"])?;
        failed_and_goes_on(&fixture, &finished, &[&fixture.stream(CUSTOMERS), "can't be used"])?;
    }
    Ok("is no page".into())
}

fn redirected(context: &Context<'_>) -> Outcome<String> {
    let other = context.fixture(context.book(0))?;
    for target in [other.gate.address(), "http://169.254.169.254/latest".into(), "/v1/customers".into()] {
        let fixture = small(context)?;
        let header = format!("Location: {target}\r\n");
        spoil(&fixture, 1, 99, move || Deed::Say(302, header.clone(), Vec::new()));
        let finished = fixture.run(&["sync"])?;
        let asked = fixture.gate.asked().iter().filter(|asked| customers(asked)).count();
        expect("requests for customers", &asked.to_string(), "1")?;
        failed_and_goes_on(&fixture, &finished, &["redirects to", "correct `base_url`"])?;
    }
    expect("requests to where it was sent", &other.gate.count().to_string(), "0")?;
    Ok("never followed, and the key went nowhere".into())
}
