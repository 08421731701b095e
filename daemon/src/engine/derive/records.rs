//! Reading raw records back, an account at a time.

use std::pin::pin;

use chrono::{DateTime, Utc};
use deadpool_postgres::{ClientWrapper, Transaction};
use futures_util::TryStreamExt;
use mrr_connector_sdk::{RawRecord, StreamKind, Version};
use tokio_postgres::types::ToSql;

use crate::config::Source;
use crate::failure::Failure;

/// The records of all reference streams.
pub struct References {
    pub records: Vec<RawRecord>,
    /// When one of them last became another; `None` when none ever did.
    pub changed_at: Option<DateTime<Utc>>,
}

/// What all records of the reference streams said last. One that is gone is still what those that
/// refer to it mean.
pub async fn references(client: &ClientWrapper, source: &Source) -> Result<References, Failure> {
    let streams: Vec<&str> = (source.connector.streams().iter())
        .filter(|stream| stream.kind == StreamKind::Reference)
        .map(|stream| stream.name)
        .collect();
    let rows = client
        .query(
            "select distinct on (stream, id) stream, id, payload::text, observed_at,
                    max(landed_at) filter (where version > 1) over same
             from raw.record where source = $1 and stream = any($2) and not deleted
             window same as (partition by stream, id)
             order by stream, id, version desc",
            &[&source.name, &streams],
        )
        .await?;
    let changed_at = rows.iter().filter_map(|row| row.get(4)).max();
    let records = rows
        .iter()
        .map(|row| RawRecord {
            stream: row.get(0),
            id: row.get(1),
            versions: vec![Version { payload: row.get(2), seen_at: row.get(3), deleted: false }],
        })
        .collect();
    Ok(References { records, changed_at })
}

/// Hands out each account with its records, in all their versions, and the time at which the
/// newest of them landed. Rows are streamed, so that only one account's records are in memory.
///
/// A record belongs to the account that its newest version names. One that moved away still
/// counts for when it landed, because that is when this account lost it. Those from which nothing
/// follows are left where they are.
pub async fn by_account(
    transaction: &Transaction<'_>,
    source: &Source,
    accounts: &[String],
    mut take: impl FnMut(&str, DateTime<Utc>, &[RawRecord]),
) -> Result<(), Failure> {
    let select = transaction
        .prepare_cached(
            "select named.account, named.stream, named.id, record.landed_at, record.observed_at, record.deleted,
                    case when newest.account = named.account then record.payload::text end
             from (select distinct account, stream, id from raw.record
                   where source = $1 and account = any($2) and stream <> all($3)) as named
             cross join lateral (
                 select account from raw.record
                 where source = $1 and stream = named.stream and id = named.id
                 order by version desc limit 1
             ) as newest
             cross join lateral (
                 select version, payload, deleted, observed_at, landed_at from raw.record
                 where source = $1 and stream = named.stream and id = named.id
                 -- Keeps the planner from joining the whole table for a few accounts.
                 offset 0
             ) as record
             order by named.account, named.stream, named.id, record.version",
        )
        .await?;
    let streams = source.connector.streams().iter();
    let kept: Vec<&str> = streams.filter(|stream| stream.kind == StreamKind::Kept).map(|stream| stream.name).collect();
    let parameters: [&(dyn ToSql + Sync); 3] = [&source.name, &accounts, &kept];
    let mut rows = pin!(transaction.query_raw(&select, parameters).await?);
    let mut account: Option<(String, DateTime<Utc>)> = None;
    let mut records: Vec<RawRecord> = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let (name, landed_at): (&str, DateTime<Utc>) = (row.get(0), row.get(3));
        match &mut account {
            Some((current, newest)) if current == name => *newest = landed_at.max(*newest),
            _ => {
                if let Some((done, newest)) = account.take() {
                    take(&done, newest, &records);
                    records.clear();
                }
                account = Some((name.to_owned(), landed_at));
            }
        }
        let Some(payload) = row.get(6) else { continue };
        let (stream, id): (&str, &str) = (row.get(1), row.get(2));
        let version = Version { payload, seen_at: row.get(4), deleted: row.get(5) };
        match records.last_mut() {
            Some(last) if last.stream == stream && last.id == id => last.versions.push(version),
            _ => records.push(RawRecord { stream: stream.into(), id: id.into(), versions: vec![version] }),
        }
    }
    if let Some((done, newest)) = account {
        take(&done, newest, &records);
    }
    Ok(())
}
