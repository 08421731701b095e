//! Where vendors deliver their events: verified, stored, acknowledged, and heeded afterwards.
//!
//! Deliveries only shorten the wait for the next look into the log, so nothing here has to be
//! clever. What must hold: nothing unverified is stored, and nothing is acknowledged that is not.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Utc;

use super::intake::{Entry, NotStored};
use super::{Server, later};
use crate::config::Source;
use crate::engine::is_sound;
use crate::failpoint;

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
    let entry = match entry(source, &head.headers, body.bytes) {
        Ok(entry) => entry,
        Err(refusal) => return refusal.into_response(),
    };
    failpoint::pass("delivery_read").await;
    match server.intake.store(entry).await {
        Ok(()) => {
            failpoint::pass("delivery_stored").await;
            bell.notify_one();
            StatusCode::OK.into_response()
        }
        Err(NotStored) => later(),
    }
}

/// Verifies a delivery and names it.
fn entry(source: &Source, headers: &HeaderMap, body: Vec<u8>) -> Result<Entry, StatusCode> {
    let Some(webhook) = source.connector.webhook() else { return Err(StatusCode::NOT_FOUND) };
    let header = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
    if let Err(rejected) = webhook.verify(&header, &body, Utc::now()) {
        tracing::warn!(source = source.name, reason = %rejected, "a delivery was refused");
        return Err(StatusCode::UNAUTHORIZED);
    }
    // PostgreSQL's text holds no U+0000, and JSON text has none.
    let body = String::from_utf8_lossy(&body).replace('\0', "\u{fffd}");
    let (id, at) = match webhook.read(&body) {
        Ok(delivery) if is_sound(&delivery.id) => (delivery.id, delivery.at),
        // Kept all the same, under a name of ours: the follower makes a problem of it.
        _ => (format!("unreadable {}", blake3::hash(body.as_bytes()).to_hex()), Utc::now()),
    };
    Ok(Entry { source: source.name.clone(), id, at, body })
}
