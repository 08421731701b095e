//! `mrrd run`: every source by its own schedule.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures_util::future::join_all;

use crate::config::{Config, Source};
use crate::engine;
use crate::failure::{Failure, Kind};
use crate::schedule::Schedule;
use crate::stop::Stop;
use crate::store::Store;

/// The wall clock is looked at this often, because it may be set while we sleep.
const GLANCE: Duration = Duration::from_secs(30);

/// Syncs until asked to stop.
pub async fn run(store: &Store, config: &Config, stop: &Stop) -> Result<(), Failure> {
    let scheduled: Vec<(&Source, &Schedule)> =
        config.sources.iter().filter_map(|source| Some((source, source.schedule.as_ref()?))).collect();
    if scheduled.is_empty() {
        return Err(Failure::new(
            Kind::Settings,
            "no source has a schedule, so there is nothing to run; write `schedule = \"0 15 2 * * *\"` in [sources.NAME]",
        ));
    }
    // A database that is not ready now is for an operator; one that goes away later is waited for.
    engine::prepare(store, config).await?;
    tracing::info!(source_count = scheduled.len(), zone = config.book.zone.name(), "scheduler started");
    join_all(scheduled.into_iter().map(|(source, schedule)| one(store, config, source, schedule, stop))).await;
    tracing::info!("scheduler stopped");
    Ok(())
}

/// One source, for ever. Its failures are its own, and a run that outlasts its period delays the
/// next one instead of overlapping with it.
async fn one(store: &Store, config: &Config, source: &Source, schedule: &Schedule, stop: &Stop) {
    // A zone that the book accepts is one that chrono knows.
    let zone: Tz = config.book.zone.name().parse().unwrap_or(Tz::UTC);
    if !has_synced(store, &source.name).await {
        sync(store, config, source, stop).await;
    }
    while !stop.requested() {
        let Some(next) = schedule.next(Utc::now(), zone) else {
            tracing::warn!(source = source.name, "the schedule has no further date");
            return stop.wait().await;
        };
        tracing::info!(source = source.name, next = %next.with_timezone(&zone), "next sync");
        if until(next, stop).await {
            sync(store, config, source, stop).await;
        }
    }
}

/// Whether there was ever a complete sync. When it can't be known, a sync will say why.
async fn has_synced(store: &Store, source: &str) -> bool {
    let query = "select exists (select from ops.run where source = $1 and status in ('ok', 'problems'))";
    let Ok(client) = store.client().await else { return false };
    client.query_one(query, &[&source]).await.is_ok_and(|row| row.get(0))
}

async fn sync(store: &Store, config: &Config, source: &Source, stop: &Stop) {
    let outcome = match engine::prepare(store, config).await {
        Ok(()) => engine::sync(store, source, config.book, stop).await,
        Err(failure) => Err(failure),
    };
    if let Err(failure) = outcome {
        tracing::error!(source = source.name, error = %failure, "sync could not begin");
    }
}

/// Waits for an instant of the wall clock; false when it was not reached, because we are to stop
/// or because the clock was set back and the date has to be computed anew.
async fn until(next: DateTime<Utc>, stop: &Stop) -> bool {
    let mut before = Utc::now();
    loop {
        let left = (next - before).to_std().unwrap_or_default();
        if left.is_zero() {
            return true;
        }
        tokio::select! {
            () = tokio::time::sleep(left.min(GLANCE)) => {}
            () = stop.wait() => return false,
        }
        let now = Utc::now();
        if now < before {
            return false;
        }
        before = now;
    }
}
