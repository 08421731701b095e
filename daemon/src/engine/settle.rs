//! Deriving what was pushed.

use super::counts::Counts;
use super::run::{self, Outcome, Purpose};
use super::session::Session;
use super::{derive, patiently, report};
use crate::config::{Book, Source};
use crate::failure::Failure;
use crate::stop::Stop;
use crate::store::{Store, superseded};

/// Derives what was pushed since the last time; `None` when nothing was, and the rules are those
/// by which everything was derived.
pub async fn settle(store: &Store, source: &Source, book: Book, stop: &Stop) -> Result<Option<Outcome>, Failure> {
    if patiently(async || is_quiet(store, source).await).await? {
        return Ok(None);
    }
    let started = std::time::Instant::now();
    let mut session = Session::begin(store, &source.name, Purpose::Push).await?;
    tracing::debug!(source = source.name, run = session.run(), "deriving what was pushed");
    let errors = match stages(&mut session, source, book, stop).await {
        Ok(()) => Vec::new(),
        Err(failure) => vec![failure],
    };
    let outcome = session.finish(errors, 0).await;
    report(&source.name, &outcome, started);
    Ok(Some(outcome))
}

async fn stages(session: &mut Session, source: &Source, book: Book, stop: &Stop) -> Result<(), Failure> {
    count(session).await?;
    derive::derive(session, source, book.zone, stop).await.map(drop)
}

/// Whether nothing waits. What went wrong is over only when a run says so; and once a day a run says
/// that nothing else was pushed, as the book's last day is one of which all is known.
async fn is_quiet(store: &Store, source: &Source) -> Result<bool, Failure> {
    let client = store.client().await?;
    let row = client
        .query_one(
            "select not exists (select from ops.touched where source = $1)
                and not exists (select from ops.push where source = $1)
                and not exists (select from ops.source where source = $1 and rules <> $2)
                and (not exists (select from raw.record where source = $1)
                     or exists (select from revenue.book where last_day >= (now() at time zone time_zone)::date))
                and not exists (select from (select status from ops.run where source = $1
                                             order by run_id desc limit 1) as newest
                                where status in ('failed', 'interrupted', 'running'))",
            &[&source.name, &derive::rules(source)],
        )
        .await?;
    Ok(row.get(0))
}

/// Takes the requests that were stored since into the run's counters, each once.
async fn count(session: &mut Session) -> Result<(), Failure> {
    let (source, run) = (session.source().to_owned(), session.run());
    let counts = session
        .attempt(async |client| {
            let transaction = client.transaction().await?;
            let take = "with taken as (delete from ops.push where source = $1 returning *)
                        select coalesce(sum(inserted), 0)::bigint, coalesce(sum(updated), 0)::bigint,
                               coalesce(sum(unchanged), 0)::bigint, coalesce(sum(deleted), 0)::bigint,
                               count(*) from taken";
            let row = transaction.query_one(take, &[&source]).await?;
            let [inserted, updated, unchanged, deleted, batches] =
                [0, 1, 2, 3, 4].map(|column| row.get::<_, i64>(column));
            let fetched = inserted + updated + unchanged + deleted;
            let counts = Counts { fetched, inserted, updated, unchanged, deleted, quarantined: 0, batches };
            if run::add(&transaction, run, counts).await? == 0 {
                return Err(superseded(&source));
            }
            transaction.commit().await?;
            Ok(counts)
        })
        .await?;
    session.count(counts);
    Ok(())
}
