//! Doing again what was done: deriving everything anew, and reading again what could not be read.

use std::sync::Arc;

use mrr_connector_sdk::Http;

use super::derive::Total;
use super::land::{touch_all, touch_problems};
use super::run::{Outcome, Purpose};
use super::session::Session;
use super::{Manner, Sync, derive};
use crate::config::{Book, Source};
use crate::failpoint;
use crate::failure::Failure;
use crate::stop::Stop;
use crate::store::Store;

/// Derives every account of a source anew from its records. What comes out otherwise than it is
/// stored is written, like after a sync, and counted.
pub async fn rebuild(store: &Store, source: &Source, book: Book, stop: &Stop) -> Result<(Outcome, Total), Failure> {
    let mut session = Session::begin(store, &source.name, Purpose::Rebuild).await?;
    let name = source.name.clone();
    let touched = session
        .attempt(async |client| {
            let transaction = client.transaction().await?;
            touch_all(&transaction, &name).await?;
            Ok(transaction.commit().await?)
        })
        .await;
    let derived = match touched {
        Ok(()) => derive::derive(&mut session, source, book.zone, stop).await,
        Err(failure) => Err(failure),
    };
    let (total, errors) = match derived {
        Ok(total) => (total, Vec::new()),
        Err(failure) => (Total::default(), vec![failure]),
    };
    Ok((session.finish(errors, 0).await, total))
}

/// Reads again every record that could not be stored, and derives every account that has a
/// problem: after a fix, be it at the source, in the configuration or of mrrd.
pub async fn replay(store: &Store, source: &Source, book: Book, stop: &Stop) -> Result<Outcome, Failure> {
    let http = Arc::new(Http::new(source.connector.api(), failpoint::limits())?);
    let mut session = Session::begin(store, &source.name, Purpose::Follow).await?;
    let (name, streams) = (source.name.clone(), source.connector.streams());
    let streams: Vec<&str> = streams.iter().map(|stream| stream.name).collect();
    session
        .attempt(async |client| {
            let transaction = client.transaction().await?;
            transaction
                .execute(
                    "insert into ops.hint (source, stream, id)
                     select distinct source, stream, record from ops.problem
                     where source = $1 and account is null and stream = any($2) on conflict do nothing",
                    &[&name, &streams],
                )
                .await?;
            touch_problems(&transaction, &name).await?;
            Ok(transaction.commit().await?)
        })
        .await?;
    let sync = Sync { source, http, book, stop, manner: Manner::default(), listed: false };
    Ok(sync.run(session, None).await)
}
