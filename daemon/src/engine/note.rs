//! What a batch's transaction notes besides its records.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use deadpool_postgres::Transaction;
use mrr_connector_sdk::{Cursor, Gap, Hint};

use crate::failure::Failure;

/// Takes back hints whose records were read again.
pub const SETTLE: &str = "delete from ops.hint where source = $1 and hint_id = any($2)";

/// What is noted.
#[derive(Debug)]
pub enum Note {
    /// Pages of a walk were landed.
    Walked {
        /// Where its parts go on; nowhere when the walk is complete.
        open: Vec<Cursor>,
        /// Hints up to this one are settled by the records that were landed; `None` when there
        /// were none as the walk began.
        settled: Option<i64>,
    },
    /// A page of the log was read.
    Followed {
        /// Where it goes on.
        cursor: Cursor,
        /// What its entries say may have changed.
        hints: Vec<Hint>,
        /// Whether the log has more to tell at once.
        more: bool,
        gap: Option<Gap>,
    },
    /// Deliveries were taken from the ledger.
    Delivered {
        /// Their entries.
        entries: Vec<String>,
        hints: Vec<Hint>,
    },
    /// Records were read again because of these hints.
    Reread(Vec<i64>),
}

impl Note {
    /// Writes it. `ids` are those of the records of the same transaction.
    pub async fn write(
        &self,
        transaction: &Transaction<'_>,
        source: &str,
        stream: &str,
        ids: &HashSet<&str>,
    ) -> Result<(), Failure> {
        match self {
            Self::Walked { open, settled } => {
                save(transaction, source, stream, open, open.is_empty()).await?;
                if let Some(last) = settled {
                    let ids: Vec<&str> = ids.iter().copied().collect();
                    let settle = transaction
                        .prepare_cached(
                            "delete from ops.hint where source = $1 and stream = $2 and id = any($3) and hint_id <= $4",
                        )
                        .await?;
                    transaction.execute(&settle, &[&source, &stream, &ids, last]).await?;
                }
            }
            Self::Followed { cursor, hints, more, gap } => {
                let new = entries(transaction, source, hints).await?;
                let new = hints.iter().filter(|hint| new.contains(&hint.entry));
                give(transaction, source, new.map(|hint| (hint.stream, hint.id.as_str()))).await?;
                save(transaction, source, stream, std::slice::from_ref(cursor), !more).await?;
                if let Some(Gap { from, until }) = gap {
                    transaction
                        .execute(
                            "insert into ops.gap (source, from_time, until) values ($1, $2, $3) on conflict do nothing",
                            &[&source, from, until],
                        )
                        .await?;
                    // A walk that broke off went through its first pages before what was missed.
                    transaction
                        .execute(
                            "update ops.walk set cursors = '{}' where source = $1 and stream <> $2 and cursors <> '{}'",
                            &[&source, &stream],
                        )
                        .await?;
                }
            }
            Self::Delivered { entries, hints } => {
                give(transaction, source, hints.iter().map(|hint| (hint.stream, hint.id.as_str()))).await?;
                transaction
                    .execute(
                        "update ops.event set payload = null where source = $1 and id = any($2)",
                        &[&source, entries],
                    )
                    .await?;
            }
            Self::Reread(hints) => {
                transaction.execute(SETTLE, &[&source, hints]).await?;
            }
        }
        Ok(())
    }
}

async fn save(
    transaction: &Transaction<'_>,
    source: &str,
    stream: &str,
    open: &[Cursor],
    complete: bool,
) -> Result<(), Failure> {
    let save = transaction
        .prepare_cached(
            "insert into ops.walk (source, stream, cursors, completed_at)
             values ($1, $2, $3, case when $4 then now() end)
             on conflict (source, stream) do update
             set cursors = excluded.cursors, completed_at = coalesce(excluded.completed_at, walk.completed_at)",
        )
        .await?;
    let cursors: Vec<&str> = open.iter().map(|cursor| cursor.0.as_str()).collect();
    transaction.execute(&save, &[&source, &stream, &cursors, &complete]).await?;
    Ok(())
}

/// Enters the entries of the log into the ledger; returns those that are new there. One whose
/// delivery still waits is new, and is heeded with that.
async fn entries(transaction: &Transaction<'_>, source: &str, hints: &[Hint]) -> Result<HashSet<String>, Failure> {
    if hints.is_empty() {
        return Ok(HashSet::new());
    }
    // In their order, as deliveries are: who enters several at once must not wait in a circle.
    let entries: BTreeMap<&str, DateTime<Utc>> = hints.iter().map(|hint| (hint.entry.as_str(), hint.at)).collect();
    let (entries, at): (Vec<&str>, Vec<DateTime<Utc>>) = entries.into_iter().unzip();
    let insert = transaction
        .prepare_cached(
            "insert into ops.event (source, id, happened_at, delivered)
             select $1, id, at, false from unnest($2::text[], $3::timestamptz[]) as new (id, at)
             on conflict (source, id) do update set payload = null where event.payload is not null
             returning id",
        )
        .await?;
    Ok(transaction.query(&insert, &[&source, &entries, &at]).await?.iter().map(|row| row.get(0)).collect())
}

/// Hints at records. One that is hinted at again gets another number, so that whoever reads it
/// just now does not settle what was said meanwhile.
async fn give(
    transaction: &Transaction<'_>,
    source: &str,
    records: impl Iterator<Item = (&str, &str)>,
) -> Result<(), Failure> {
    let once: HashSet<(&str, &str)> = records.collect();
    if once.is_empty() {
        return Ok(());
    }
    let (streams, ids): (Vec<&str>, Vec<&str>) = once.into_iter().unzip();
    let insert = transaction
        .prepare_cached(
            "insert into ops.hint (source, stream, id) select $1, * from unnest($2::text[], $3::text[])
             on conflict (source, stream, id) do update set hint_id = default",
        )
        .await?;
    transaction.execute(&insert, &[&source, &streams, &ids]).await?;
    Ok(())
}

/// Hints at records that a complete list has left out.
pub async fn left_out(
    transaction: &Transaction<'_>,
    source: &str,
    stream: &str,
    ids: &[String],
) -> Result<(), Failure> {
    give(transaction, source, ids.iter().map(|id| (stream, id.as_str()))).await
}
