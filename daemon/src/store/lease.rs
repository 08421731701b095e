//! The right to sync a source, held by one session at a time.

use std::time::{Duration, Instant};

use deadpool_postgres::ClientWrapper;

use super::{Store, end};
use crate::failure::{Failure, Kind};

/// How long a lock is waited for: the session of a process that was killed lives on until the
/// server looks for it.
const GRACE: Duration = Duration::from_secs(4);

/// An advisory lock on one source, and the session that holds it.
///
/// The same session writes everything of the source's sync: when it ends, the lock and the
/// transaction under way end together, so two syncs can't interleave, whoever dies.
pub struct Lease {
    /// The session.
    pub client: ClientWrapper,
}

impl Lease {
    /// Takes the lock on `source`, or says who holds it.
    pub async fn take(store: &Store, source: &str) -> Result<Self, Failure> {
        let client = store.session().await?;
        let key = key(source);
        let asked = Instant::now();
        while asked.elapsed() < GRACE {
            if client.query_one("select pg_try_advisory_lock($1)", &[&key]).await?.get(0) {
                return Ok(Self { client });
            }
            tokio::time::sleep(GRACE / 20).await;
        }
        // The two halves of the key are how pg_locks shows it.
        let holder = client
            .query_opt(
                "select a.pid, coalesce(host(a.client_addr), 'this machine'), to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS')
                 from pg_locks l join pg_stat_activity a using (pid)
                 where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                   and l.database = (select oid from pg_database where datname = current_database())
                   and (l.classid::bigint << 32 | l.objid::bigint) = $1",
                &[&key],
            )
            .await?;
        end(client).await;
        let holder = holder.map_or_else(
            || "a session that has just ended".to_owned(),
            |row| {
                let (pid, from, since): (i32, String, String) = (row.get(0), row.get(1), row.get(2));
                format!("the session with pid {pid} from {from}, connected since {since} UTC")
            },
        );
        Err(Failure::new(
            Kind::Busy,
            format!("source `{source}` is being synced by {holder}; wait for it, or end it with pg_terminate_backend"),
        ))
    }
}

/// The lock's key. Advisory locks are numbers that all programs in a database share.
fn key(source: &str) -> i64 {
    let hash = blake3::hash(format!("mrrd source {source}").as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    i64::from_be_bytes(first)
}
