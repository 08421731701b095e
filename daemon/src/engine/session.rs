//! One run of one source: the lease, the row in ops.run, and patience with the database.

use std::time::{Duration, Instant};

use deadpool_postgres::ClientWrapper;
use mrr_connector_sdk::Cursor;

use super::counts::Counts;
use super::run::{self, Outcome, Purpose};
use crate::failure::{Failure, Kind};
use crate::store::{Lease, Store, end};

/// How long a step is tried again while the database is away. A restart takes seconds; what is
/// longer is for the schedule, and for an operator to see.
const PATIENCE: Duration = Duration::from_secs(60);

const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The one writer of a source, as long as it holds the lease.
pub struct Session {
    store: Store,
    source: String,
    run: i64,
    counts: Counts,
    lease: Option<Lease>,
    patience: Duration,
}

impl Session {
    /// Takes the lease and opens a run.
    pub async fn begin(store: &Store, source: &str, purpose: Purpose) -> Result<Self, Failure> {
        let mut lease = Lease::take(store, source).await?;
        let run = run::open(&mut lease.client, source, purpose).await?;
        Ok(Self {
            store: store.clone(),
            source: source.to_owned(),
            run,
            counts: Counts::default(),
            lease: Some(lease),
            patience: PATIENCE,
        })
    }

    /// The run's id.
    pub fn run(&self) -> i64 {
        self.run
    }

    /// The source's name.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What has been committed in this run.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Adds what a committed batch did.
    pub fn count(&mut self, counts: Counts) {
        self.counts += counts;
    }

    /// Does one step, and does it again while only the connection or another session was in the
    /// way. The step must be one transaction, and harmless when its commit succeeded unseen.
    pub async fn attempt<T>(
        &mut self,
        mut step: impl AsyncFnMut(&mut ClientWrapper) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let started = Instant::now();
        let mut wait = FIRST_WAIT;
        loop {
            let done = match self.client().await {
                Ok(client) => step(client).await,
                Err(failure) => Err(failure),
            };
            match done {
                Err(failure) if failure.passes() && started.elapsed() < self.patience => {
                    if failure.kind == Kind::Connection {
                        self.lease = None;
                    }
                    let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                    tracing::warn!(source = self.source, error = %failure, wait_ms, "database step is tried again");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                done => return done,
            }
        }
    }

    /// The session that holds the lease, taken anew when the connection was lost.
    async fn client(&mut self) -> Result<&mut ClientWrapper, Failure> {
        if self.lease.as_ref().is_none_or(|lease| lease.client.is_closed()) {
            self.lease = None;
            let lease = Lease::take(&self.store, &self.source).await.map_err(|failure| match failure.kind {
                // It may be our own session, whose end the server has not noticed yet.
                Kind::Busy => Failure::new(Kind::Contention, failure.to_string()),
                _ => failure,
            })?;
            // Between two leases somebody else may have had one; then their run closed ours.
            let committed = run::committed(&lease.client, self.run, &self.source).await?;
            self.lease = Some(lease);
            if committed.batches < self.counts.batches {
                return Err(Failure::new(
                    Kind::Rewound,
                    "the database no longer has the last of what it had confirmed (it was restored, or a standby took over); sync again",
                ));
            }
        }
        match &mut self.lease {
            Some(lease) => Ok(&mut lease.client),
            None => Err(Failure::new(Kind::Connection, "the connection to PostgreSQL was lost")),
        }
    }

    /// Takes the database's word for what was committed, after it has gone back in time.
    pub async fn rewind(&mut self) -> Result<(), Failure> {
        let (run, source) = (self.run, self.source.clone());
        self.counts = Counts::default();
        self.counts = self.attempt(async |client| run::committed(client, run, &source).await).await?;
        Ok(())
    }

    /// Where the walk through a stream stands: a place for each of its parts, none at its beginning.
    pub async fn cursors(&mut self, stream: &str) -> Result<Vec<Cursor>, Failure> {
        let source = self.source.clone();
        self.attempt(async |client| {
            let row = client
                .query_opt("select cursors from ops.walk where source = $1 and stream = $2", &[&source, &stream])
                .await?;
            let cursors: Vec<String> = row.map(|row| row.get(0)).unwrap_or_default();
            Ok(cursors.into_iter().map(Cursor).collect())
        })
        .await
    }

    /// The last hint at a record of a stream; `None` when none waits.
    pub async fn last_hint(&mut self, stream: &str) -> Result<Option<i64>, Failure> {
        let source = self.source.clone();
        self.attempt(async |client| {
            let last = "select max(hint_id) from ops.hint where source = $1 and stream = $2";
            Ok(client.query_one(last, &[&source, &stream]).await?.get(0))
        })
        .await
    }

    /// Closes the run.
    pub async fn finish(mut self, errors: Vec<Failure>, requests: u64) -> Outcome {
        let (run, source, counts) = (self.run, self.source.clone(), self.counts);
        let requests = i64::try_from(requests).unwrap_or(i64::MAX);
        if errors.iter().any(Failure::passes) {
            // It was waited for already.
            self.patience = Duration::ZERO;
        }
        let closed = self.attempt(async |client| run::close(client, run, &source, &errors, requests).await).await;
        if let Some(lease) = self.lease {
            end(lease.client).await;
        }
        match closed {
            Ok((status, problems)) => Outcome::new(status, counts, problems, errors),
            Err(failure) => {
                // The next run finds this one open and marks it interrupted.
                let mut errors = errors;
                if !errors.iter().any(|error| error.kind == failure.kind) {
                    errors.push(failure);
                }
                Outcome::new(run::Status::Failed, counts, 0, errors)
            }
        }
    }
}
