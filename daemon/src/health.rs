//! How we are doing, as the database knows it.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::config::Config;
use crate::engine;
use crate::failure::{Failure, Kind};
use crate::status::{self, State};
use crate::store::Store;

/// The database is asked at most this often, however many look.
const FRESH: Duration = Duration::from_secs(1);

/// A database that takes longer is not ready.
const SLOWEST: Duration = Duration::from_secs(5);

/// The kinds of runs. What went well in one does not make good what went wrong in another.
pub const KINDS: [&str; 3] = ["sync", "follow", "push"];

/// What was found.
#[derive(Debug, Clone)]
pub struct Health {
    /// The state of each source; `Err` with the reason and the remedy when nothing works.
    pub sources: Result<Vec<SourceHealth>, String>,
}

/// The state of one source.
#[derive(Debug, Clone)]
pub struct SourceHealth {
    pub name: String,
    pub state: State,
    /// What is wrong with it, and what to do; nothing when all is well.
    pub fault: Option<String>,
    pub problems: i64,
    /// Records that are to be read again.
    pub hints: i64,
    /// Deliveries that were not heeded yet.
    pub deliveries: i64,
    /// Accounts that were not derived yet.
    pub accounts: i64,
    /// Of each kind of run, how many seconds ago one last went well, and how long that took.
    pub went_well: [Option<(i64, i64)>; 3],
}

/// Looks, and remembers for a moment what it saw.
pub struct Doctor {
    store: Store,
    config: Config,
    seen: Mutex<Option<(Instant, Health)>>,
}

impl Doctor {
    pub fn new(store: &Store, config: &Config) -> Self {
        Self { store: store.clone(), config: config.clone(), seen: Mutex::default() }
    }

    pub async fn look(&self) -> Health {
        let mut seen = self.seen.lock().await;
        if let Some((at, health)) = &*seen
            && at.elapsed() < FRESH
        {
            return health.clone();
        }
        let late = || Err(Failure::new(Kind::Connection, "PostgreSQL takes too long; see pg_stat_activity"));
        let found = tokio::time::timeout(SLOWEST, self.examine()).await.unwrap_or_else(|_| late());
        let health = Health { sources: found.map_err(|failure| failure.to_string()) };
        *seen = Some((Instant::now(), health.clone()));
        health
    }

    async fn examine(&self) -> Result<Vec<SourceHealth>, Failure> {
        engine::ready(&self.store, &self.config).await?;
        let client = self.store.client().await?;
        let mut found = Vec::new();
        let zone = self.config.book.zone.name().parse().unwrap_or(chrono_tz::Tz::UTC);
        for source in &self.config.sources {
            let name = &source.name;
            let waiting = client
                .prepare_cached(
                    "select (select count(distinct (stream, record)) from ops.problem where source = $1),
                            (select count(*) from ops.hint where source = $1),
                            (select count(*) from ops.event where source = $1 and payload is not null),
                            (select count(*) from ops.touched where source = $1)",
                )
                .await?;
            let row = client.query_one(&waiting, &[name]).await?;
            let mut went_well = [None; 3];
            for (kind, at) in KINDS.iter().zip(&mut went_well) {
                let newest = client
                    .prepare_cached(
                        "select extract(epoch from clock_timestamp() - finished_at)::bigint,
                                extract(epoch from finished_at - started_at)::bigint
                         from ops.run where source = $1 and kind = $2 and status in ('ok', 'problems')
                         order by run_id desc limit 1",
                    )
                    .await?;
                *at = client.query_opt(&newest, &[name, kind]).await?.map(|row| (row.get(0), row.get(1)));
            }
            let (state, fault) = status::state(&client, source, zone).await?;
            found.push(SourceHealth {
                name: name.clone(),
                state,
                fault,
                problems: row.get(0),
                hints: row.get(1),
                deliveries: row.get(2),
                accounts: row.get(3),
                went_well,
            });
        }
        Ok(found)
    }
}
