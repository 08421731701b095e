//! Pushed items into raw.record: no lease is needed to keep them, only to derive from them.
//!
//! Requests of one source are stored one after another, under a lock of their own, so that no two
//! give a record the same version. They may be stored while another process derives: an account is
//! locked in ops.touched for as long as it is derived, and is noted anew behind that.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::pin::pin;

use chrono::{DateTime, Utc};
use deadpool_postgres::{Object, Transaction};
use mrr_connector_sdk::{Pushed, StreamKind};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

use super::counts::Counts;
use super::land::{forgotten, hash_of};
use crate::failure::{Failure, Kind};
use crate::store::{JsonColumn, Store};

/// No statement waits longer: whoever is told to come again does.
const LIMITS: &str = "set local lock_timeout = '5s'; set local statement_timeout = '9s'";

/// What the sender of an item learns that is not stored any more.
const FORGOTTEN: &str = "is of an account that was forgotten on request, so that nothing of it is stored; leave it out";

/// What became of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is stored.
    Accepted,
    /// It was stored already.
    Unchanged,
    /// Another item of the same request says later what the record is.
    Superseded,
    /// It can't be stored; the sentence says why.
    Refused(String),
}

/// What a record is known to be.
#[derive(Clone)]
struct Known {
    version: i32,
    hash: [u8; 16],
    account: Option<String>,
    deleted: bool,
}

/// A version to be written.
struct Version<'a> {
    item: &'a Pushed,
    account: Option<String>,
    version: i32,
    hash: [u8; 16],
}

/// Stores items durably and in their order; says what became of each, and when they were received.
/// Nothing is derived yet.
pub async fn push(store: &Store, source: &str, items: &[&Pushed]) -> Result<(Vec<Fate>, DateTime<Utc>), Failure> {
    let mut client = store.client().await?;
    let mut fates = Vec::with_capacity(items.len());
    let mut received: Option<DateTime<Utc>> = None;
    // What the server refuses is halved until the bad item is alone, the first half first. Each
    // part is stored by itself: saying all of it again changes nothing.
    let mut pending = vec![items];
    while let Some(part) = pending.pop() {
        match commit(&mut client, source, part).await {
            Ok((found, at)) => {
                fates.extend(found);
                received = Some(received.map_or(at, |before| before.max(at)));
            }
            Err(failure) if failure.kind == Kind::Refused && part.len() > 1 => {
                let (first, second) = part.split_at(part.len() / 2);
                pending.extend([second, first]);
            }
            Err(failure) if failure.kind == Kind::Refused => fates.push(Fate::Refused(failure.to_string())),
            Err(failure) => return Err(failure),
        }
    }
    Ok((fates, received.unwrap_or_else(Utc::now)))
}

async fn commit(client: &mut Object, source: &str, items: &[&Pushed]) -> Result<(Vec<Fate>, DateTime<Utc>), Failure> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(LIMITS).await?;
    let at = turn(&transaction, source).await?;
    let (fates, versions, counts, touched) = decide(&transaction, source, items).await?;
    if counts.fetched > counts.unchanged {
        copy(&transaction, source, &versions, at).await?;
        touch(&transaction, source, &touched).await?;
        note(&transaction, source, counts).await?;
    }
    transaction.commit().await?;
    Ok((fates, at))
}

/// Waits until no other transaction stores what is pushed to a source. The clock is read when it is
/// ours, so that later versions have later times.
pub(super) async fn turn(transaction: &Transaction<'_>, source: &str) -> Result<DateTime<Utc>, Failure> {
    let turn = transaction.prepare_cached("select pg_advisory_xact_lock($1), clock_timestamp()").await?;
    Ok(transaction.query_one(&turn, &[&key(source)]).await?.get(1))
}

type Decided<'a> = (Vec<Fate>, Vec<Version<'a>>, Counts, BTreeSet<String>);

/// What is new among the items.
async fn decide<'a>(transaction: &Transaction<'_>, source: &str, items: &[&'a Pushed]) -> Result<Decided<'a>, Failure> {
    let hashes: Vec<[u8; 16]> = items.iter().map(|item| hash_of(&item.payload)).collect();
    let (mut known, mut said) = known(transaction, source, items, &hashes).await?;
    let forgotten = forgotten(transaction, source, items.iter().filter_map(|item| item.account.as_deref())).await?;
    // Where the last item about each record stands that holds from now on.
    let undated = items.iter().enumerate().filter(|(_, item)| !item.dated);
    let last: BTreeMap<(&str, &str), usize> =
        undated.map(|(place, item)| ((item.stream.name, item.id.as_str()), place)).collect();
    let (mut fates, mut versions, mut counts, mut touched) =
        (Vec::with_capacity(items.len()), Vec::new(), Counts::default(), BTreeSet::new());
    for ((place, item), hash) in items.iter().enumerate().zip(hashes) {
        if item.account.as_ref().is_some_and(|account| forgotten.contains(account)) {
            fates.push(Fate::Refused(FORGOTTEN.to_owned()));
            continue;
        }
        let record = (item.stream.name, item.id.as_str());
        let before = known.get(&record).cloned();
        let there = before.as_ref().is_some_and(|before| !before.deleted);
        let is_known = match (item.deleted, item.dated) {
            (true, _) => !there,
            // What was said before a record was gone is news when it is said again.
            (false, true) => there && said.contains(&(record, hash)),
            (false, false) if last.get(&record).is_some_and(|last| *last > place) => {
                fates.push(Fate::Superseded);
                continue;
            }
            (false, false) => {
                before.as_ref().is_some_and(|before| there && before.hash == hash && before.account == item.account)
            }
        };
        if is_known {
            counts.keep();
            fates.push(Fate::Unchanged);
            continue;
        }
        let owner = before.as_ref().and_then(|before| before.account.clone());
        let account = if item.deleted { owner.clone() } else { item.account.clone() };
        let version = before.as_ref().map_or(0, |before| before.version) + 1;
        match (item.deleted, version) {
            (true, _) => counts.delete(),
            (false, 1) => counts.insert(),
            (false, _) => counts.update(),
        }
        if item.stream.kind != StreamKind::Kept {
            touched.extend([account.clone(), owner].into_iter().flatten());
        }
        if item.deleted {
            said.retain(|(of, _)| *of != record);
        } else {
            said.insert((record, hash));
        }
        known.insert(record, Known { version, hash, account: account.clone(), deleted: item.deleted });
        versions.push(Version { item, account, version, hash });
        fates.push(Fate::Accepted);
    }
    Ok((fates, versions, counts, touched))
}

type Record<'a> = (&'a str, &'a str);

/// The newest version of each record, and which of the items were said since it was last gone.
async fn known<'a>(
    transaction: &Transaction<'_>,
    source: &str,
    items: &[&'a Pushed],
    hashes: &[[u8; 16]],
) -> Result<(HashMap<Record<'a>, Known>, HashSet<(Record<'a>, [u8; 16])>), Failure> {
    let streams: Vec<&str> = items.iter().map(|item| item.stream.name).collect();
    let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
    let bytes: Vec<&[u8]> = hashes.iter().map(<[u8; 16]>::as_slice).collect();
    let select = transaction
        .prepare_cached(
            "select wanted.place, newest.version, newest.hash, newest.account, newest.deleted,
                    exists (select from raw.record
                            where source = $1 and stream = wanted.stream and id = wanted.id and hash = wanted.hash
                              and not deleted
                              and version > coalesce((select max(version) from raw.record
                                                      where source = $1 and stream = wanted.stream and id = wanted.id
                                                        and deleted), 0))
             from unnest($2::text[], $3::text[], $4::bytea[]) with ordinality as wanted (stream, id, hash, place)
             cross join lateral (
                 select version, hash, account, deleted from raw.record
                 where source = $1 and stream = wanted.stream and id = wanted.id
                 order by version desc limit 1
             ) as newest",
        )
        .await?;
    let (mut known, mut said) = (HashMap::new(), HashSet::new());
    for row in transaction.query(&select, &[&source, &streams, &ids, &bytes]).await? {
        let place = usize::try_from(row.get::<_, i64>(0) - 1).unwrap_or(usize::MAX);
        let (Some(item), Some(own)) = (items.get(place), hashes.get(place)) else { continue };
        let mut hash = [0; 16];
        // The column's check says that there are sixteen.
        hash.copy_from_slice(row.get::<_, &[u8]>(2));
        let record = (item.stream.name, item.id.as_str());
        known.insert(record, Known { version: row.get(1), hash, account: row.get(3), deleted: row.get(4) });
        if row.get(5) {
            said.insert((record, *own));
        }
    }
    Ok((known, said))
}

async fn copy(
    transaction: &Transaction<'_>,
    source: &str,
    versions: &[Version<'_>],
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    let sink = transaction
        .copy_in(
            "copy raw.record (source, stream, id, version, account, payload, hash, deleted, observed_at)
             from stdin (format binary)",
        )
        .await?;
    let types = [
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::INT4,
        Type::TEXT,
        Type::JSON,
        Type::BYTEA,
        Type::BOOL,
        Type::TIMESTAMPTZ,
    ];
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
    for Version { item, account, version, hash } in versions {
        let (stream, payload, hash) = (item.stream.name, JsonColumn(&item.payload), hash.as_slice());
        writer
            .as_mut()
            .write(&[&source, &stream, &item.id, version, account, &payload, &hash, &item.deleted, &at])
            .await?;
    }
    writer.finish().await?;
    Ok(())
}

/// Notes the accounts that have to be derived anew. One that is being derived just now is waited
/// for, as what is derived may not have this yet: that is why an old row is locked and not passed over.
async fn touch(transaction: &Transaction<'_>, source: &str, touched: &BTreeSet<String>) -> Result<(), Failure> {
    if touched.is_empty() {
        return Ok(());
    }
    let accounts: Vec<&str> = touched.iter().map(String::as_str).collect();
    let insert = transaction
        .prepare_cached(
            "insert into ops.touched (source, account) select $1, account from unnest($2::text[]) as new (account)
             on conflict (source, account) do update set account = excluded.account",
        )
        .await?;
    transaction.execute(&insert, &[&source, &accounts]).await?;
    Ok(())
}

/// Enters what the request came to, for the next run to count in.
async fn note(transaction: &Transaction<'_>, source: &str, counts: Counts) -> Result<(), Failure> {
    let insert = transaction
        .prepare_cached(
            "insert into ops.push (source, inserted, updated, unchanged, deleted) values ($1, $2, $3, $4, $5)",
        )
        .await?;
    let Counts { inserted, updated, unchanged, deleted, .. } = counts;
    transaction.execute(&insert, &[&source, &inserted, &updated, &unchanged, &deleted]).await?;
    Ok(())
}

/// The lock's key: another one than that of the lease.
fn key(source: &str) -> i64 {
    let hash = blake3::hash(format!("mrrd push {source}").as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    i64::from_be_bytes(first)
}
