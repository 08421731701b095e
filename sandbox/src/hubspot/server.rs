//! HTTP: the token, headers and manners; what is answered is the shelf's matter.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Query as Pairs, Request, State};
use axum::http::{HeaderMap, Method, Response, header};
use serde_json::Value;

use super::query::Query;
use super::refusal::{Policy, Refusal};
use super::routes::{Question, answer as answer_question};
use super::shelf::Shelf;
use super::webhook::{Batch, postman};
use crate::delivery::Postman;
use crate::face;
use crate::stripe::Webhook;
use crate::world::Company;
use crate::world::clock::Moment;
use crate::world::crm::Crm;

/// How the server behaves, apart from what it answers.
#[derive(Clone, Debug)]
pub struct Manners {
    /// The one token that is accepted.
    pub key: String,
    /// Every so many requests one is refused with 429, or of a day all behind so many; 0 for never.
    pub rate_limit_every: u64,
    /// What is said then.
    pub rate_limit_policy: Policy,
    /// What the token may not read, such as `deals`.
    pub forbidden: Vec<String>,
    /// How long every answer waits.
    pub latency: Duration,
    /// By how many seconds at most the index of searches is behind.
    pub search_lag: u64,
    /// Whether searches come out of order.
    pub search_unordered: bool,
    /// Where changes are posted.
    pub webhook: Webhook,
}

pub(super) struct Face {
    pub(super) company: Company,
    pub(super) crm: Crm,
    pub(super) shelf: RwLock<Arc<Shelf>>,
    pub(super) postman: Option<Postman<Batch>>,
    /// Held while the clock moves, so that each change is posted after one advance.
    pub(super) clock: Mutex<()>,
    manners: Manners,
    requests: AtomicU64,
    /// Since the last midnight.
    pub(super) today: AtomicU64,
}

/// The largest body that anybody needs to send.
const LARGEST: usize = 1 << 20;

/// Serves the CRM of a company as it stands at `from` on 127.0.0.1 until the future ends. Prints one line with the
/// address as soon as it listens.
pub async fn serve(
    company: Company,
    from: Moment,
    manners: Manners,
    port: u16,
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let crm = Crm::of(&company);
    let shelf = RwLock::new(Arc::new(Shelf::new(&company, &crm, from)));
    let postman = postman(&manners.webhook, company.seed);
    let (clock, requests, today) = (Mutex::new(()), AtomicU64::new(0), AtomicU64::new(0));
    let face = Face { company, crm, shelf, postman, clock, manners, requests, today };
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
    let shelf = face.shelf();
    let outcome = face.consider(&shelf, number, request).await;
    respond(&shelf, number, outcome)
}

impl Face {
    pub(super) fn shelf(&self) -> Arc<Shelf> {
        // What the lock holds is replaced whole, so a panic elsewhere can't have left it half done.
        self.shelf.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn consider(&self, shelf: &Shelf, number: u64, request: Request) -> Result<(u16, Value), Refusal> {
        let (every, policy) = (self.manners.rate_limit_every, self.manners.rate_limit_policy);
        let today = self.today.fetch_add(1, Ordering::Relaxed) + 1;
        let refused = if policy == Policy::Daily { today > every } else { number.is_multiple_of(every.max(1)) };
        if every > 0 && refused {
            return Err(Refusal::rate_limited(policy));
        }
        check_key(request.headers(), &self.manners.key)?;
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        let Pairs(pairs) = Pairs::<Vec<(String, String)>>::try_from_uri(&head.uri)
            .map_err(|_| Refusal::invalid("the query can't be read"))?;
        let body = match head.method {
            Method::GET => None,
            Method::POST => {
                let bytes = to_bytes(body, LARGEST).await.map_err(|_| Refusal::invalid("the body is too large"))?;
                let body = serde_json::from_slice(&bytes);
                Some(body.map_err(|_| Refusal::invalid("Invalid input JSON"))?)
            }
            other => return Err(Refusal::method(other.as_str(), path)),
        };
        let question = Question { path, query: Query::new(pairs), body };
        answer_question(shelf, &self.crm.team, &self.manners, question)
    }
}

fn respond(shelf: &Shelf, number: u64, outcome: Result<(u16, Value), Refusal>) -> Response<Body> {
    let (status, body) = match outcome {
        Ok(answer) => answer,
        Err(refusal) => (refusal.status, refusal.body(number)),
    };
    let date = face::date(shelf.now);
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json;charset=utf-8")
        .header(header::DATE, date)
        .header("X-HubSpot-RateLimit-Daily", "650000")
        .header("X-HubSpot-RateLimit-Daily-Remaining", 650_000_u64.saturating_sub(number).to_string())
        .header("X-HubSpot-RateLimit-Interval-Milliseconds", "10000")
        .header("X-HubSpot-RateLimit-Max", "190")
        .header("X-HubSpot-RateLimit-Remaining", "189");
    response.body(Body::from(body.to_string())).expect("all headers are plain ASCII")
}

fn check_key(headers: &HeaderMap, wanted: &str) -> Result<(), Refusal> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match given.and_then(|given| given.split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && token.trim() == wanted => Ok(()),
        _ => Err(Refusal::no_key()),
    }
}
