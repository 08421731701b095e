//! The listener of `mrrd run`: what others send, and how we are doing.

mod body;
mod door;
mod hooks;
mod intake;
mod push;
mod watch;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use crate::config::{Config, Source};
use crate::failure::{Failure, Kind};
use crate::health::Doctor;
use crate::metrics::Metrics;
use crate::stop::Stop;
use crate::store::Store;
use door::Door;
use intake::{Clerk, Intake};

/// A body that takes longer is refused, and so is one that can't be stored within this.
const SLOWEST: Duration = Duration::from_secs(10);

/// Pushes stored at a time, so that they can't take the connections to PostgreSQL that the syncs
/// need.
const AT_A_TIME: usize = 8;

/// Larger bodies taken at a time.
const LARGE_AT_A_TIME: usize = 4;

/// Others wait for so long, and are then told to come again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections at a time. Each is a file, of which a process has some thousand, and the syncs need
/// theirs.
const CALLERS: usize = 100;

/// A connection is for one request: its head, its body, and the time to store it.
const LONGEST: Duration = Duration::from_secs(30);

/// Requests under way are finished within this when we are to stop.
const GRACE: Duration = Duration::from_secs(5);

/// The listener and what it needs.
pub struct Listener {
    listener: TcpListener,
    server: Arc<Server>,
    clerk: Clerk,
}

/// What answers.
struct Server {
    store: Store,
    /// Sources that somebody sends to, with the bell that wakes whoever heeds it.
    sources: HashMap<String, (Source, Arc<Notify>)>,
    intake: Intake,
    room: Semaphore,
    room_for_large: Semaphore,
    doctor: Doctor,
    metrics: Arc<Metrics>,
}

impl Listener {
    /// Listens. Nothing is answered yet.
    pub async fn open(
        address: SocketAddr,
        store: &Store,
        config: &Config,
        sources: Vec<(Source, Arc<Notify>)>,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, Failure> {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            Failure::new(
                Kind::Settings,
                format!("`listen` in [hooks]: {address} can't be listened on ({error}); stop what has it, or write another port"),
            )
        })?;
        let taking = sources
            .into_iter()
            .filter(|(source, _)| source.connector.webhook().is_some() || source.connector.push().is_some());
        let sources: HashMap<_, _> = taking.map(|(source, bell)| (source.name.clone(), (source, bell))).collect();
        tracing::info!(
            %address,
            source_count = sources.len(),
            "listening for /hooks/SOURCE, /v1/push/SOURCE, /livez, /readyz and /metrics"
        );
        let (intake, clerk) = intake::open(store);
        let server = Server {
            store: store.clone(),
            sources,
            intake,
            room: Semaphore::new(AT_A_TIME),
            room_for_large: Semaphore::new(LARGE_AT_A_TIME),
            doctor: Doctor::new(store, config),
            metrics: Arc::clone(metrics),
        };
        Ok(Self { listener, server: Arc::new(server), clerk })
    }

    /// Answers until asked to stop; requests under way are finished, if that does not take long.
    pub async fn serve(self, stop: &Stop) {
        let router = Router::new()
            .route("/hooks/{source}", post(hooks::take))
            .route("/v1/push/{source}", post(push::take))
            .route("/livez", get(watch::livez))
            .route("/readyz", get(watch::readyz))
            .route("/metrics", get(watch::metrics))
            .with_state(self.server);
        let door = Door::new(self.listener, CALLERS, LONGEST);
        let (stopping, late) = (stop.clone(), stop.clone());
        let served = axum::serve(door, router).with_graceful_shutdown(async move { stopping.wait().await });
        tokio::select! {
            served = served => if let Err(error) = served {
                tracing::error!(%error, "nothing that is sent to us can be taken any more");
            },
            () = self.clerk.run() => {}
            // Whoever has not said all by now says it again later.
            () = async { late.wait().await; tokio::time::sleep(GRACE).await } => {}
        }
    }
}

/// Waits for room, but not for long.
async fn enter(room: &Semaphore) -> Option<SemaphorePermit<'_>> {
    tokio::time::timeout(PATIENCE, room.acquire()).await.ok()?.ok()
}

/// Whoever is told so comes again: what was not acknowledged is still the sender's.
fn later() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "30")]).into_response()
}
