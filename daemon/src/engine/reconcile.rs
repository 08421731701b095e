//! A complete list against what is known: records that it leaves out.

use std::pin::pin;

use futures_util::TryStreamExt;
use mrr_connector_sdk::Stream;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

use super::note;
use super::session::Session;
use super::walk::Seen;
use crate::failpoint;
use crate::failure::{Failure, Kind};

/// Fewer missing records than this are believed whatever their share.
const FEW: usize = 20;

/// More than a fifth of the records missing is taken for the wrong account or key, until somebody
/// says otherwise: then what is looked up by its id is not found either.
const SHARE: usize = 5;

/// Compares the records that a complete walk met with those that are known and not gone. What was
/// left out is read by its id before anything is concluded: it is hinted at like by an event.
pub async fn reconcile(
    session: &mut Session,
    stream: &Stream,
    mut seen: Seen,
    accept_deletions: bool,
) -> Result<(), Failure> {
    let met = seen.close();
    let source = session.source().to_owned();
    let (missing, known) =
        session.attempt(async |client| missing(client, &source, stream.name, met, &seen).await).await?;
    if missing.is_empty() {
        return Ok(());
    }
    if missing.len() > FEW && missing.len() * SHARE > known && !accept_deletions {
        return Err(Failure::new(
            Kind::Source,
            format!(
                "the list leaves out {} of {known} known records, which looks like another account's key; nothing was marked as gone. If they were deleted, run `mrrd sync --accept-deletions`",
                missing.len()
            ),
        )
        .at(format_args!("stream `{}`", stream.name)));
    }
    tracing::info!(
        source,
        stream = stream.name,
        record_count = missing.len(),
        "known records are not in the list; each is looked up"
    );
    session
        .attempt(async |client| {
            let transaction = client.transaction().await?;
            note::left_out(&transaction, &source, stream.name, &missing).await?;
            failpoint::pass("left_out_commits").await;
            transaction.commit().await?;
            failpoint::pass("left_out_committed").await;
            Ok(())
        })
        .await
}

/// The known records that were not met, and how many are known. `met` is how many different ones were.
pub(super) async fn missing(
    client: &Client,
    source: &str,
    stream: &str,
    met: usize,
    seen: &Seen,
) -> Result<(Vec<String>, usize), Failure> {
    // What was met is known, but for what was kept out. So equal numbers are equal sets where
    // nothing was.
    let live: i64 = client
        .query_one(
            "select (select count(*) from raw.record where source = $1 and stream = $2 and version = 1)
                  - (select count(*) from raw.record as gone where source = $1 and stream = $2 and deleted
                     and not exists (select from raw.record as later
                                     where later.source = gone.source and later.stream = gone.stream
                                       and later.id = gone.id and later.version > gone.version))",
            &[&source, &stream],
        )
        .await?
        .get(0);
    let live = usize::try_from(live).unwrap_or_default();
    if live == met && !seen.kept_out {
        return Ok((Vec::new(), live));
    }
    let parameters: [&(dyn ToSql + Sync); 2] = [&source, &stream];
    let rows = client
        .query_raw(
            "select id from (select distinct on (id) id, deleted from raw.record where source = $1 and stream = $2
                             order by id, version desc) as newest
             where not deleted",
            parameters,
        )
        .await?;
    let mut rows = pin!(rows);
    let mut missing = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let id: &str = row.get(0);
        if !seen.has(id) {
            missing.push(id.to_owned());
        }
    }
    Ok((missing, live))
}
