//! The right to write a source's records, which one process has at a time.
//!
//! It is a row of `ops.lease` with a token that only grows. A task with a connection of its own
//! renews it by the database's clock, so that neither a long batch nor an exhausted pool nor a
//! wrong clock loses it. Every transaction that writes checks the token under a lock of the row:
//! a process that was stopped, taken for dead and woken up again is refused by the database.
//!
//! Beside that each session of the holder shares an advisory lock on the token. When the process
//! dies its sessions end, so that the next one need not wait for the lease to run out; and when it
//! is frozen in the middle of a transaction, the lock tells which sessions stand in the way.

use std::ops::Deref;
use std::time::{Duration, Instant};

use deadpool_postgres::{ClientWrapper, Transaction};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, GenericClient};

use super::{Store, end};
use crate::failpoint;
use crate::failure::{Failure, Kind};

/// How long a holder that says nothing is taken for alive.
const TERM: Duration = Duration::from_secs(10);

/// How often it says something.
const RENEWAL: Duration = Duration::from_millis(2_500);

/// Whoever has said something within this is alive: longer than a renewal, so that a holder whose
/// sessions are only about to end is not taken for one.
const GRACE: Duration = Duration::from_secs(4);

/// A writer's session only reads, but in the transactions that begin with a look at the fence: so
/// none can be forgotten.
const READS: &str = "set default_transaction_read_only = on";

/// A lease that is held and renewed as long as this lives.
pub struct Lease {
    store: Store,
    source: String,
    token: i64,
    keeper: JoinHandle<()>,
}

/// A session of the holder.
pub struct Writer {
    client: ClientWrapper,
    /// The server's process.
    pid: i32,
    source: String,
    token: i64,
}

/// What one look at the lease came to.
enum Look {
    Taken(i64),
    /// Somebody has it: what they are called, and when they last said something.
    Held {
        holder: String,
        until: String,
    },
}

impl Lease {
    /// Takes the lease on `source`, or says who holds it.
    pub async fn take(store: &Store, source: &str) -> Result<Self, Failure> {
        let mut client = store.session().await?;
        let insert = "insert into ops.lease (source, token, holder, until) values ($1, 0, '', '-infinity') on conflict do nothing";
        client.execute(insert, &[&source]).await?;
        let asked = Instant::now();
        let mut first = None;
        loop {
            let (holder, until) = match look(&mut client, source).await? {
                Look::Taken(token) => {
                    let keeper = tokio::spawn(keep(store.clone(), client, source.to_owned(), token));
                    return Ok(Self { store: store.clone(), source: source.to_owned(), token, keeper });
                }
                Look::Held { holder, until } => (holder, until),
            };
            // Who says nothing may be dead or frozen, and is waited for until the lease runs out.
            let alive = *first.get_or_insert_with(|| until.clone()) != until;
            if (alive && asked.elapsed() > GRACE) || asked.elapsed() > TERM + GRACE {
                end(client).await;
                return Err(Failure::new(
                    Kind::Busy,
                    format!("source `{source}` is being synced by {holder}; wait for it, or end that process"),
                ));
            }
            tokio::time::sleep(GRACE / 20).await;
        }
    }

    /// The fence of all that is written under it.
    pub fn token(&self) -> i64 {
        self.token
    }

    /// Another session of the holder; refused when somebody else has taken over.
    pub async fn writer(&self) -> Result<Writer, Failure> {
        let client = self.store.session().await?;
        share(&*client, &self.source, self.token).await?;
        let known = "select token, pg_backend_pid() from ops.lease where source = $1";
        let known = client.query_opt(known, &[&self.source]).await?;
        let (token, pid) = known.map_or((0, 0), |row| (row.get::<_, i64>(0), row.get(1)));
        match token {
            token if token == self.token => {
                client.batch_execute(READS).await?;
                Ok(Writer { client, pid, source: self.source.clone(), token: self.token })
            }
            token if token > self.token => Err(superseded(&self.source)),
            // It no longer knows of us, nor of whatever else it had confirmed meanwhile.
            _ => Err(Failure::new(
                Kind::Rewound,
                format!("the database no longer knows of the lease on `{}`", self.source),
            )),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Writer {
    /// The server's process behind it.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// A transaction that may write. It holds the row of the lease as it is, so that nobody can take
    /// over before it ends; renewals don't wait for it.
    pub async fn transaction(&mut self) -> Result<Transaction<'_>, Failure> {
        let Self { client, source, token, .. } = self;
        let transaction = client.build_transaction().read_only(false).start().await?;
        let fence =
            transaction.prepare_cached("select from ops.lease where source = $1 and token = $2 for key share").await?;
        match transaction.query_opt(&fence, &[source, token]).await? {
            Some(_) => Ok(transaction),
            None => Err(superseded(source)),
        }
    }

    /// Gives the lease back and ends the session.
    pub async fn release(mut self) {
        // Else it runs out, or is taken over when our sessions are gone.
        let _ = tokio::time::timeout(GRACE, self.give_back()).await;
        end(self.client).await;
    }

    async fn give_back(&mut self) -> Result<(), Failure> {
        let release = "update ops.lease set until = '-infinity' where source = $1 and token = $2";
        let (source, token) = (self.source.clone(), self.token);
        let transaction = self.transaction().await?;
        transaction.execute(release, &[&source, &token]).await?;
        Ok(transaction.commit().await?)
    }
}

/// Reading needs no fence. What writes goes through [`Writer::transaction`]; elsewhere the database
/// refuses it.
impl Deref for Writer {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        &self.client
    }
}

/// Takes the lease if nobody holds it.
async fn look(client: &mut ClientWrapper, source: &str) -> Result<Look, Failure> {
    let known = "select token, holder, until::text, until <= clock_timestamp() from ops.lease where source = $1";
    let row = client.query_one(known, &[&source]).await?;
    let (token, holder, until, over): (i64, String, String, bool) = (row.get(0), row.get(1), row.get(2), row.get(3));
    let held = Look::Held { holder, until };
    if over {
        evict(client, source, token).await;
    }
    let transaction = client.transaction().await?;
    let lock = key(source, token);
    let gone: bool = transaction.query_one("select pg_try_advisory_xact_lock($1)", &[&lock]).await?.get(0);
    if !gone && !over {
        return Ok(held);
    }
    transaction.batch_execute("set local lock_timeout = '1s'").await?;
    let take = "update ops.lease
        set token = greatest(token + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint),
            until = clock_timestamp() + $3::text::interval, taken_at = clock_timestamp(),
            holder = (select 'process ' || $4 || ', the session with pid ' || pid || ' from '
                             || coalesce(host(client_addr), 'this machine') || ', connected since '
                             || to_char(backend_start, 'YYYY-MM-DD HH24:MI:SS') || ' UTC'
                      from pg_stat_activity where pid = pg_backend_pid())
        where source = $1 and token = (select token from ops.lease where source = $1 and token = $2 for update)
        returning token";
    let (term, process) = (format!("{} seconds", TERM.as_secs()), std::process::id().to_string());
    let taken = match transaction.query_opt(take, &[&source, &token, &term, &process]).await.map_err(Failure::from) {
        Ok(taken) => taken,
        // A transaction of the holder's has the row, or somebody else takes the lease just now.
        Err(failure) if failure.kind == Kind::Contention => return Ok(held),
        Err(failure) => return Err(failure),
    };
    let Some(row) = taken else { return Ok(held) };
    let token: i64 = row.get(0);
    // Before anybody can see the token, so that it never looks like a dead one's.
    share(&*transaction, source, token).await?;
    transaction.commit().await?;
    Ok(Look::Taken(token))
}

/// Ends the sessions of a holder whose time is over: one that was frozen inside of a transaction
/// holds its locks for ever.
async fn evict(client: &Client, source: &str, token: i64) {
    let evict = "select pg_terminate_backend(l.pid)
        from pg_locks l join pg_stat_activity a using (pid)
        where l.locktype = 'advisory' and l.granted and l.objsubid = 1 and l.pid <> pg_backend_pid()
          and l.database = (select oid from pg_database where datname = current_database())
          and (l.classid::bigint << 32 | l.objid::bigint) = $1";
    match client.query(evict, &[&key(source, token)]).await {
        Ok(ended) if !ended.is_empty() => {
            tracing::warn!(
                source,
                session_count = ended.len(),
                "the last holder of the lease says nothing; its sessions are ended"
            );
        }
        Ok(_) => {}
        // Another role's: its next write is refused all the same.
        Err(error) => {
            tracing::warn!(source, error = %Failure::from(error), "the last holder's sessions can't be ended")
        }
    }
}

/// Renews a lease until it is lost.
async fn keep(store: Store, client: ClientWrapper, source: String, token: i64) {
    let mut session = Some(client);
    loop {
        tokio::time::sleep(RENEWAL).await;
        failpoint::pass("lease_renews").await;
        let renewed = async {
            let client = match session.take() {
                Some(client) if !client.is_closed() => client,
                _ => {
                    let client = store.session().await?;
                    share(&*client, &source, token).await?;
                    client
                }
            };
            let renew =
                "update ops.lease set until = clock_timestamp() + $3::text::interval where source = $1 and token = $2";
            let renewed = client.execute(renew, &[&source, &token, &format!("{} seconds", TERM.as_secs())]).await?;
            Ok::<_, Failure>((client, renewed))
        };
        match tokio::time::timeout(TERM, renewed).await {
            Ok(Ok((client, 1))) => session = Some(client),
            Ok(Ok(_)) => {
                tracing::error!(
                    source,
                    token,
                    "lost lease: somebody else has taken over, and what this process still writes is refused"
                );
                return;
            }
            // The fence holds whether or not the renewal came through.
            Ok(Err(failure)) => tracing::debug!(source, error = %failure, "the lease could not be renewed"),
            Err(_) => tracing::debug!(source, "the lease could not be renewed in time"),
        }
    }
}

async fn share(client: &impl GenericClient, source: &str, token: i64) -> Result<(), Failure> {
    client.query_one("select pg_advisory_lock_shared($1)", &[&key(source, token)]).await?;
    Ok(())
}

/// The failure of a writer that is no longer the one.
pub fn superseded(source: &str) -> Failure {
    Failure::new(
        Kind::Busy,
        format!("lost lease: another sync of source `{source}` took over while this one was silent; this one stops"),
    )
}

/// The lock's key. Advisory locks are numbers that all programs in a database share.
fn key(source: &str, token: i64) -> i64 {
    let hash = blake3::hash(format!("mrrd source {source} token {token}").as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    i64::from_be_bytes(first)
}
