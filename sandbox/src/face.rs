//! What the vendors' faces do alike: they listen, say where, tell the world's time, and let it be moved.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::http::Method;
use serde_json::{Value, json};

use crate::world::clock::{Horizon, Moment};

/// Answers on 127.0.0.1 until the future ends. Prints one line with the address as soon as it listens.
pub async fn listen(router: Router, port: u16, until: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
    stdout.flush()?;
    axum::serve(listener, router).with_graceful_shutdown(until).await
}

/// A moment as the header `Date` has it.
pub fn date(now: Moment) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(now.0.unsigned_abs()))
}

/// What no vendor's API has, for tests only and without a key: `POST /_sandbox/advance?to=UNIX` moves the clock, `GET
/// /_sandbox/deliveries` counts what was posted. Status and body.
pub fn control(
    (method, path): (&Method, &str),
    posted: Option<Value>,
    advance: impl FnOnce() -> Result<Moment, String>,
) -> (u16, Value) {
    match (method, path) {
        (&Method::POST, "/_sandbox/advance") => match advance() {
            Ok(now) => (200, json!({"now": now.0.to_string()})),
            Err(error) => (400, json!({"error": error})),
        },
        (&Method::GET, "/_sandbox/deliveries") => match posted {
            Some(report) => (200, report),
            None => (404, json!({"error": "nothing is posted without --webhook"})),
        },
        _ => (404, json!({"error": "the controls are POST /_sandbox/advance?to=UNIX and GET /_sandbox/deliveries"})),
    }
}

/// To where a query moves the clock.
pub fn ahead(query: &str, now: Moment) -> Result<Moment, String> {
    let to = query.strip_prefix("to=").and_then(|to| to.parse().ok()).map(Moment);
    to.filter(|&to| now <= to && to <= Horizon::NOW)
        .ok_or_else(|| format!("to is a second from {} to {}: the clock goes forward only", now.0, Horizon::NOW.0))
}
