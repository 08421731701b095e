//! `mrrd run`: every source by its own schedule.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures_util::future::join_all;
use tokio::sync::Notify;

use crate::config::{Config, Source};
use crate::engine::{self, Manner};
use crate::failure::{Failure, Kind};
use crate::metrics::Metrics;
use crate::schedule::Schedule;
use crate::server::Listener;
use crate::settler;
use crate::stop::Stop;
use crate::store::Store;

/// The wall clock is looked at this often, because it may be set while we sleep.
const GLANCE: Duration = Duration::from_secs(30);

/// What every source's run needs.
pub struct Run<'a> {
    pub store: &'a Store,
    pub config: &'a Config,
    pub stop: &'a Stop,
    pub metrics: &'a Metrics,
}

/// Syncs until asked to stop.
pub async fn run(store: &Store, config: &Config, stop: &Stop, metrics: Arc<Metrics>) -> Result<(), Failure> {
    let delivers = |source: &&Source| source.connector.webhook().is_some() || source.connector.push().is_some();
    let sources: Vec<&Source> = config
        .sources
        .iter()
        .filter(|source| source.schedule.is_some() || (config.hooks.is_some() && delivers(source)))
        .collect();
    if sources.is_empty() {
        return Err(Failure::new(
            Kind::Settings,
            "no source has a schedule, so there is nothing to run; write `schedule = \"0 15 2 * * *\"` in [sources.NAME], or `listen` in [hooks] for one with a `webhook_secret` or one that is pushed to",
        ));
    }
    // A database that is not ready now is for an operator; one that goes away later is waited for.
    engine::prepare(store, config).await?;
    let bells: Vec<Arc<Notify>> = sources.iter().map(|_| Arc::default()).collect();
    let listener = match config.hooks {
        Some(address) => {
            let rung = sources.iter().zip(&bells).map(|(source, bell)| ((*source).clone(), Arc::clone(bell)));
            Some(Listener::open(address, store, config, rung.collect(), &metrics).await?)
        }
        None => {
            for source in config.sources.iter().filter(delivers) {
                tracing::warn!(source = source.name, "nothing can be sent to it; write `listen` in [hooks]");
            }
            None
        }
    };
    tracing::info!(source_count = sources.len(), zone = config.book.zone.name(), "scheduler started");
    let sources = sources.into_iter().zip(&bells);
    let run = Run { store, config, stop, metrics: &metrics };
    let syncs = join_all(sources.map(|(source, bell)| one(&run, source, bell)));
    match listener {
        Some(listener) => drop(tokio::join!(syncs, listener.serve(stop))),
        None => drop(syncs.await),
    }
    tracing::info!("scheduler stopped");
    Ok(())
}

/// One source, for ever. Its failures are its own, and a run that outlasts its period delays the
/// next one instead of overlapping with it. Without a schedule it is never synced by itself, and
/// deliveries wait in the ledger until somebody has synced it.
async fn one(run: &Run<'_>, source: &Source, bell: &Notify) {
    if source.connector.push().is_some() {
        return settler::settle(run, source, bell).await;
    }
    let stop = run.stop;
    // A zone that the book accepts is one that chrono knows.
    let zone: Tz = run.config.book.zone.name().parse().unwrap_or(Tz::UTC);
    let date = |of: &Option<Schedule>| of.as_ref().and_then(|schedule| schedule.next(Utc::now(), zone));
    if source.schedule.is_some() && !has_synced(run.store, &source.name).await {
        sync(run, source).await;
    }
    let mut listed = date(&source.schedule);
    let mut looked: Option<Instant> = None;
    while !stop.requested() {
        let next = [listed, date(&source.follow)].into_iter().flatten().min();
        match next {
            Some(next) => {
                tracing::debug!(source = source.name, next = %next.with_timezone(&zone), "next look");
            }
            None => tracing::warn!(source = source.name, "no schedule has a further date; only deliveries are heeded"),
        }
        match until(next, bell, stop).await {
            Woken::Due if next == listed => {
                sync(run, source).await;
                listed = date(&source.schedule);
            }
            woken @ (Woken::Due | Woken::Rung) => {
                let since = looked.filter(|_| matches!(woken, Woken::Rung)).map(|looked| looked.elapsed());
                let wait = since.map_or(Duration::ZERO, |since| source.connector.between_looks().saturating_sub(since));
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = stop.wait() => return,
                }
                looked = Some(Instant::now());
                follow(run, source).await;
            }
            // Dates are computed anew.
            Woken::SetBack => listed = date(&source.schedule),
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

async fn sync(run: &Run<'_>, source: &Source) {
    let begun = Instant::now();
    let outcome = match engine::prepare(run.store, run.config).await {
        Ok(()) => engine::sync(run.store, source, run.config.book, run.stop, Manner::default()).await,
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(outcome) => run.metrics.ran(&source.name, "sync", Some(&outcome), begun.elapsed()),
        Err(failure) => {
            run.metrics.failed(&source.name, "sync");
            tracing::error!(source = source.name, error = %failure, "sync could not begin");
        }
    }
}

async fn follow(run: &Run<'_>, source: &Source) {
    let begun = Instant::now();
    match engine::follow(run.store, source, run.config.book, run.stop).await {
        Ok(outcome) => run.metrics.ran(&source.name, "follow", outcome.as_ref(), begun.elapsed()),
        // The sync that failed has said why, and what was delivered waits.
        Err(failure) if failure.kind == Kind::Unsynced => {
            tracing::warn!(source = source.name, reason = %failure, "nothing is followed yet");
        }
        Err(failure) => {
            run.metrics.failed(&source.name, "follow");
            tracing::error!(source = source.name, error = %failure, "following could not begin");
        }
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

/// Waits for an instant of the wall clock, if there is one, or for a delivery.
async fn until(next: Option<DateTime<Utc>>, bell: &Notify, stop: &Stop) -> Woken {
    let mut before = Utc::now();
    loop {
        let left = next.map_or(GLANCE, |next| (next - before).to_std().unwrap_or_default());
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
