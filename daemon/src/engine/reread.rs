//! Records that were hinted at, read again: each once, however many events named it.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use mrr_connector_sdk::{Http, Retrieved, SourceError};

use super::batch::Batch;
use super::land;
use super::note::Note;
use super::session::Session;
use crate::config::Source;
use crate::failpoint;
use crate::failure::{Failure, Kind};
use crate::stop::Stop;

/// Hints taken at a time.
const HINTS: i64 = 200;

/// The next ones, in their order.
pub const DUE: &str =
    "select stream, id, hint_id from ops.hint where source = $1 and hint_id > $2 order by hint_id limit $3";

/// A record to be read again.
struct Due {
    stream: String,
    id: String,
    hint: i64,
}

/// What was read again.
#[derive(Default)]
pub struct Reread {
    /// Why some of it could not be, by stream.
    failures: BTreeMap<String, Failure>,
    /// The records that were, also those that are gone, by stream.
    pub records: BTreeMap<String, Vec<String>>,
    /// The last hint that was looked at.
    pub last: i64,
}

/// Reads every record that is hinted at. What fails keeps its hint; returns why.
pub async fn reread(session: &mut Session, source: &Source, http: &Http, stop: &Stop) -> Result<Vec<Failure>, Failure> {
    Ok(behind(session, source, http, stop, 0).await?.failures.into_values().collect())
}

/// Reads every record of which a later hint than `last` tells. What fails keeps its hint.
pub async fn behind(
    session: &mut Session,
    source: &Source,
    http: &Http,
    stop: &Stop,
    last: i64,
) -> Result<Reread, Failure> {
    let http = &http.for_changes();
    let mut reread = Reread { last, ..Reread::default() };
    loop {
        if stop.requested() {
            return Err(Failure::new(Kind::Stopped, "stopped on request; the rest is read by the next sync"));
        }
        let due = due(session, &source.name, reread.last).await?;
        let Some(newest) = due.last() else { return Ok(reread) };
        reread.last = newest.hint;
        let mut by_stream: BTreeMap<String, Vec<Due>> = BTreeMap::new();
        for due in due {
            by_stream.entry(due.stream.clone()).or_default().push(due);
        }
        for (name, due) in by_stream {
            of_stream(session, source, http, &name, due, stop, &mut reread).await?;
        }
    }
}

async fn due(session: &mut Session, source: &str, last: i64) -> Result<Vec<Due>, Failure> {
    let source = source.to_owned();
    session
        .attempt(async |client| {
            let select = client.prepare_cached(DUE).await?;
            let rows = client.query(&select, &[&source, &last, &HINTS]).await?;
            Ok(rows.iter().map(|row| Due { stream: row.get(0), id: row.get(1), hint: row.get(2) }).collect())
        })
        .await
}

/// Reads records of one stream side by side and lands them together.
async fn of_stream(
    session: &mut Session,
    source: &Source,
    http: &Http,
    name: &str,
    due: Vec<Due>,
    stop: &Stop,
    reread: &mut Reread,
) -> Result<(), Failure> {
    let Some(stream) = source.connector.streams().iter().find(|stream| stream.name == name) else {
        // A stream that this version of the connector no longer reads.
        let hints = due.iter().map(|due| due.hint).collect();
        let gone = mrr_connector_sdk::Stream { name: "", kind: mrr_connector_sdk::StreamKind::Log };
        land::land(session, &gone, &Batch::with(Note::Reread(hints))).await?;
        return Ok(());
    };
    let concurrency = source.connector.api().budget.concurrency.max(1);
    let at_once = source.connector.at_once(stream).max(1);
    let reading = due.chunks(at_once).map(|due| async move {
        let ids: Vec<&str> = due.iter().map(|due| due.id.as_str()).collect();
        tokio::select! {
            read = source.connector.retrieve_many(http, stream, &ids) => due.iter().zip(read).collect(),
            // Two hundred records can take minutes. What was read by then is landed.
            () = stop.wait() => Vec::new(),
        }
    });
    let read: Vec<(&Due, Result<Retrieved, SourceError>)> =
        stream::iter(reading).buffer_unordered(concurrency).flat_map(stream::iter).collect().await;
    failpoint::pass("records_reread").await;
    let mut ids = Vec::new();
    let mut batch = Batch::with(Note::Reread(Vec::new()));
    let mut hints = Vec::new();
    for (due, retrieved) in read {
        match retrieved {
            Ok(retrieved) => {
                hints.push(due.hint);
                // What can't be gone and is not there stays as it is.
                if retrieved.record.is_some() || retrieved.problems.is_empty() {
                    ids.push(due.id.clone());
                }
                batch.add_one(due.id.clone(), retrieved);
            }
            Err(error) if error.stops_source() => return Err(error.into()),
            // The next sync says so, and reads it when it may.
            Err(SourceError::Forbidden { .. }) if source.connector.lost_without(stream).is_some() => {
                hints.push(due.hint);
            }
            Err(error) => {
                let failure = Failure::from(error).at(format_args!("stream `{name}`"));
                reread.failures.entry(name.to_owned()).or_insert(failure);
            }
        }
    }
    if !batch.is_empty() || !hints.is_empty() {
        batch.note = Note::Reread(hints);
        land::land(session, stream, &batch).await?;
    }
    reread.records.entry(name.to_owned()).or_default().append(&mut ids);
    Ok(())
}
