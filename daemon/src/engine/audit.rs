//! What the source has, compared with what is stored of it: nothing is written.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use deadpool_postgres::{ClientWrapper, Transaction};
use mrr_connector_sdk::{Http, Record, Stream, StreamKind};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::fetch::{AHEAD, End, Fetch};
use super::land::forgotten;
use super::reconcile;
use super::run::Purpose;
use super::session::Session;
use super::walk::Seen;
use crate::config::Source;
use crate::failpoint;
use crate::failure::{Failure, Kind};
use crate::stop::Stop;
use crate::store::{Store, end};

/// What an audit found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// How many records the source has.
    pub compared: usize,
    /// Where the two disagree.
    pub findings: Vec<Finding>,
}

/// A record of which source and database don't say the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub stream: &'static str,
    pub id: String,
    pub difference: Difference,
}

/// How they disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// The source has it, the database does not.
    NotStored,
    /// The database has it as it never was, or as it no longer is.
    Differs,
    /// The database has it, and it can't be found at the source.
    Gone,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NotStored => "is not in the database",
            Self::Differs => "is another one in the database",
            Self::Gone => "is not at the source any more",
        })
    }
}

/// Lists every record of a source and compares it with the newest version that is stored. What
/// changed since the last run differs too, so follow or sync first.
pub async fn audit(store: &Store, source: &Source, stop: &Stop) -> Result<Audit, Failure> {
    let http = Arc::new(Http::new(source.connector.api(), failpoint::limits())?);
    let mut client = store.session().await?;
    let mut audit = Audit::default();
    // An entry of a log never changes and is not listed again.
    for stream in source.connector.streams().iter().filter(|stream| stream.kind != StreamKind::Log) {
        let of_stream = Comparison { source, http: &http, stream, stop };
        of_stream
            .run(&mut client, &mut audit)
            .await
            .map_err(|failure| failure.at(format_args!("stream `{}`", stream.name)))?;
    }
    end(client).await;
    audit.findings.sort();
    Ok(audit)
}

/// Marks what differs, so that it is read again and its true state becomes a version of its own.
pub async fn repair(store: &Store, source: &Source, findings: &[Finding]) -> Result<(), Failure> {
    let mut session = Session::begin(store, &source.name, Purpose::Follow).await?;
    let name = source.name.clone();
    let (streams, ids): (Vec<&str>, Vec<&str>) =
        findings.iter().map(|finding| (finding.stream, finding.id.as_str())).unzip();
    let marked = session
        .attempt(async |client| {
            let transaction = client.transaction().await?;
            // No record has this hash, so whatever the source says is another state.
            transaction
                .execute(
                    "update raw.record r set hash = decode(repeat('00', 16), 'hex')
                     from unnest($2::text[], $3::text[]) as found (stream, id)
                     where r.source = $1 and r.stream = found.stream and r.id = found.id and not r.deleted
                       and r.version = (select max(n.version) from raw.record n
                                        where n.source = r.source and n.stream = r.stream and n.id = r.id)",
                    &[&name, &streams, &ids],
                )
                .await?;
            transaction
                .execute(
                    "insert into ops.hint (source, stream, id) select $1, stream, id from unnest($2::text[], $3::text[]) as found (stream, id)
                     on conflict do nothing",
                    &[&name, &streams, &ids],
                )
                .await?;
            Ok(transaction.commit().await?)
        })
        .await;
    let outcome = session.finish(marked.err().into_iter().collect(), 0).await;
    outcome.errors.into_iter().next().map_or(Ok(()), Err)
}

struct Comparison<'a> {
    source: &'a Source,
    http: &'a Arc<Http>,
    stream: &'static Stream,
    stop: &'a Stop,
}

impl Comparison<'_> {
    async fn run(&self, client: &mut ClientWrapper, audit: &mut Audit) -> Result<(), Failure> {
        let (sender, mut pages) = mpsc::channel(AHEAD);
        let fetch = Fetch::of(self.source, self.http, self.stream, self.stop);
        let mut fetching = JoinSet::new();
        fetching.spawn(fetch.pages(Vec::new(), sender));
        let mut seen = Seen::default();
        while let Some(fetched) = pages.recv().await {
            fetched.page.records.iter().for_each(|record| seen.add(&record.id));
            self.compare(client, &fetched.page.records, audit).await?;
        }
        match fetching.join_next().await {
            Some(Ok(End::Done)) => {}
            Some(Ok(End::Source(error))) => return Err(error.into()),
            Some(Ok(End::Law(failure))) => return Err(failure),
            Some(Ok(End::Stopped)) => return Err(Failure::new(Kind::Stopped, "stopped on request")),
            _ => return Err(Failure::new(Kind::Law, format!("connector `{}` panicked", self.source.vendor))),
        }
        audit.compared += seen.close();
        let (left_out, _) = reconcile::missing(client, &self.source.name, self.stream.name, usize::MAX, &seen).await?;
        for id in left_out {
            self.look_up(client, id, audit).await?;
        }
        Ok(())
    }

    async fn compare(&self, client: &mut ClientWrapper, records: &[Record], audit: &mut Audit) -> Result<(), Failure> {
        let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
        let transaction = client.transaction().await?;
        let stored = self.stored(&transaction, &ids).await?;
        let dropped =
            forgotten(&transaction, &self.source.name, records.iter().filter_map(|record| record.account.as_deref()))
                .await?;
        transaction.commit().await?;
        // A record that was listed twice was changed meanwhile; its later state counts.
        let last: HashMap<&str, &Record> = records.iter().map(|record| (record.id.as_str(), record)).collect();
        for (id, record) in last {
            let difference = match stored.get(id) {
                _ if record.account.as_ref().is_some_and(|account| dropped.contains(account)) => None,
                None => Some(Difference::NotStored),
                Some(stored) => (*stored != record.payload).then_some(Difference::Differs),
            };
            let finding = |difference| Finding { stream: self.stream.name, id: id.to_owned(), difference };
            audit.findings.extend(difference.map(finding));
        }
        Ok(())
    }

    /// The newest versions as they were received, of those that are not gone. The text and not its
    /// hash: somebody may have changed the one without the other.
    async fn stored(&self, transaction: &Transaction<'_>, ids: &[&str]) -> Result<HashMap<String, String>, Failure> {
        let select = transaction
            .prepare_cached(
                "select newest.id, newest.payload::text
                 from unnest($3::text[]) as wanted (id)
                 cross join lateral (
                     select r.id, r.payload, r.deleted from raw.record r
                     where r.source = $1 and r.stream = $2 and r.id = wanted.id
                     order by r.version desc limit 1
                 ) as newest
                 where not newest.deleted",
            )
            .await?;
        let rows = transaction.query(&select, &[&self.source.name, &self.stream.name, &ids]).await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    /// A list may leave a record out that is there all the same.
    async fn look_up(&self, client: &mut ClientWrapper, id: String, audit: &mut Audit) -> Result<(), Failure> {
        match self.source.connector.retrieve(self.http, self.stream, &id).await {
            Ok(retrieved) => match retrieved.record {
                Some(record) => {
                    audit.compared += 1;
                    self.compare(client, &[record], audit).await
                }
                None => {
                    audit.findings.push(Finding { stream: self.stream.name, id, difference: Difference::Gone });
                    Ok(())
                }
            },
            Err(error) => Err(error.into()),
        }
    }
}
