//! One sync of one source: fetch, land, derive.

mod batch;
mod counts;
mod derive;
mod fetch;
mod land;
mod problem;
mod run;
mod session;
mod walk;

use std::sync::Arc;

use mrr_connector_sdk::{Http, Limits};

use crate::config::{Book, Config, Source};
use crate::failure::{Failure, Kind};
use crate::migrate;
use crate::stop::Stop;
use crate::store::{Store, end, require_schema};

pub use run::{Outcome, Status};

use session::Session;
use walk::Walk;

/// What has to hold before any source is synced: the schema is ours, the book is the one in the
/// configuration, and the exchange rates are those of the file.
pub async fn prepare(store: &Store, config: &Config) -> Result<(), Failure> {
    let mut client = store.session().await?;
    require_schema(&client).await?;
    let wanted =
        migrate::Stored { currency: config.book.currency.to_string(), time_zone: config.book.zone.name().to_owned() };
    if migrate::stored(&*client).await?.as_ref() != Some(&wanted) {
        return Err(Failure::new(
            Kind::Database,
            "[book] differs from the book in the database; run `mrrd migrate`, which changes it there",
        ));
    }
    if let Some(rates) = &config.rates {
        let loaded = migrate::load(&mut client, rates).await?;
        if loaded.written > 0 {
            tracing::info!(record_count = loaded.written, "exchange rates written");
        }
    }
    end(client).await;
    Ok(())
}

/// Syncs a source once. What failed within the sync is in the outcome; an `Err` is a sync that
/// could not begin.
pub async fn sync(store: &Store, source: &Source, book: Book, stop: &Stop) -> Result<Outcome, Failure> {
    let http = Arc::new(Http::new(source.connector.api(), Limits::default())?);
    let mut session = Session::begin(store, &source.name).await?;
    let started = std::time::Instant::now();
    tracing::info!(source = source.name, run = session.run(), "sync started");
    let errors = stages(&mut session, source, &http, book, stop).await;
    let outcome = session.finish(errors, http.requests()).await;
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match outcome.status {
        Status::Failed => {
            for error in &outcome.errors {
                tracing::error!(source = source.name, error = %error, duration_ms, "sync failed");
            }
        }
        status => tracing::info!(
            source = source.name,
            status = status.as_str(),
            record_count = outcome.counts.fetched,
            problem_count = outcome.problems,
            duration_ms,
            "sync ended"
        ),
    }
    Ok(outcome)
}

/// All streams, then what follows from them; returns what failed.
async fn stages(session: &mut Session, source: &Source, http: &Arc<Http>, book: Book, stop: &Stop) -> Vec<Failure> {
    let mut failures = Vec::new();
    for stream in source.connector.streams() {
        let walk = Walk { source, http, stream, stop };
        match walk.run(session).await {
            Ok(()) => {}
            Err(stopped) => {
                // Another stream may well be readable, unless it is the host, the key or the database.
                let go_on = matches!(&stopped, walk::Stopped::Stream(_));
                failures.push(stopped.into_failure().at(format_args!("stream `{}`", stream.name)));
                if !go_on {
                    return failures;
                }
            }
        }
    }
    // An account is derived only from all of its streams: half of them would be a wrong number.
    if failures.is_empty()
        && let Err(failure) = derive::derive(session, source, book.zone, stop).await
    {
        failures.push(failure);
    }
    failures
}
