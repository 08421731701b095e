//! Where vendors deliver their events: verified, stored, acknowledged, and heeded afterwards.
//!
//! Deliveries only shorten the wait for the next look into the log, so nothing here has to be
//! clever. What must hold: nothing unverified is stored, and nothing is acknowledged that is not.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use crate::config::Source;
use crate::door::Door;
use crate::engine::is_sound;
use crate::failure::{Failure, Kind};
use crate::stop::Stop;
use crate::store::Store;

/// Larger bodies than this are refused; Stripe's are a tenth of it.
const LARGEST: usize = 4 << 20;

/// Up to here a body needs no room of its own, so that whoever is slow keeps nobody out.
const SMALL: usize = 64 << 10;

/// Larger bodies taken at a time.
const LARGE_AT_A_TIME: usize = 4;

/// A body that takes longer is refused.
const SLOWEST: Duration = Duration::from_secs(10);

/// Deliveries stored at a time, so that a flood can't take the connections to PostgreSQL that the
/// syncs need.
const AT_A_TIME: usize = 8;

/// Others wait for so long, and are then told to come again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections at a time. Each is a file, of which a process has some thousand, and the syncs need
/// theirs.
const CALLERS: usize = 100;

/// A connection is for one delivery: its head, its body, and the time to store it.
const LONGEST: Duration = Duration::from_secs(30);

/// Deliveries under way are finished within this when we are to stop.
const GRACE: Duration = Duration::from_secs(5);

/// The listener and what it needs.
pub struct Hooks {
    listener: TcpListener,
    desk: Arc<Desk>,
}

/// What answers.
struct Desk {
    store: Store,
    /// Sources that take deliveries, with the bell that wakes their follower.
    sources: HashMap<String, (Source, Arc<Notify>)>,
    room: Semaphore,
    room_for_large: Semaphore,
}

/// A body, and the room that it takes if it is a large one.
struct Received<'a> {
    bytes: Vec<u8>,
    room: Option<SemaphorePermit<'a>>,
}

impl Hooks {
    /// Listens. Nothing is answered yet.
    pub async fn open(
        address: SocketAddr,
        store: &Store,
        sources: Vec<(Source, Arc<Notify>)>,
    ) -> Result<Self, Failure> {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            Failure::new(
                Kind::Settings,
                format!("`listen` in [hooks]: {address} can't be listened on ({error}); stop what has it, or write another port"),
            )
        })?;
        let taking = sources.into_iter().filter(|(source, _)| source.connector.webhook().is_some());
        let sources: HashMap<_, _> = taking.map(|(source, bell)| (source.name.clone(), (source, bell))).collect();
        if sources.is_empty() {
            tracing::warn!("no source takes deliveries; write `webhook_secret` in [sources.NAME], or remove [hooks]");
        }
        tracing::info!(%address, source_count = sources.len(), "deliveries are taken at /hooks/SOURCE");
        let (room, room_for_large) = (Semaphore::new(AT_A_TIME), Semaphore::new(LARGE_AT_A_TIME));
        Ok(Self { listener, desk: Arc::new(Desk { store: store.clone(), sources, room, room_for_large }) })
    }

    /// Answers until asked to stop; deliveries under way are finished, if that does not take long.
    pub async fn serve(self, stop: &Stop) {
        let router = Router::new().route("/hooks/{source}", post(take)).with_state(self.desk);
        let door = Door::new(self.listener, CALLERS, LONGEST);
        let (stopping, late) = (stop.clone(), stop.clone());
        let served = axum::serve(door, router).with_graceful_shutdown(async move { stopping.wait().await });
        tokio::select! {
            served = served => if let Err(error) = served {
                tracing::error!(%error, "deliveries can't be taken any more");
            },
            // Whoever has not said all by now says it again later.
            () = async { late.wait().await; tokio::time::sleep(GRACE).await } => {}
        }
    }
}

/// Takes one delivery. Whoever has another one comes again.
async fn take(desk: State<Arc<Desk>>, name: Path<String>, request: Request) -> impl IntoResponse {
    ([(header::CONNECTION, "close")], answer(desk, name, request).await)
}

async fn answer(State(desk): State<Arc<Desk>>, Path(name): Path<String>, request: Request) -> Response {
    let Some((source, bell)) = desk.sources.get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let (head, body) = request.into_parts();
    let body = match desk.read(body).await {
        Ok(body) => body,
        Err(StatusCode::SERVICE_UNAVAILABLE) => return later(),
        Err(refusal) => return refusal.into_response(),
    };
    let Some(_room) = enter(&desk.room).await else { return later() };
    match desk.keep(source, &head.headers, &body.bytes).await {
        Ok(()) => {
            bell.notify_one();
            StatusCode::OK.into_response()
        }
        Err(refusal) => refusal,
    }
}

/// Waits for room, but not for long.
async fn enter(room: &Semaphore) -> Option<SemaphorePermit<'_>> {
    tokio::time::timeout(PATIENCE, room.acquire()).await.ok()?.ok()
}

/// Whoever is told so comes again: the vendor keeps what was not acknowledged.
fn later() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "30")]).into_response()
}

impl Desk {
    async fn read(&self, body: Body) -> Result<Received<'_>, StatusCode> {
        tokio::time::timeout(SLOWEST, self.whole(body)).await.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT))
    }

    /// The body to its end. Who sends much takes a room for it, who sends little none.
    async fn whole(&self, body: Body) -> Result<Received<'_>, StatusCode> {
        let mut pieces = body.into_data_stream();
        let mut received = Received { bytes: Vec::new(), room: None };
        while let Some(piece) = pieces.try_next().await.map_err(|_| StatusCode::BAD_REQUEST)? {
            let length = received.bytes.len() + piece.len();
            if length > LARGEST {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            if length > SMALL && received.room.is_none() {
                received.room = Some(enter(&self.room_for_large).await.ok_or(StatusCode::SERVICE_UNAVAILABLE)?);
            }
            received.bytes.extend_from_slice(&piece);
        }
        Ok(received)
    }

    /// Verifies a delivery and enters it into the ledger, once however often it comes.
    async fn keep(&self, source: &Source, headers: &HeaderMap, body: &[u8]) -> Result<(), Response> {
        let Some(webhook) = source.connector.webhook() else { return Err(StatusCode::NOT_FOUND.into_response()) };
        let header = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
        if let Err(rejected) = webhook.verify(&header, body, Utc::now()) {
            tracing::warn!(source = source.name, reason = %rejected, "a delivery was refused");
            return Err(StatusCode::UNAUTHORIZED.into_response());
        }
        // PostgreSQL's text holds no U+0000, and JSON text has none.
        let body = String::from_utf8_lossy(body).replace('\0', "\u{fffd}");
        let (id, at) = match webhook.read(&body) {
            Ok(delivery) if is_sound(&delivery.id) => (delivery.id, delivery.at),
            // Kept all the same, under a name of ours: the follower makes a problem of it.
            _ => (format!("unreadable {}", blake3::hash(body.as_bytes()).to_hex()), Utc::now()),
        };
        let entered = tokio::time::timeout(SLOWEST, self.enter(&source.name, &id, at, &body)).await;
        let late = || Err(Failure::new(Kind::Connection, "PostgreSQL takes too long"));
        entered.unwrap_or_else(|_| late()).map_err(|failure| {
            tracing::warn!(source = source.name, error = %failure, "a delivery could not be stored; it will come again");
            later()
        })
    }

    async fn enter(&self, source: &str, id: &str, at: DateTime<Utc>, body: &str) -> Result<(), Failure> {
        let client = self.store.client().await?;
        let insert = client
            .prepare_cached(
                "insert into ops.event (source, id, happened_at, delivered, payload) values ($1, $2, $3, true, $4)
                 on conflict do nothing",
            )
            .await?;
        client.execute(&insert, &[&source, &id, &at, &body]).await?;
        Ok(())
    }
}
