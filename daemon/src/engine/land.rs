//! A batch into raw.record, with the cursor behind it, in one transaction.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::pin::pin;

use chrono::{DateTime, Utc};
use deadpool_postgres::Transaction;
use mrr_connector_sdk::{Record, Stream, StreamKind};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

use super::batch::Batch;
use super::counts::Counts;
use super::problem::{self, ProblemRow, record_name};
use super::run;
use super::session::Session;
use crate::failpoint;
use crate::failure::{Failure, Kind};
use crate::store::{JsonColumn, Writer, superseded};

/// Larger records are kept out before they are sent: taking one apart again costs many times its size.
const LARGEST_PAYLOAD: usize = 64 << 20;

/// What landing a batch came to.
#[derive(Debug, Default)]
struct Landed {
    counts: Counts,
    problems: Vec<ProblemRow>,
    touched: Touched,
}

/// What has to be derived anew.
#[derive(Debug, Default)]
struct Touched {
    accounts: BTreeSet<String>,
    new_reference: bool,
    changed_reference: bool,
}

/// The newest version that is known of a record.
struct Newest {
    version: i32,
    hash: [u8; 16],
    account: Option<String>,
    deleted: bool,
}

/// A version to be written.
struct Version<'a> {
    record: &'a Record,
    at: DateTime<Utc>,
    version: i32,
    hash: [u8; 16],
}

/// Lands a batch; returns the names of the records that were kept out.
pub async fn land(session: &mut Session, stream: &Stream, batch: &Batch) -> Result<Vec<String>, Failure> {
    let (source, run, before) = (session.source().to_owned(), session.run(), session.counts());
    let mut landed = Landed::default();
    let mut again = false;
    session
        .attempt(async |client| {
            // The answer to a commit may have been lost. The run's counters are part of the
            // batch's transaction, so they tell whether it happened.
            if std::mem::replace(&mut again, true)
                && run::committed(client, run, &source).await?.batches > before.batches
            {
                return Ok(());
            }
            landed = Landed::default();
            commit(client, &source, run, stream, batch, &mut landed).await
        })
        .await?;
    session.count(landed.counts);
    Ok(landed.problems.into_iter().map(|problem| problem.record).collect())
}

async fn commit(
    client: &mut Writer,
    source: &str,
    run: i64,
    stream: &Stream,
    batch: &Batch,
    landed: &mut Landed,
) -> Result<(), Failure> {
    let mut transaction = client.transaction().await?;
    landed.counts.batches = 1;
    failpoint::pass("land_begun").await;
    (0..batch.passed_over).for_each(|_| landed.counts.keep());
    // A record that is kept in spite of its problem is counted where it lands.
    let ids: HashSet<&str> = batch.records.iter().map(|(record, _)| record.id.as_str()).collect();
    for problem in &batch.problems {
        if !ids.contains(problem.record.as_str()) {
            landed.counts.quarantine();
        }
        landed.problems.push(problem.into());
    }
    // What the server refuses is halved until the bad record is alone. A stack, not recursion:
    // the first half comes first, so that versions keep the vendor's order.
    let mut pending = vec![batch.records.as_slice()];
    let mut kept = Vec::new();
    while let Some(records) = pending.pop() {
        let mut savepoint = transaction.transaction().await?;
        match versions(&mut savepoint, source, stream, records, landed).await {
            Ok(()) => {
                savepoint.commit().await?;
                kept.extend(records.iter().map(|(record, _)| record_name(&record.id)));
            }
            Err(failure) if failure.kind == Kind::Refused => {
                savepoint.rollback().await?;
                if let [(record, _)] = records {
                    landed.counts.quarantine();
                    landed.problems.push(kept_out(stream, record, &failure));
                } else {
                    let (first, second) = records.split_at(records.len() / 2);
                    pending.extend([second, first]);
                }
            }
            Err(failure) => return Err(failure),
        }
    }
    failpoint::pass("land_merged").await;
    tombstones(&transaction, source, stream, &batch.gone, landed).await?;
    problem::keep(&transaction, source, stream.name, &landed.problems, &kept).await?;
    touch(&transaction, source, &landed.touched).await?;
    batch.note.write(&transaction, source, stream.name, &ids).await?;
    if run::add(&transaction, run, landed.counts).await? == 0 {
        return Err(superseded(source));
    }
    failpoint::pass("land_commits").await;
    transaction.commit().await?;
    failpoint::pass("land_committed").await;
    Ok(())
}

/// Writes the versions that are new among some records; adds to `landed` only when all went well.
async fn versions(
    transaction: &mut Transaction<'_>,
    source: &str,
    stream: &Stream,
    records: &[(Record, DateTime<Utc>)],
    landed: &mut Landed,
) -> Result<(), Failure> {
    if records.iter().any(|(record, _)| record.payload.len() > LARGEST_PAYLOAD) {
        return Err(Failure::new(Kind::Refused, format!("it is larger than {LARGEST_PAYLOAD} bytes")));
    }
    let ids: Vec<&str> = records.iter().map(|(record, _)| record.id.as_str()).collect();
    let mut known = newest(transaction, source, stream.name, &ids).await?;
    let mut counts = Counts::default();
    let mut touched = Touched::default();
    let mut new = Vec::new();
    let forgotten =
        forgotten(transaction, source, records.iter().filter_map(|(record, _)| record.account.as_deref())).await?;
    for (record, at) in records {
        if record.account.as_ref().is_some_and(|account| forgotten.contains(account)) {
            counts.keep();
            continue;
        }
        let hash = hash_of(&record.payload);
        let before = known.get(record.id.as_str());
        // An entry of a log never changes: what differs is how it was rendered.
        if stream.kind == StreamKind::Log && before.is_some() {
            counts.keep();
            continue;
        }
        if before.is_some_and(|before| before.hash == hash && before.account == record.account && !before.deleted) {
            counts.keep();
            continue;
        }
        let version = before.map_or(0, |before| before.version) + 1;
        if version == 1 {
            counts.insert()
        } else {
            counts.update()
        }
        match stream.kind {
            // Both the account that it belongs to and the one that it belonged to.
            StreamKind::Account | StreamKind::Log => touched.accounts.extend(
                [record.account.clone(), before.and_then(|before| before.account.clone())].into_iter().flatten(),
            ),
            StreamKind::Kept => {}
            StreamKind::Reference if version == 1 => touched.new_reference = true,
            StreamKind::Reference => touched.changed_reference = true,
        }
        let account = record.account.clone();
        known.insert(&record.id, Newest { version, hash, account, deleted: false });
        new.push(Version { record, at: *at, version, hash });
    }
    copy(transaction, source, stream.name, &new).await?;
    landed.counts += counts;
    landed.touched.accounts.extend(touched.accounts);
    landed.touched.new_reference |= touched.new_reference;
    landed.touched.changed_reference |= touched.changed_reference;
    Ok(())
}

/// Adds a version that says that the record is gone, to those that are known and were not gone.
/// It belongs to the account that the record belonged to.
async fn tombstones(
    transaction: &Transaction<'_>,
    source: &str,
    stream: &Stream,
    gone: &[(String, DateTime<Utc>)],
    landed: &mut Landed,
) -> Result<(), Failure> {
    if gone.is_empty() {
        return Ok(());
    }
    let (ids, at): (Vec<&str>, Vec<DateTime<Utc>>) = gone.iter().map(|(id, at)| (id.as_str(), *at)).unzip();
    let insert = transaction
        .prepare_cached(
            "insert into raw.record (source, stream, id, version, account, payload, hash, deleted, observed_at)
             select $1, $2, gone.id, newest.version + 1, newest.account, 'null', decode(repeat('00', 16), 'hex'), true,
                    gone.at
             from (select distinct on (id) id, at from unnest($3::text[], $4::timestamptz[]) as gone (id, at)) as gone
             cross join lateral (
                 select version, account, deleted from raw.record
                 where source = $1 and stream = $2 and id = gone.id
                 order by version desc limit 1
             ) as newest
             where not newest.deleted
             returning account",
        )
        .await?;
    let rows = transaction.query(&insert, &[&source, &stream.name, &ids, &at]).await?;
    for place in 0..gone.len() {
        if place < rows.len() { landed.counts.delete() } else { landed.counts.keep() }
    }
    match stream.kind {
        StreamKind::Account | StreamKind::Log => {
            landed.touched.accounts.extend(rows.iter().filter_map(|row| row.get::<_, Option<String>>(0)));
        }
        StreamKind::Kept => {}
        StreamKind::Reference => landed.touched.changed_reference |= !rows.is_empty(),
    }
    Ok(())
}

/// By what versions are told apart.
pub(super) fn hash_of(payload: &str) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&blake3::hash(payload.as_bytes()).as_bytes()[..16]);
    hash
}

/// Which of some accounts were forgotten on request.
pub(super) async fn forgotten<'a>(
    transaction: &Transaction<'_>,
    source: &str,
    accounts: impl Iterator<Item = &'a str>,
) -> Result<HashSet<String>, Failure> {
    let accounts: HashSet<&str> = accounts.collect();
    let accounts: Vec<&str> = accounts.into_iter().collect();
    let select =
        transaction.prepare_cached("select account from ops.forgotten where source = $1 and account = any($2)").await?;
    Ok(transaction.query(&select, &[&source, &accounts]).await?.iter().map(|row| row.get(0)).collect())
}

async fn newest<'a>(
    transaction: &Transaction<'_>,
    source: &str,
    stream: &str,
    ids: &[&'a str],
) -> Result<HashMap<&'a str, Newest>, Failure> {
    let select = transaction
        .prepare_cached(
            "select wanted.place, newest.version, newest.hash, newest.account, newest.deleted
             from unnest($3::text[]) with ordinality as wanted (id, place)
             cross join lateral (
                 select version, hash, account, deleted from raw.record
                 where source = $1 and stream = $2 and id = wanted.id
                 order by version desc limit 1
             ) as newest",
        )
        .await?;
    let mut known = HashMap::with_capacity(ids.len());
    for row in transaction.query(&select, &[&source, &stream, &ids]).await? {
        let place: i64 = row.get(0);
        let mut hash = [0; 16];
        // The column's check says that there are sixteen.
        hash.copy_from_slice(row.get::<_, &[u8]>(2));
        let newest = Newest { version: row.get(1), hash, account: row.get(3), deleted: row.get(4) };
        let id = usize::try_from(place - 1).ok().and_then(|place| ids.get(place));
        known.extend(id.map(|id| (*id, newest)));
    }
    Ok(known)
}

async fn copy(transaction: &Transaction<'_>, source: &str, stream: &str, new: &[Version<'_>]) -> Result<(), Failure> {
    if new.is_empty() {
        return Ok(());
    }
    let sink = transaction
        .copy_in(
            "copy raw.record (source, stream, id, version, account, payload, hash, observed_at) from stdin (format binary)",
        )
        .await?;
    let types =
        [Type::TEXT, Type::TEXT, Type::TEXT, Type::INT4, Type::TEXT, Type::JSON, Type::BYTEA, Type::TIMESTAMPTZ];
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
    for (place, Version { record, at, version, hash }) in new.iter().enumerate() {
        if place == new.len() / 2 {
            failpoint::pass("copy_half").await;
        }
        let payload = JsonColumn(&record.payload);
        let hash = hash.as_slice();
        writer.as_mut().write(&[&source, &stream, &record.id, version, &record.account, &payload, &hash, at]).await?;
    }
    writer.finish().await?;
    Ok(())
}

/// Notes the accounts that have to be derived anew.
async fn touch(transaction: &Transaction<'_>, source: &str, touched: &Touched) -> Result<(), Failure> {
    if !touched.accounts.is_empty() {
        let accounts: Vec<&str> = touched.accounts.iter().map(String::as_str).collect();
        let insert = transaction
            .prepare_cached(
                "insert into ops.touched (source, account)
                 select $1, account from unnest($2::text[]) as new (account) on conflict do nothing",
            )
            .await?;
        transaction.execute(&insert, &[&source, &accounts]).await?;
    }
    if touched.changed_reference {
        // Any account may refer to it.
        touch_all(transaction, source).await?;
    } else if touched.new_reference {
        // Who missed it has a problem that says so.
        touch_problems(transaction, source).await?;
    }
    Ok(())
}

/// Notes every account that has a problem.
pub async fn touch_problems(transaction: &Transaction<'_>, source: &str) -> Result<(), Failure> {
    transaction
        .execute(
            "insert into ops.touched (source, account)
             select distinct source, account from ops.problem where source = $1 and account is not null
             on conflict do nothing",
            &[&source],
        )
        .await?;
    Ok(())
}

/// Notes every account of a source; returns how many were not noted before.
pub async fn touch_all(transaction: &Transaction<'_>, source: &str) -> Result<u64, Failure> {
    Ok(transaction
        .execute(
            "insert into ops.touched (source, account)
             select distinct source, account from raw.record where source = $1 and account is not null
             on conflict do nothing",
            &[&source],
        )
        .await?)
}

fn kept_out(stream: &Stream, record: &Record, failure: &Failure) -> ProblemRow {
    ProblemRow {
        stream: stream.name.to_owned(),
        record: record_name(&record.id),
        field: String::new(),
        message: format!(
            "the record ({} bytes) is kept out: {failure}; it is in no number until the source sends it otherwise",
            record.payload.len()
        ),
    }
}
