//! HTTP: keys, versions, headers and manners; what is answered is the book's matter.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query as Pairs, Request, State};
use axum::http::{HeaderMap, Method, Response, header};
use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::book::{Book, Falsehood, Of, falsify, unreadable};
use super::events::{Chronicle, Event, Recent, Versions};
use super::older::Listed;
use super::on_clock;
use super::query::Query;
use super::refusal::Refusal;
use super::webhook::Webhook;
use crate::delivery::Postman;
use crate::face;
use crate::world::Company;
use crate::world::clock::{Horizon, Moment};

/// How the server behaves, apart from what it answers.
#[derive(Clone, Debug)]
pub struct Manners {
    /// The one key that is accepted.
    pub key: String,
    /// Every so many requests one is refused with 429; 0 for never.
    pub rate_limit_every: u64,
    /// What the key may not read, such as `refunds`.
    pub forbidden: Vec<String>,
    /// How long every answer waits.
    pub latency: Duration,
    /// The API version in which events are listed.
    pub events_version: Listed,
    /// Where events are posted.
    pub webhook: Webhook,
    /// Whether there are customers on a test clock beside the company's own.
    pub test_clock: bool,
}

pub(super) struct Face {
    /// The whole world, up to the last now that there is.
    pub(super) company: Arc<Company>,
    pub(super) chronicle: Chronicle,
    pub(super) postman: Option<Postman<Event>>,
    pub(super) unreadable: Option<Of>,
    pub(super) present: RwLock<Arc<Present>>,
    /// Held while the clock moves, so that each event is posted after one advance.
    pub(super) clock: Mutex<()>,
    manners: Manners,
    requests: AtomicU64,
}

/// What is shown at one virtual now.
pub(super) struct Present {
    book: Book,
    pub(super) now: Moment,
    /// Worked out when somebody asks for them.
    events: OnceLock<Recent>,
}

impl Present {
    pub(super) fn new(company: &Company, unreadable: Option<Of>, now: Moment) -> Self {
        let book = if now == Horizon::NOW {
            Book::new(company.clone(), unreadable)
        } else {
            Book::new(company.as_of(now), unreadable)
        };
        Self { book, now, events: OnceLock::new() }
    }

    fn date(&self) -> String {
        face::date(self.now)
    }
}

/// Serves a company as it stands at `from` on 127.0.0.1 until the future ends. Prints one line with the address as soon as it listens.
pub async fn serve(
    mut company: Company,
    falsehood: Option<Falsehood>,
    from: Moment,
    manners: Manners,
    port: u16,
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let unreadable = unreadable(&company, falsehood);
    falsify(&mut company, falsehood);
    if manners.test_clock {
        on_clock::add(&mut company);
    }
    let present = RwLock::new(Arc::new(Present::new(&company, unreadable, from)));
    let company = Arc::new(company);
    let postman = manners.webhook.postman(company.seed);
    let posted = postman.is_some().then_some(manners.webhook.webhook_api_version);
    let versions = Versions { listed: manners.events_version, posted };
    let chronicle = Chronicle::new(company.clone(), unreadable, versions);
    let face = Face {
        company,
        chronicle,
        postman,
        unreadable,
        present,
        clock: Mutex::new(()),
        manners,
        requests: AtomicU64::new(0),
    };
    let router = Router::new().fallback(answer).with_state(Arc::new(face));
    face::listen(router, port, until).await
}

async fn answer(State(face): State<Arc<Face>>, request: Request) -> Response<Body> {
    if request.uri().path().starts_with("/_sandbox/") {
        return face.control(&request);
    }
    let number = face.requests.fetch_add(1, Ordering::Relaxed) + 1;
    if !face.manners.latency.is_zero() {
        tokio::time::sleep(face.manners.latency).await;
    }
    // One answer comes from one present, even if the clock moves meanwhile.
    let present = face.present();
    let outcome = face.consider(&present, number, &request);
    respond(&present, number, outcome)
}

impl Face {
    pub(super) fn present(&self) -> Arc<Present> {
        // What the lock holds is replaced whole, so a panic elsewhere can't have left it half done.
        self.present.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn consider(&self, present: &Present, number: u64, request: &Request) -> Result<String, Refusal> {
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
        if let Some(noun) = self.manners.forbidden.iter().find(|noun| path.split('/').nth(2) == Some(noun)) {
            return Err(Refusal::forbidden(&self.manners.key, noun));
        }
        let Pairs(pairs) = Pairs::<Vec<(String, String)>>::try_from_uri(request.uri())
            .map_err(|_| Refusal::unknown_parameter("(unreadable query string)"))?;
        let query = Query::new(pairs);
        let events = || present.events.get_or_init(|| Recent::new(&self.chronicle, present.now));
        match path.strip_prefix("/v1/events").map(|rest| rest.strip_prefix('/')) {
            Some(None) if path == "/v1/events" => events().answer(None, query),
            Some(Some(id)) if !id.contains('/') => events().answer(Some(id), query),
            _ => present.book.answer(path, query).map(|answer| answer.to_string()),
        }
    }
}

fn respond(present: &Present, number: u64, outcome: Result<String, Refusal>) -> Response<Body> {
    let (status, body) = match outcome {
        Ok(body) => (200, body),
        Err(refusal) => (refusal.status, refusal.body().to_string()),
    };
    let mut response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::DATE, present.date())
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
