//! `mrrd run`, and its configuration read again on SIGHUP: all of it, or nothing.

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::Config;
use crate::engine;
use crate::failure::{Failure, Kind};
use crate::metrics::Metrics;
use crate::scheduler;
use crate::stop::Stop;
use crate::store::Store;

/// Why a configuration is no longer run.
enum Over {
    /// We are to stop, or could not begin.
    Ended(Result<(), Failure>),
    /// Another one was read.
    Replaced(Box<Config>),
}

/// Runs until asked to stop. A configuration that can't be used leaves the one before in force.
pub async fn run(path: &Path, config: Config, stop: &Stop) -> Result<(), Failure> {
    let mut hangups = signal(SignalKind::hangup())
        .map_err(|error| Failure::new(Kind::Database, format!("signals can't be listened to ({error})")))?;
    let metrics = Arc::new(Metrics::new());
    let mut config = config;
    let mut before: Option<Config> = None;
    loop {
        config = match once(path, &config, stop, &metrics, &mut hangups).await {
            Over::Replaced(new) => {
                before = Some(config);
                *new
            }
            Over::Ended(Err(failure)) if before.is_some() && !stop.requested() => {
                tracing::error!(error = %failure, "the new configuration can't be run; the one before is in force again");
                // It ran, so that it is not given up again.
                before.take().unwrap_or(config)
            }
            Over::Ended(ended) => return ended,
        };
    }
}

/// Runs one configuration until it is over.
async fn once(path: &Path, config: &Config, stop: &Stop, metrics: &Arc<Metrics>, hangups: &mut Signal) -> Over {
    let store = match Store::new(&config.database) {
        Ok(store) => store,
        Err(failure) => return Over::Ended(Err(failure)),
    };
    let (switch, stopped) = Stop::switch();
    let mut running = pin!(scheduler::run(&store, config, &stopped, Arc::clone(metrics)));
    let mut new = None;
    loop {
        tokio::select! {
            ended = &mut running => return match (ended, new) {
                (Ok(()), Some(new)) if !stop.requested() => Over::Replaced(Box::new(new)),
                (ended, _) => Over::Ended(ended),
            },
            () = stop.wait(), if !stopped.requested() => { let _ = switch.send(true); }
            Some(()) = hangups.recv(), if !stopped.requested() => {
                if let Some(read) = read(path).await {
                    tracing::info!("the configuration was read again; batches under way are finished first");
                    new = Some(read);
                    let _ = switch.send(true);
                }
            }
        }
    }
}

/// The configuration as it is now, if it can be used; else every reason why not is logged.
async fn read(path: &Path) -> Option<Config> {
    let config = match Config::load(path) {
        Ok(config) => config,
        Err(complaints) => {
            for complaint in complaints.to_string().lines() {
                tracing::error!(error = complaint, "the configuration is not reloaded; the one before stays in force");
            }
            return None;
        }
    };
    let usable = async { engine::ready(&Store::new(&config.database)?, &config).await };
    if let Err(failure) = usable.await {
        tracing::error!(error = %failure, "the configuration is not reloaded; the one before stays in force");
        return None;
    }
    Some(config)
}
