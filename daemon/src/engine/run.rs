//! The row in ops.run: how a sync is doing, and how it went.

use std::fmt;

use tokio_postgres::Client;

use super::counts::Counts;
use crate::failpoint;
use crate::failure::{Failure, Kind};
use crate::store::{Writer, superseded, text};

/// Longest text in ops.run.error.
const LONGEST_ERROR: usize = 1_800;

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To list every record.
    Sync,
    /// To read again what the log of changes named.
    Follow,
    /// To derive everything anew.
    Rebuild,
    /// To remove what is known of an account.
    Forget,
    /// To derive what was pushed.
    Push,
}

impl Purpose {
    /// As in ops.run.
    fn as_str(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Follow => "follow",
            Self::Rebuild => "rebuild",
            Self::Forget => "forget",
            Self::Push => "push",
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Complete, and every record was read.
    Ok,
    /// Complete, but records could not be read.
    Problems,
    /// Stopped by an error.
    Failed,
    /// Stopped on request.
    Interrupted,
}

impl Status {
    /// As in ops.run.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Problems => "problems",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A finished run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub status: Status,
    pub counts: Counts,
    /// Records of the source with a problem, old ones included.
    pub problems: i64,
    pub errors: Vec<Failure>,
    /// Requests to the vendor, retries included.
    pub requests: u64,
    /// How often the vendor told us to wait.
    pub waits: u64,
}

impl Outcome {
    pub(super) fn new(status: Status, counts: Counts, problems: i64, errors: Vec<Failure>) -> Self {
        Self { status, counts, problems, errors, requests: 0, waits: 0 }
    }

    /// Of a run that was not needed.
    pub(super) fn nothing() -> Self {
        Self::new(Status::Ok, Counts::default(), 0, Vec::new())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}; {}", self.status.as_str(), self.counts)
    }
}

/// Forgets runs: those without news, and those for what was pushed, after a week, as there may be
/// one a minute or more, and others when the ledger of events forgets too. The newest of each kind and ending stays, so that it can
/// always be said when it last went well, and how it last went wrong.
const FORGET: &str = "delete from ops.run where source = $1
    and started_at < now() - case when status in ('ok', 'problems')
                                       and (kind = 'push' or inserted + updated + deleted + quarantined = 0)
                                  then interval '7 days' else interval '35 days' end
    and run_id not in (select max(run_id) from ops.run where source = $1 group by kind, status)";

/// Opens a run. Whoever holds the lease knows that no other run of the source is under way.
pub async fn open(client: &mut Writer, source: &str, purpose: Purpose, token: i64) -> Result<i64, Failure> {
    let transaction = client.transaction().await?;
    let interrupted = transaction
        .execute(
            "update ops.run set status = 'interrupted', finished_at = clock_timestamp(),
                    error = 'the process ended in the middle; the next run went on from there'
             where source = $1 and status = 'running'",
            &[&source],
        )
        .await?;
    if interrupted > 0 {
        tracing::warn!(source, run_count = interrupted, "an earlier run did not end; this one goes on from there");
    }
    transaction.execute(FORGET, &[&source]).await?;
    let run = transaction
        .query_one(
            "insert into ops.run (source, kind, token) values ($1, $2, $3) returning run_id",
            &[&source, &purpose.as_str(), &token],
        )
        .await?;
    transaction.commit().await?;
    Ok(run.get(0))
}

/// What a run has committed, as the database knows it; refuses a run that somebody else has closed.
pub async fn committed(client: &Client, run: i64, source: &str) -> Result<Counts, Failure> {
    let row = client
        .query_opt(
            "select fetched, inserted, updated, unchanged, deleted, quarantined, batches from ops.run
             where run_id = $1 and status = 'running'",
            &[&run],
        )
        .await?;
    let row = row.ok_or_else(|| superseded(source))?;
    Ok(Counts {
        fetched: row.get(0),
        inserted: row.get(1),
        updated: row.get(2),
        unchanged: row.get(3),
        deleted: row.get(4),
        quarantined: row.get(5),
        batches: row.get(6),
    })
}

/// Adds a batch to the run, in the batch's own transaction.
pub async fn add(client: &tokio_postgres::Transaction<'_>, run: i64, counts: Counts) -> Result<u64, Failure> {
    Ok(client
        .execute(
            "update ops.run set fetched = fetched + $2, inserted = inserted + $3, updated = updated + $4,
                    unchanged = unchanged + $5, deleted = deleted + $6, quarantined = quarantined + $7,
                    batches = batches + $8, progressed_at = clock_timestamp()
             where run_id = $1 and status = 'running'",
            &[
                &run,
                &counts.fetched,
                &counts.inserted,
                &counts.updated,
                &counts.unchanged,
                &counts.deleted,
                &counts.quarantined,
                &counts.batches,
            ],
        )
        .await?)
}

/// Notes that a run gets on, in the transaction in which it did.
pub async fn progressed(client: &tokio_postgres::Transaction<'_>, run: i64) -> Result<(), Failure> {
    client.execute("update ops.run set progressed_at = clock_timestamp() where run_id = $1", &[&run]).await?;
    Ok(())
}

/// Closes a run; returns how it ended and how many records of the source have problems.
pub async fn close(
    client: &mut Writer,
    run: i64,
    source: &str,
    errors: &[Failure],
    requests: i64,
) -> Result<(Status, i64), Failure> {
    let transaction = client.transaction().await?;
    let problems: i64 = transaction
        .query_one("select count(distinct (stream, record)) from ops.problem where source = $1", &[&source])
        .await?
        .get(0);
    let status = if errors.iter().any(|error| error.kind != Kind::Stopped) {
        Status::Failed
    } else if !errors.is_empty() {
        Status::Interrupted
    } else if problems > 0 {
        Status::Problems
    } else {
        Status::Ok
    };
    let error = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let error = (!error.is_empty()).then(|| text(&error, LONGEST_ERROR));
    transaction
        .execute(
            "update ops.run set status = $2, finished_at = clock_timestamp(), requests = $3, error = $4
             where run_id = $1 and status = 'running'",
            &[&run, &status.as_str(), &requests, &error],
        )
        .await?;
    if matches!(status, Status::Ok | Status::Problems) {
        // Once a day: a row that every sync writes would leave a dead one each time.
        transaction
            .execute(
                "update revenue.book
                    set synced_at = coalesce(synced_at, now()), last_day = (now() at time zone time_zone)::date
                  where last_day is distinct from (now() at time zone time_zone)::date
                    and (select kind in ('sync', 'follow', 'push') from ops.run where run_id = $1)",
                &[&run],
            )
            .await?;
    }
    failpoint::pass("run_closing").await;
    transaction.commit().await?;
    Ok((status, problems))
}
