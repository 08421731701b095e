//! HTTP: keys, headers and manners; what is answered is the site's matter.

use std::io;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query as Pairs, Request, State};
use axum::http::{HeaderMap, Method, Response, header};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

use super::answer::Site;
use super::history::{Event, History};
use super::refusal::Refusal;
use super::render::Catalog;
use crate::delivery::Postman;
use crate::face;
use crate::stripe::Webhook;
use crate::world::Company;
use crate::world::clock::Moment;

/// How the server behaves, apart from what it answers.
#[derive(Clone, Debug)]
pub struct Manners {
    /// The one key that is accepted.
    pub key: String,
    /// Every so many requests one is refused with 429; 0 for never.
    pub rate_limit_every: u64,
    /// What the key may not read, such as `coupons`.
    pub forbidden: Vec<String>,
    /// How long every answer waits.
    pub latency: Duration,
    /// Where events are posted; the secret is `user:password` of Basic authentication.
    pub webhook: Webhook,
    /// The site's product catalog.
    pub catalog: Catalog,
    /// For how many days events can be listed; all of them without.
    pub events_kept: Option<i64>,
}

pub(super) struct Face {
    pub(super) history: History,
    pub(super) postman: Option<Postman<Event>>,
    pub(super) now: AtomicI64,
    /// Held while the clock moves, so that each event is posted after one advance.
    pub(super) clock: Mutex<()>,
    manners: Manners,
    requests: AtomicU64,
}

/// Serves a company as it stands at `from` on 127.0.0.1 until the future ends. Prints one line with the address as soon as it listens.
pub async fn serve(
    company: &Company,
    from: Moment,
    manners: Manners,
    port: u16,
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let face = Face {
        history: History::of(company, manners.catalog),
        postman: postman(&manners.webhook, company.seed),
        now: AtomicI64::new(from.0),
        clock: Mutex::new(()),
        manners,
        requests: AtomicU64::new(0),
    };
    let router = Router::new().fallback(answer).with_state(Arc::new(face));
    face::listen(router, port, until).await
}

/// Chargebee signs nothing: a delivery bears the user and the password of its endpoint.
fn postman(webhook: &Webhook, seed: u64) -> Option<Postman<Event>> {
    let proof = format!("Basic {}", BASE64_STANDARD.encode(webhook.webhook_secret.as_ref()?));
    let seal = move |_: &[u8]| vec![("Authorization", proof.clone())];
    Postman::new(webhook.route()?, Arc::new(seal), "ChargeBee", seed)
}

async fn answer(State(face): State<Arc<Face>>, request: Request) -> Response<Body> {
    let path = request.uri().path();
    if path.starts_with("/_sandbox/") {
        let (status, body) = face.control(request.method(), path, request.uri().query().unwrap_or_default());
        return respond(status, &body, face.now());
    }
    let number = face.requests.fetch_add(1, Ordering::Relaxed) + 1;
    if !face.manners.latency.is_zero() {
        tokio::time::sleep(face.manners.latency).await;
    }
    let now = face.now();
    match face.consider(number, now, &request) {
        Ok(body) => respond(200, &body, now),
        Err(refusal) => respond(refusal.status, &refusal.body(), now),
    }
}

impl Face {
    pub(super) fn now(&self) -> Moment {
        Moment(self.now.load(Ordering::SeqCst))
    }

    fn consider(&self, number: u64, now: Moment, request: &Request) -> Result<Value, Refusal> {
        let every = self.manners.rate_limit_every;
        if every > 0 && number.is_multiple_of(every) {
            return Err(Refusal::rate_limited());
        }
        check_key(request.headers(), &self.manners.key)?;
        let path = request.uri().path();
        if request.method() != Method::GET {
            return Err(Refusal::method());
        }
        if self.manners.forbidden.iter().any(|noun| path.split('/').nth(3) == Some(noun)) {
            return Err(Refusal::forbidden());
        }
        let Pairs(pairs) = Pairs::<Vec<(String, String)>>::try_from_uri(request.uri())
            .map_err(|_| Refusal::wrong_value("(unreadable query string)", "readable"))?;
        let Manners { catalog, events_kept, .. } = self.manners;
        Site { history: &self.history, now, catalog, events_kept }.answer(path, pairs)
    }
}

fn respond(status: u16, body: &Value, now: Moment) -> Response<Body> {
    let date = face::date(now);
    let mut response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json;charset=utf-8")
        .header(header::DATE, date);
    if status == 429 {
        // A real site waits for the minute to end; nobody here has as long.
        response = response.header(header::RETRY_AFTER, "1");
    }
    response.body(Body::from(body.to_string())).expect("all headers are plain ASCII")
}

/// The key is the user name of Basic, the password is empty.
fn check_key(headers: &HeaderMap, wanted: &str) -> Result<(), Refusal> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(Refusal::key)?;
    let credentials = given.strip_prefix("Basic ").ok_or_else(Refusal::key)?;
    let plain = BASE64_STANDARD.decode(credentials.trim()).ok().and_then(|plain| String::from_utf8(plain).ok());
    if plain.is_some_and(|plain| plain == format!("{wanted}:")) { Ok(()) } else { Err(Refusal::key()) }
}
