//! HTTP: keys, versions, headers and manners; what is answered is the book's matter.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::{Query as Pairs, Request, State};
use axum::http::{HeaderMap, Method, Response, header};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

use super::book::Book;
use super::query::Query;
use super::refusal::Refusal;
use crate::world::clock::Horizon;

/// How the server behaves, apart from what it answers.
#[derive(Clone, Debug)]
pub struct Manners {
    /// The one key that is accepted.
    pub key: String,
    /// Every so many requests one is refused with 429; 0 for never.
    pub rate_limit_every: u64,
    /// How long every answer waits.
    pub latency: Duration,
}

struct Face {
    book: Book,
    manners: Manners,
    requests: AtomicU64,
    date: String,
}

/// Serves on 127.0.0.1 until the future ends. Prints one line with the address as soon as it listens.
pub async fn serve(
    book: Book,
    manners: Manners,
    port: u16,
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let address = listener.local_addr()?;
    let now = UNIX_EPOCH + Duration::from_secs(Horizon::NOW.0.unsigned_abs());
    let face = Face { book, manners, requests: AtomicU64::new(0), date: httpdate::fmt_http_date(now) };
    let router = Router::new().fallback(answer).with_state(Arc::new(face));
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on http://{address}")?;
    stdout.flush()?;
    axum::serve(listener, router).with_graceful_shutdown(until).await
}

async fn answer(State(face): State<Arc<Face>>, request: Request) -> Response<Body> {
    let number = face.requests.fetch_add(1, Ordering::Relaxed) + 1;
    if !face.manners.latency.is_zero() {
        tokio::time::sleep(face.manners.latency).await;
    }
    let outcome = face.consider(number, &request);
    face.respond(number, &outcome)
}

impl Face {
    fn consider(&self, number: u64, request: &Request) -> Result<Value, Refusal> {
        let every = self.manners.rate_limit_every;
        if every > 0 && number.is_multiple_of(every) {
            return Err(Refusal::rate_limited());
        }
        check_key(request.headers(), &self.manners.key)?;
        check_version(request.headers())?;
        let path = request.uri().path();
        if request.method() != Method::GET {
            return Err(Refusal::method(request.method().as_str(), path));
        }
        let Pairs(pairs) = Pairs::<Vec<(String, String)>>::try_from_uri(request.uri())
            .map_err(|_| Refusal::unknown_parameter("(unreadable query string)"))?;
        self.book.answer(path, Query::new(pairs))
    }

    fn respond(&self, number: u64, outcome: &Result<Value, Refusal>) -> Response<Body> {
        let (status, body) = match outcome {
            Ok(body) => (200, body.to_string()),
            Err(refusal) => (refusal.status, refusal.body().to_string()),
        };
        let mut response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::DATE, &self.date)
            .header("Request-Id", format!("req_{number:014}"))
            .header("Stripe-Version", super::VERSION);
        if status == 429 {
            response = response.header("Stripe-Rate-Limited-Reason", "endpoint-rate");
        }
        if status == 405 {
            response = response.header(header::ALLOW, "GET");
        }
        response.body(Body::from(body)).expect("all headers are plain ASCII")
    }
}

/// The key comes as a bearer token, or as the user name of Basic with an empty password.
fn check_key(headers: &HeaderMap, wanted: &str) -> Result<(), Refusal> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.ok_or_else(Refusal::no_key)?;
    let (scheme, credentials) = given.split_once(' ').unwrap_or((given, ""));
    let key = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => credentials.trim().to_owned(),
        "basic" => {
            let plain = BASE64_STANDARD.decode(credentials.trim()).ok().and_then(|plain| String::from_utf8(plain).ok());
            plain.unwrap_or_default().strip_suffix(':').map(str::to_owned).unwrap_or_default()
        }
        _ => return Err(Refusal::no_key()),
    };
    if key == wanted { Ok(()) } else { Err(Refusal::wrong_key(&key)) }
}

fn check_version(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get("stripe-version").and_then(|value| value.to_str().ok());
    if given == Some(super::VERSION) { Ok(()) } else { Err(Refusal::version(given)) }
}
