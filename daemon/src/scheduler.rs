//! `mrrd run`: every source by its own schedule.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures_util::future::join_all;
use tokio::sync::Notify;

use crate::config::{Config, Source};
use crate::engine::{self, Manner};
use crate::failure::{Failure, Kind};
use crate::hooks::Hooks;
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
    let bells: Vec<Arc<Notify>> = scheduled.iter().map(|_| Arc::default()).collect();
    let hooks = match config.hooks {
        Some(address) => {
            let rung = scheduled.iter().zip(&bells).map(|((source, _), bell)| ((*source).clone(), Arc::clone(bell)));
            Some(Hooks::open(address, store, rung.collect()).await?)
        }
        None => {
            for (source, _) in scheduled.iter().filter(|(source, _)| source.connector.webhook().is_some()) {
                tracing::warn!(source = source.name, "no delivery can come in; write `listen` in [hooks]");
            }
            None
        }
    };
    tracing::info!(source_count = scheduled.len(), zone = config.book.zone.name(), "scheduler started");
    let sources = scheduled.into_iter().zip(&bells);
    let syncs = join_all(sources.map(|((source, schedule), bell)| one(store, config, source, schedule, bell, stop)));
    match hooks {
        Some(hooks) => drop(tokio::join!(syncs, hooks.serve(stop))),
        None => drop(syncs.await),
    }
    tracing::info!("scheduler stopped");
    Ok(())
}

/// One source, for ever. Its failures are its own, and a run that outlasts its period delays the
/// next one instead of overlapping with it.
async fn one(store: &Store, config: &Config, source: &Source, schedule: &Schedule, bell: &Notify, stop: &Stop) {
    // A zone that the book accepts is one that chrono knows.
    let zone: Tz = config.book.zone.name().parse().unwrap_or(Tz::UTC);
    if !has_synced(store, &source.name).await {
        sync(store, config, source, stop).await;
    }
    let mut listed = schedule.next(Utc::now(), zone);
    while !stop.requested() {
        let followed = source.follow.as_ref().and_then(|follow| follow.next(Utc::now(), zone));
        let Some(next) = [listed, followed].into_iter().flatten().min() else {
            tracing::warn!(source = source.name, "the schedule has no further date");
            return stop.wait().await;
        };
        tracing::debug!(source = source.name, next = %next.with_timezone(&zone), "next look");
        match until(next, bell, stop).await {
            Woken::Due if Some(next) == listed => {
                sync(store, config, source, stop).await;
                listed = schedule.next(Utc::now(), zone);
            }
            Woken::Due | Woken::Rung => follow(store, config, source, stop).await,
            // Dates are computed anew.
            Woken::SetBack => listed = schedule.next(Utc::now(), zone),
            Woken::Stopped => return,
        }
    }
}

/// Whether there was ever a complete sync. When it can't be known, a sync will say why.
async fn has_synced(store: &Store, source: &str) -> bool {
    let query = "select exists (select from ops.run
                                where source = $1 and kind = 'sync' and status in ('ok', 'problems'))";
    let Ok(client) = store.client().await else { return false };
    client.query_one(query, &[&source]).await.is_ok_and(|row| row.get(0))
}

async fn sync(store: &Store, config: &Config, source: &Source, stop: &Stop) {
    let outcome = match engine::prepare(store, config).await {
        Ok(()) => engine::sync(store, source, config.book, stop, Manner::default()).await,
        Err(failure) => Err(failure),
    };
    if let Err(failure) = outcome {
        tracing::error!(source = source.name, error = %failure, "sync could not begin");
    }
}

async fn follow(store: &Store, config: &Config, source: &Source, stop: &Stop) {
    match engine::follow(store, source, config.book, stop).await {
        Ok(_) => {}
        // The sync that failed has said why, and what was delivered waits.
        Err(failure) if failure.kind == Kind::Unsynced => {
            tracing::warn!(source = source.name, reason = %failure, "nothing is followed yet");
        }
        Err(failure) => tracing::error!(source = source.name, error = %failure, "following could not begin"),
    }
}

/// Why a wait ended.
enum Woken {
    /// The date has come.
    Due,
    /// A delivery has come in.
    Rung,
    /// The wall clock was set back.
    SetBack,
    /// We are to stop.
    Stopped,
}

/// Waits for an instant of the wall clock, or for a delivery.
async fn until(next: DateTime<Utc>, bell: &Notify, stop: &Stop) -> Woken {
    let mut before = Utc::now();
    loop {
        let left = (next - before).to_std().unwrap_or_default();
        if left.is_zero() {
            return Woken::Due;
        }
        tokio::select! {
            () = tokio::time::sleep(left.min(GLANCE)) => {}
            () = bell.notified() => return Woken::Rung,
            () = stop.wait() => return Woken::Stopped,
        }
        let now = Utc::now();
        if now < before {
            return Woken::SetBack;
        }
        before = now;
    }
}
