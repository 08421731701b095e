//! One run of one source: the lease, the row in ops.run, and patience with the database.

use std::time::{Duration, Instant};

use mrr_connector_sdk::Cursor;

use super::counts::Counts;
use super::run::{self, Outcome, Purpose};
use crate::failpoint;
use crate::failure::{Failure, Kind};
use crate::store::{Lease, Store, Writer, answered, watched};

/// How long a step is tried again while the database is away, from when it first failed: what it did
/// before may have taken long. A restart takes seconds; what is longer is for the schedule, and for
/// an operator to see.
const PATIENCE: Duration = Duration::from_secs(60);

const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The one writer of a source, as long as it holds the lease.
pub struct Session {
    store: Store,
    source: String,
    run: i64,
    counts: Counts,
    lease: Lease,
    /// The session that writes; none when its connection was lost.
    writer: Option<Writer>,
    patience: Duration,
}

impl Session {
    /// Takes the lease and opens a run.
    pub async fn begin(store: &Store, source: &str, purpose: Purpose) -> Result<Self, Failure> {
        let lease = Lease::take(store, source).await?;
        let mut writer = lease.writer().await?;
        failpoint::pass("lease_taken").await;
        let run = run::open(&mut writer, source, purpose, lease.token()).await?;
        failpoint::pass("run_opened").await;
        Ok(Self {
            store: store.clone(),
            source: source.to_owned(),
            run,
            counts: Counts::default(),
            lease,
            writer: Some(writer),
            patience: failpoint::hasty(PATIENCE),
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
        mut step: impl AsyncFnMut(&mut Writer) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut failed = None;
        let mut wait = FIRST_WAIT;
        loop {
            let store = self.store.clone();
            let done = match answered(self.writer()).await {
                Ok(client) => {
                    let pid = client.pid();
                    watched(&store, pid, step(client)).await
                }
                Err(failure) => Err(failure),
            };
            if done.as_ref().is_err_and(|failure| failure.kind == Kind::Connection) {
                // Also the last time: the run is closed over another connection.
                self.writer = None;
            }
            match done {
                Err(failure)
                    if failure.passes() && failed.get_or_insert_with(Instant::now).elapsed() < self.patience =>
                {
                    let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                    tracing::warn!(source = self.source, error = %failure, wait_ms, "database step is tried again");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                done => return done,
            }
        }
    }

    /// The session that writes, made anew when the connection was lost.
    async fn writer(&mut self) -> Result<&mut Writer, Failure> {
        if self.writer.as_ref().is_none_or(|writer| writer.is_closed()) {
            self.writer = None;
            let writer = match self.lease.writer().await {
                // The database was set back to a time before the lease.
                Err(failure) if failure.kind == Kind::Rewound => {
                    self.lease = Lease::take(&self.store, &self.source).await?;
                    self.lease.writer().await?
                }
                writer => writer?,
            };
            // Somebody else may have had a lease meanwhile; then their run closed ours.
            let committed = run::committed(&writer, self.run, &self.source).await?;
            self.writer = Some(writer);
            if committed.batches < self.counts.batches {
                return Err(Failure::new(
                    Kind::Rewound,
                    "the database no longer has the last of what it had confirmed (it was restored, or a standby took over); sync again",
                ));
            }
        }
        match &mut self.writer {
            Some(writer) => Ok(writer),
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
        failpoint::pass("run_closes").await;
        let closed = self.attempt(async |client| run::close(client, run, &source, &errors, requests).await).await;
        failpoint::pass("run_closed").await;
        if let Some(writer) = self.writer {
            writer.release().await;
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
