//! For whoever watches: does it live, is it ready, and what has it done.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use serde::Serialize;

use super::Server;
use crate::health::{Health, KINDS};
use crate::metrics::{OfRun, OfSource};
use crate::status;

/// What `GET /readyz` says.
#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// `ok`, or what is wrong and what to do.
    database: String,
    sources: Vec<SourceState>,
}

#[derive(Serialize)]
struct SourceState {
    name: String,
    /// `ok`, `stalled` or `degraded`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Whoever gets an answer talks to a process that lives.
pub(super) async fn livez(State(server): State<Arc<Server>>) -> Response {
    server.metrics.answered("livez", 200);
    ([(header::CONNECTION, "close")], "ok\n").into_response()
}

/// A source that is broken shows, and takes nobody along: the others go on.
pub(super) async fn readyz(State(server): State<Arc<Server>>) -> Response {
    let readiness = match server.doctor.look().await.sources {
        Ok(sources) => Readiness {
            ready: true,
            database: "ok".into(),
            sources: (sources.into_iter())
                .map(|source| SourceState {
                    name: source.name,
                    state: match source.state {
                        status::State::Stalled => "stalled",
                        _ if source.fault.is_some() => "degraded",
                        _ => "ok",
                    },
                    reason: source.fault,
                })
                .collect(),
        },
        Err(reason) => Readiness { ready: false, database: reason, sources: Vec::new() },
    };
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    server.metrics.answered("readyz", status.as_u16());
    (status, [(header::CONNECTION, "close")], Json(readiness)).into_response()
}

/// The counters of this process, and what the database says just now.
pub(super) async fn metrics(State(server): State<Arc<Server>>) -> Response {
    let health = server.doctor.look().await;
    let mut text = String::new();
    // Writing to a string does not fail.
    let written = encode_registry(&mut text, &server.metrics.registry)
        .and_then(|()| encode_registry(&mut text, &gauges(&server, &health)))
        .and_then(|()| encode_eof(&mut text));
    let status = if written.is_ok() { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    server.metrics.answered("metrics", status.as_u16());
    let head = [
        (header::CONNECTION, "close"),
        (header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8"),
    ];
    (status, head, text).into_response()
}

fn gauges(server: &Server, health: &Health) -> Registry {
    let mut registry = Registry::with_prefix("mrrd");
    let ready = Gauge::<i64>::default();
    ready.set(i64::from(health.sources.is_ok()));
    registry.register("ready", "Whether the database can be used", ready);
    let Ok(sources) = &health.sources else { return registry };
    let mut family = |name: &str, help: &str| {
        let family = Family::<OfSource, Gauge>::default();
        registry.register(name, help, family.clone());
        family
    };
    let degraded = family("source_degraded", "Whether the newest runs of a source did not go well");
    let stalled = family("source_stalled", "Whether a run is under way and does not get on");
    let problems = family("problems", "Records that can't be read");
    let hints = family("hints_waiting", "Records that are to be read again");
    let deliveries = family("deliveries_waiting", "Deliveries that were not heeded yet");
    let accounts = family("accounts_waiting", "Accounts that were not derived yet");
    let ages = Family::<OfRun, Gauge>::default();
    registry.register("last_success_age_seconds", "How long ago a run last went well", ages.clone());
    let durations = Family::<OfRun, Gauge>::default();
    registry.register("last_success_duration_seconds", "How long the last run took that went well", durations.clone());
    for source in sources {
        let of = OfSource { source: source.name.clone() };
        degraded.get_or_create(&of).set(i64::from(source.fault.is_some()));
        stalled.get_or_create(&of).set(i64::from(source.state == status::State::Stalled));
        problems.get_or_create(&of).set(source.problems);
        hints.get_or_create(&of).set(source.hints);
        deliveries.get_or_create(&of).set(source.deliveries);
        accounts.get_or_create(&of).set(source.accounts);
        for (kind, went_well) in KINDS.into_iter().zip(source.went_well) {
            let of = OfRun { source: source.name.clone(), kind };
            let here = server.metrics.since_it_went_well(&of);
            let here = here.and_then(|age| i64::try_from(age.as_secs()).ok());
            if let Some(age) = went_well.map(|(age, _)| age).into_iter().chain(here).min() {
                ages.get_or_create(&of).set(age.max(0));
            }
            if let Some((_, duration)) = went_well {
                durations.get_or_create(&of).set(duration);
            }
        }
    }
    registry
}
