//! Where vendors deliver their events: verified, stored, acknowledged, and heeded afterwards.
//!
//! Deliveries only shorten the wait for the next look into the log, so nothing here has to be
//! clever. What must hold: nothing unverified is stored, and nothing is acknowledged that is not.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};

use super::{SLOWEST, Server, enter, later};
use crate::config::Source;
use crate::engine::is_sound;
use crate::failpoint;
use crate::failure::{Failure, Kind};

/// Takes one delivery. Whoever has another one comes again.
pub(super) async fn take(server: State<Arc<Server>>, name: Path<String>, request: Request) -> impl IntoResponse {
    let metrics = Arc::clone(&server.metrics);
    let answer = answer(server, name, request).await;
    metrics.answered("hooks", answer.status().as_u16());
    ([(header::CONNECTION, "close")], answer)
}

async fn answer(State(server): State<Arc<Server>>, Path(name): Path<String>, request: Request) -> Response {
    let Some((source, bell)) = server.sources.get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let (head, body) = request.into_parts();
    let body = match server.read(body).await {
        Ok(body) => body,
        Err(StatusCode::SERVICE_UNAVAILABLE) => return later(),
        Err(refusal) => return refusal.into_response(),
    };
    let Some(_room) = enter(&server.room).await else { return later() };
    match server.keep(source, &head.headers, &body.bytes).await {
        Ok(()) => {
            failpoint::pass("delivery_stored").await;
            bell.notify_one();
            StatusCode::OK.into_response()
        }
        Err(refusal) => refusal,
    }
}

impl Server {
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
        failpoint::pass("delivery_read").await;
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
