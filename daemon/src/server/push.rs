//! Where a company's own systems push items: stored when they are acknowledged, one answer each.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mrr_connector_sdk::{NoItems, Pushed, Refused};
use serde::Serialize;

use super::body::LARGEST;
use super::{SLOWEST, Server, enter, later};
use crate::config::Source;
use crate::engine::{self, Fate};
use crate::failure::{Failure, Kind};

/// More items are refused: each request is one transaction.
const MOST: usize = 2_500;

/// The answer to a request whose items could be told apart.
#[derive(Serialize)]
struct Answer {
    /// When the items that were accepted were received: what they hold from on, if they don't say.
    received_at: Option<String>,
    accepted: usize,
    unchanged: usize,
    refused: usize,
    items: Vec<ItemAnswer>,
}

/// What became of one item.
#[derive(Serialize)]
struct ItemAnswer {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// Takes one request. Whoever has another one comes again.
pub(super) async fn take(server: State<Arc<Server>>, name: Path<String>, request: Request) -> impl IntoResponse {
    let metrics = Arc::clone(&server.metrics);
    let answer = answer(server, name, request).await;
    metrics.answered("push", answer.status().as_u16());
    ([(header::CONNECTION, "close")], answer)
}

async fn answer(State(server): State<Arc<Server>>, Path(name): Path<String>, request: Request) -> Response {
    let Some((source, bell)) = server.sources.get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let Some(push) = source.connector.push() else { return StatusCode::NOT_FOUND.into_response() };
    let (head, body) = request.into_parts();
    // Before the body is read: of who is not known nothing is taken.
    if !key(&head.headers).is_some_and(|key| push.admits(key)) {
        tracing::warn!(source = source.name, "a push without a right key was refused");
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
        return (StatusCode::UNAUTHORIZED, challenge).into_response();
    }
    let encoding = head.headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes().to_ascii_lowercase());
    let received = match (server.read(body).await, encoding.as_deref()) {
        (Ok(received), None | Some(b"identity")) => Ok(received),
        (Ok(received), Some(b"gzip" | b"x-gzip")) => server.decoded(received).await,
        (Ok(_), Some(_)) => Err(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (Err(status), _) => Err(status),
    };
    let received = match received {
        Ok(received) => received,
        Err(status) => return refusal(status),
    };
    let Ok(text) = std::str::from_utf8(&received.bytes) else {
        return refused(StatusCode::BAD_REQUEST, "the body is not UTF-8; send JSON in UTF-8");
    };
    let items = match push.read(text, MOST) {
        Ok(items) => items,
        Err(error @ NoItems::TooMany(_)) => return refused(StatusCode::PAYLOAD_TOO_LARGE, &error.to_string()),
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let Some(_room) = enter(&server.room).await else { return later() };
    match server.store_items(source, items).await {
        Ok(answer) => {
            if answer.accepted > 0 {
                bell.notify_one();
            }
            if answer.refused > 0 {
                tracing::warn!(source = source.name, record_count = answer.refused, "pushed items were refused");
            }
            let status = match (answer.refused, answer.items.len()) {
                (0, _) => StatusCode::OK,
                (refused, all) if refused == all => StatusCode::UNPROCESSABLE_ENTITY,
                _ => StatusCode::MULTI_STATUS,
            };
            (status, Json(answer)).into_response()
        }
        Err(failure) => {
            tracing::warn!(source = source.name, error = %failure, "a push could not be stored; its sender was told to come again");
            later()
        }
    }
}

/// The key of a request: `Authorization: Bearer KEY`.
fn key(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// A body that was not taken in.
fn refusal(status: StatusCode) -> Response {
    let sentence = match status {
        StatusCode::SERVICE_UNAVAILABLE => return later(),
        StatusCode::PAYLOAD_TOO_LARGE => {
            format!("the body is larger than {LARGEST} bytes, as it comes or decoded; send fewer items at a time")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "the body is neither plain nor gzip; send one of these".to_owned(),
        StatusCode::REQUEST_TIMEOUT => {
            format!("the body took longer than {} s; send fewer items at a time", SLOWEST.as_secs())
        }
        _ => "the body broke off, or is not gzip as its Content-Encoding says; send it again".to_owned(),
    };
    refused(status, &sentence)
}

fn refused(status: StatusCode, sentence: &str) -> Response {
    #[derive(Serialize)]
    struct Error<'a> {
        error: &'a str,
    }
    (status, Json(Error { error: sentence })).into_response()
}

impl Server {
    /// Stores what can be read and says of each item what became of it.
    async fn store_items(&self, source: &Source, items: Vec<Result<Pushed, Refused>>) -> Result<Answer, Failure> {
        let readable: Vec<&Pushed> = items.iter().filter_map(|item| item.as_ref().ok()).collect();
        let (fates, received_at) = if readable.is_empty() {
            (Vec::new(), None)
        } else {
            let pushing = engine::push(&self.store, &source.name, &readable);
            let late = || Err(Failure::new(Kind::Connection, "PostgreSQL takes too long"));
            let (fates, at) = tokio::time::timeout(SLOWEST, pushing).await.unwrap_or_else(|_| late())?;
            (fates, Some(at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)))
        };
        let mut answer = Answer { received_at, accepted: 0, unchanged: 0, refused: 0, items: Vec::new() };
        let mut fates = fates.into_iter();
        for (index, item) in items.into_iter().enumerate() {
            let (stream, id, fate, field) = match item {
                Ok(item) => (Some(item.stream.name), Some(item.id), fates.next(), None),
                Err(Refused { id, field, message }) => (None, id, Some(Fate::Refused(message)), Some(field)),
            };
            let (status, message) = match fate {
                Some(Fate::Accepted) => ("accepted", None),
                Some(Fate::Unchanged) => ("unchanged", None),
                Some(Fate::Superseded) => ("superseded", None),
                Some(Fate::Refused(message)) => ("refused", Some(message)),
                // There is one of each.
                None => ("refused", Some("it was not stored; report this as a fault of mrrd".to_owned())),
            };
            match status {
                "accepted" => answer.accepted += 1,
                "refused" => answer.refused += 1,
                _ => answer.unchanged += 1,
            }
            let field = field.filter(|field| !field.is_empty());
            answer.items.push(ItemAnswer { index, stream, id, status, field, message });
        }
        Ok(answer)
    }
}
