//! Whether PostgreSQL still works on what it was asked, seen over another connection.
//!
//! A statement may take long, and one that waits for somebody's lock is bounded by `lock_timeout`.
//! What no setting of the server bounds is an answer that never arrives, as behind a pooler or a
//! proxy that hangs and keeps the connection: the server then waits for us, and we for it.

use std::future::Future;
use std::time::Duration;

use super::Store;
use crate::failpoint;
use crate::failure::{Failure, Kind};

/// How often is looked, and how long one look may take.
const EVERY: Duration = Duration::from_secs(10);

/// After so many looks in a row at which nothing had moved, nothing will.
const LOOKS: u32 = 3;

/// A long answer may be read slowly, so that the server waits for us at many looks: then it takes so
/// many times as long.
const PATIENCE: u32 = 6;

/// A short errand is given up after this: none of them takes seconds.
const ERRAND: Duration = Duration::from_secs(120);

/// What one look showed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Look {
    /// The server works, or waits for locks of these sessions.
    Works { blockers: Vec<i32> },
    /// The server waits for us. The mark changes with every statement, and with what a COPY takes in.
    Waits { mark: String },
    /// The server waits for us to take more of its answer.
    Writes { mark: String },
    /// The server knows nothing of the session.
    Gone,
    /// It can't be asked.
    Unanswered,
}

/// Does a step in the session with this process id; gives it up when the server is not at work on
/// it and nothing comes.
pub async fn watched<T>(store: &Store, pid: i32, step: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::select! {
        done = step => done,
        () = hangs(store, pid) => {
            end(store, pid).await;
            Err(unanswered(failpoint::hasty(EVERY) * LOOKS))
        }
    }
}

/// Does a short errand; gives it up when nothing comes for long.
pub async fn answered<T>(errand: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let limit = failpoint::hasty(ERRAND);
    tokio::time::timeout(limit, errand).await.unwrap_or_else(|_| Err(unanswered(limit)))
}

fn unanswered(waited: Duration) -> Failure {
    let seconds = waited.as_secs().max(1);
    Failure::new(
        Kind::Connection,
        format!(
            "PostgreSQL took a statement and no answer came for {seconds} s, though the connection stands; look at what is between it and mrrd, such as a pooler or a proxy"
        ),
    )
}

/// Ends when it is clear that no answer will come.
async fn hangs(store: &Store, pid: i32) {
    let every = failpoint::hasty(EVERY);
    let mut last = None;
    let mut still = 0;
    loop {
        tokio::time::sleep(every).await;
        let look = tokio::time::timeout(every, look(store, pid)).await;
        let look = look.unwrap_or(Ok(Look::Unanswered)).unwrap_or(Look::Unanswered);
        if let Look::Works { blockers } = &look
            && !blockers.is_empty()
            && last.as_ref() != Some(&look)
        {
            tracing::warn!(pid, ?blockers, "a statement waits for the locks of other sessions");
        }
        still = moved(last.as_ref(), &look, still);
        if still >= LOOKS * PATIENCE {
            return;
        }
        last = Some(look);
    }
}

/// For how long nothing has moved, this look included, in parts of one look.
fn moved(before: Option<&Look>, look: &Look, still: u32) -> u32 {
    let same = before == Some(look) || matches!(before, None | Some(Look::Unanswered));
    match look {
        Look::Works { .. } => 0,
        // Its end is on its way, or was lost with the connection.
        Look::Gone | Look::Unanswered => still + PATIENCE,
        Look::Waits { .. } if same => still + PATIENCE,
        Look::Writes { .. } if same => still + 1,
        // Between two statements of a step the server waits for a moment.
        Look::Waits { .. } => PATIENCE,
        Look::Writes { .. } => 1,
    }
}

async fn look(store: &Store, pid: i32) -> Result<Look, Failure> {
    let client = store.client().await?;
    let row = client
        .query_opt(
            "select case when a.state like 'idle%' or a.wait_event = 'ClientRead' then 'waits'
                         when a.wait_event = 'ClientWrite' then 'writes' else 'works' end,
                    concat_ws(' ', a.state, a.state_change, a.query_start, c.bytes_processed),
                    pg_blocking_pids(a.pid)
             from pg_stat_activity a left join pg_stat_progress_copy c using (pid)
             where a.pid = $1",
            &[&pid],
        )
        .await?;
    Ok(match row {
        None => Look::Gone,
        Some(row) => match row.get(0) {
            "waits" => Look::Waits { mark: row.get(1) },
            "writes" => Look::Writes { mark: row.get(1) },
            _ => Look::Works { blockers: row.get(2) },
        },
    })
}

/// Ends the session, so that nothing of what it was asked happens later.
async fn end(store: &Store, pid: i32) {
    let ended = async {
        let client = store.client().await?;
        client.query_one("select pg_terminate_backend($1)", &[&pid]).await?;
        Ok::<_, Failure>(())
    };
    // Where it can't be asked, the end of our connection ends it.
    let _ = tokio::time::timeout(failpoint::hasty(EVERY), ended).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(looks: &[Look], expect: u32) {
        let mut still = 0;
        let mut last = None;
        for look in looks {
            still = moved(last.as_ref(), look, still);
            last = Some(look.clone());
        }
        assert_eq!(still, expect, "{looks:?}");
    }

    #[test]
    fn only_what_stands_still_is_given_up() {
        let works = || Look::Works { blockers: Vec::new() };
        let blocked = || Look::Works { blockers: vec![7] };
        let waits = |mark: &str| Look::Waits { mark: mark.into() };
        let writes = |mark: &str| Look::Writes { mark: mark.into() };
        check(&[works(), works(), works(), works()], 0);
        check(&[blocked(), blocked(), blocked(), blocked()], 0);
        check(&[waits("a"), waits("b"), waits("c"), waits("d")], PATIENCE);
        check(&[waits("a"), waits("a"), waits("a")], LOOKS * PATIENCE);
        check(&[waits("a"), waits("a"), works(), waits("a")], PATIENCE);
        check(&[Look::Unanswered, Look::Unanswered, Look::Unanswered], LOOKS * PATIENCE);
        check(&[Look::Unanswered, Look::Unanswered, works()], 0);
        check(&[works(), Look::Gone, Look::Gone, Look::Gone], LOOKS * PATIENCE);
        check(&[writes("a"), writes("a"), writes("a")], LOOKS);
        check(&[writes("a"), writes("a"), writes("b")], 1);
    }
}
