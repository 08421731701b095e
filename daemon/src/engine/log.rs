//! The source's log of changes, and the deliveries that were taken in: both become hints.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use mrr_connector_sdk::{Cursor, Feed, Followed, Gap, Hint, Http, SourceError, Stream, StreamKind};
use revenue::fact::Problem;

use super::batch::Batch;
use super::land;
use super::note::Note;
use super::session::Session;
use super::sound::{is_sound, sift};
use crate::config::Source;
use crate::failpoint;
use crate::failure::{Failure, Kind};
use crate::stop::Stop;
use crate::store::Store;

/// Deliveries taken from the ledger in one transaction.
const DELIVERIES: i64 = 500;

/// How long the place in the log is left as it is while nothing is new.
const STANDSTILL: &str = "1 hour";

/// The log as a stream of records.
fn stream(feed: Feed) -> Stream {
    Stream { name: feed.stream, kind: StreamKind::Log }
}

fn streams(source: &Source) -> Vec<&'static str> {
    source.connector.streams().iter().map(|stream| stream.name).collect()
}

/// Where the log was left; `None` when it was never read, or when a stream was never listed to its
/// end: what follows from a part of the streams would be wrong numbers.
pub async fn place(store: &Store, source: &Source, feed: Feed) -> Result<Option<Cursor>, Failure> {
    let client = store.client().await?;
    let row = client
        .query_opt(
            "select cursors from ops.walk where source = $1 and stream = $2
             and not exists (select from unnest($3::text[]) as needed (stream)
                             where not exists (select from ops.walk as listed
                                               where listed.source = $1 and listed.stream = needed.stream
                                                 and listed.completed_at is not null))",
            &[&source.name, &feed.stream, &streams(source)],
        )
        .await?;
    let cursors: Vec<String> = row.map(|row| row.get(0)).unwrap_or_default();
    Ok(cursors.into_iter().next().map(Cursor))
}

/// Whether there is nothing to do: the page that was just read has nothing new, and nothing waits.
/// Then nothing at all is written.
pub async fn is_quiet(store: &Store, source: &Source, feed: Feed, page: &Followed) -> Result<bool, Failure> {
    let sound = |hint: &Hint| is_sound(&hint.entry) && is_sound(&hint.id);
    if page.more || page.gap.is_some() || !page.page.problems.is_empty() || !page.hints.iter().all(sound) {
        return Ok(false);
    }
    let entries: Vec<&str> = page.hints.iter().map(|hint| hint.entry.as_str()).collect();
    let client = store.client().await?;
    let row = client
        .query_one(
            "select not exists (select from unnest($2::text[]) as listed (id)
                                where not exists (select from ops.event where source = $1 and id = listed.id))
                and not exists (select from ops.event where source = $1 and payload is not null)
                and not exists (select from ops.hint where source = $1)
                -- What went wrong is over only when a run says so, and it may have left the log midway.
                and not exists (select from (select status from ops.run where source = $1
                                             order by run_id desc limit 1) as newest
                                where status in ('failed', 'interrupted'))
                and not exists (select from ops.touched where source = $1)
                and not exists (select from ops.gap join ops.walk using (source)
                                where source = $1 and stream = any($5) and completed_at <= found_at)
                and exists (select from ops.walk w where source = $1 and stream = $3
                            and completed_at > now() - $4::text::interval
                            -- What was delivered since the last look is no news, but is behind us.
                            and not exists (select from ops.event where source = $1 and id = any($2)
                                            and received_at > w.completed_at))",
            &[&source.name, &entries, &feed.stream, &STANDSTILL, &streams(source)],
        )
        .await?;
    Ok(row.get(0))
}

/// Whether every stream was once listed to its end, so that what follows from them may be derived.
pub async fn is_whole(session: &mut Session, source: &Source) -> Result<bool, Failure> {
    let streams = streams(source);
    let name = source.name.clone();
    session
        .attempt(async |client| {
            let whole = "select not exists (select from unnest($2::text[]) as needed (stream)
                                            where not exists (select from ops.walk
                                                              where source = $1 and stream = needed.stream
                                                                and completed_at is not null))";
            Ok(client.query_one(whole, &[&name, &streams]).await?.get(0))
        })
        .await
}

/// The streams that were not listed to their end since a part of the log was missed.
pub async fn missed(session: &mut Session) -> Result<Vec<String>, Failure> {
    let source = session.source().to_owned();
    session
        .attempt(async |client| {
            let rows = client
                .query(
                    "select stream from ops.walk where source = $1
                     and completed_at <= (select max(found_at) from ops.gap where source = $1)",
                    &[&source],
                )
                .await?;
            Ok(rows.iter().map(|row| row.get(0)).collect())
        })
        .await
}

/// Reads the log to its end, beginning with `first` where it was read already.
pub async fn follow(
    session: &mut Session,
    source: &Source,
    http: &Arc<Http>,
    feed: Feed,
    stop: &Stop,
    mut first: Option<Followed>,
) -> Result<(), Failure> {
    let stream = stream(feed);
    let http = &http.for_changes();
    let mut cursor = session.cursors(feed.stream).await?.into_iter().next();
    let mut found = None;
    loop {
        let followed = match first.take() {
            Some(followed) => followed,
            None => tokio::select! {
                followed = source.connector.follow(http, cursor.as_ref()) => match followed {
                    Err(SourceError::BadCursor { .. }) if cursor.is_some() => {
                        tracing::warn!(source = source.name, "the place in the log can't be used; all of it is read");
                        let all = source.connector.follow(http, None).await?;
                        Followed { gap: forgotten(session, feed, all.page.at).await?, ..all }
                    }
                    followed => followed?,
                },
                () = stop.wait() => return Err(Failure::new(Kind::Stopped, "stopped on request")),
            },
        };
        failpoint::pass("log_read").await;
        let Followed { mut page, hints, more, gap } = followed;
        let Some(next) = page.next.pop() else {
            return Err(Failure::new(
                Kind::Law,
                format!("connector `{}` lost its place in the log; report this to its maintainers", source.vendor),
            ));
        };
        found = found.or(gap);
        let hints = sift(feed, hints, &mut page.problems);
        let mut batch = Batch::with(Note::Followed { cursor: next.clone(), hints, more, gap });
        batch.add(page);
        land::land(session, &stream, &batch).await?;
        if !more {
            if let Some(Gap { from, until }) = found {
                tracing::warn!(
                    source = source.name,
                    %from,
                    %until,
                    "the log no longer has what happened then; every record is listed again"
                );
            }
            return Ok(());
        }
        cursor = Some(next);
    }
}

/// What is missed when the place in the log is forgotten: the time since the log was last read to
/// its end, as far as the log no longer has it. Measured by one clock, as the vendor's may differ.
async fn forgotten(session: &mut Session, feed: Feed, at: DateTime<Utc>) -> Result<Option<Gap>, Failure> {
    let source = session.source().to_owned();
    let seconds: Option<i64> = session
        .attempt(async |client| {
            let since = "select extract(epoch from now() - completed_at)::bigint from ops.walk
                         where source = $1 and stream = $2";
            Ok(client.query_opt(since, &[&source, &feed.stream]).await?.and_then(|row| row.get(0)))
        })
        .await?;
    let gap = seconds.map(|seconds| Gap { from: at - TimeDelta::seconds(seconds), until: at - feed.retention });
    Ok(gap.filter(|gap| gap.from < gap.until))
}

/// Heeds the deliveries that wait in the ledger.
pub async fn deliveries(session: &mut Session, source: &Source, feed: Feed) -> Result<(), Failure> {
    let Some(webhook) = source.connector.webhook() else { return unread(session).await };
    let stream = stream(feed);
    let name = source.name.clone();
    loop {
        let waiting: Vec<(String, String)> = session
            .attempt(async |client| {
                let select = client
                    .prepare_cached(
                        "select id, payload from ops.event where source = $1 and payload is not null
                         order by received_at limit $2",
                    )
                    .await?;
                let rows = client.query(&select, &[&name, &DELIVERIES]).await?;
                Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
            })
            .await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let (mut hints, mut records, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for (id, payload) in &waiting {
            match webhook.read(payload) {
                Ok(delivery) => {
                    // By its name in the ledger, which is ours where its own can't be kept.
                    let named = |hint| Hint { entry: id.clone(), ..hint };
                    hints.extend(delivery.hints.into_iter().map(named));
                    records.extend(delivery.record.map(|record| (record, delivery.at)));
                }
                Err(error) => problems.push(Problem {
                    stream: feed.stream.to_owned(),
                    record: id.clone(),
                    field: error.path,
                    message: format!("{}; what it tells is learnt by the next full sync", error.message),
                }),
            }
        }
        let hints = sift(feed, hints, &mut problems);
        let entries = waiting.into_iter().map(|(id, _)| id).collect();
        let mut batch = Batch::with(Note::Delivered { entries, hints });
        batch.records = records;
        batch.problems = problems;
        land::land(session, &stream, &batch).await?;
    }
}

/// Nobody can read deliveries any more, as their secret was taken out of the settings: the log has
/// told what they told, or a full sync does.
async fn unread(session: &mut Session) -> Result<(), Failure> {
    let source = session.source().to_owned();
    let count = session
        .attempt(async |client| {
            let unread = "update ops.event set payload = null where source = $1 and payload is not null";
            let transaction = client.transaction().await?;
            let count = transaction.execute(unread, &[&source]).await?;
            transaction.commit().await?;
            Ok(count)
        })
        .await?;
    if count > 0 {
        tracing::warn!(source, record_count = count, "deliveries are left unread, as none are expected any more");
    }
    Ok(())
}

/// Forgets entries that no list or delivery can bring again, and those that could not be read
/// before a full sync, which has learnt what they told.
pub async fn forget_old(session: &mut Session, feed: Option<Feed>) -> Result<(), Failure> {
    let (source, run) = (session.source().to_owned(), session.run());
    session
        .attempt(async |client| {
            let transaction = client.transaction().await?;
            transaction
                .execute(
                    "delete from ops.event where payload is null and received_at < now() - interval '35 days'",
                    &[],
                )
                .await?;
            if let Some(feed) = feed {
                transaction
                    .execute(
                        "delete from ops.problem where source = $1 and stream = $2 and account is null
                         and found_at < (select started_at from ops.run where run_id = $3)",
                        &[&source, &feed.stream, &run],
                    )
                    .await?;
            }
            transaction.commit().await?;
            Ok(())
        })
        .await
}
