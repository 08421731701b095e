//! Deliveries on their way into the ledger. Those that wait at the same time are one transaction,
//! and each is answered when that has committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use deadpool_postgres::ClientWrapper;
use tokio::sync::{mpsc, oneshot};

use super::{CALLERS, SLOWEST};
use crate::failure::{Failure, Kind};
use crate::store::Store;

/// No statement waits longer: whoever is told to come again does.
const LIMITS: &str = "set lock_timeout = '5s'; set statement_timeout = '9s'";

/// How long nothing is tried once something could not be stored.
const PAUSE: Duration = Duration::from_millis(500);

/// A delivery as the ledger keeps it.
pub(super) struct Entry {
    pub(super) source: String,
    pub(super) id: String,
    pub(super) at: DateTime<Utc>,
    pub(super) body: String,
}

/// It is not stored, and whoever sent it is to come again.
pub(super) struct NotStored;

struct Waiting {
    entry: Entry,
    answer: oneshot::Sender<Result<(), NotStored>>,
}

/// Where deliveries are handed in.
pub(super) struct Intake {
    waiting: mpsc::Sender<Waiting>,
    away: Arc<AtomicBool>,
}

/// Who stores them, in a session of its own: a flood can't take the connections that the syncs need.
pub(super) struct Clerk {
    store: Store,
    waiting: mpsc::Receiver<Waiting>,
    away: Arc<AtomicBool>,
    session: Option<ClientWrapper>,
}

/// The two ends. Nothing is stored unless the clerk runs.
pub(super) fn open(store: &Store) -> (Intake, Clerk) {
    // Each connection brings one at a time, so that nobody who was let in finds no place.
    let (sender, waiting) = mpsc::channel(CALLERS);
    let away = Arc::new(AtomicBool::new(false));
    let clerk = Clerk { store: store.clone(), waiting, away: Arc::clone(&away), session: None };
    (Intake { waiting: sender, away }, clerk)
}

impl Intake {
    /// Returns when the entry is stored, or is known not to be. While the database is away that is
    /// at once: what a sender waits for is lost to those behind it.
    pub(super) async fn store(&self, entry: Entry) -> Result<(), NotStored> {
        if self.away.load(Ordering::Relaxed) {
            return Err(NotStored);
        }
        let (answer, answered) = oneshot::channel();
        self.waiting.try_send(Waiting { entry, answer }).map_err(|_| NotStored)?;
        answered.await.unwrap_or(Err(NotStored))
    }
}

impl Clerk {
    /// Stores what is handed in, for ever.
    pub(super) async fn run(mut self) {
        let mut batch = Vec::new();
        while self.waiting.recv_many(&mut batch, CALLERS).await > 0 {
            if let Err(failure) = self.keep(std::mem::take(&mut batch)).await {
                self.away.store(true, Ordering::Relaxed);
                tracing::warn!(error = %failure, "deliveries can't be stored; they will come again");
                self.wait().await;
                self.away.store(false, Ordering::Relaxed);
                tracing::info!("deliveries are stored again");
            }
        }
    }

    /// Stores a batch and answers each of it. What the server refuses is halved until it is alone.
    async fn keep(&mut self, batch: Vec<Waiting>) -> Result<(), Failure> {
        let mut pending = vec![batch];
        while let Some(mut part) = pending.pop() {
            match self.insert(&mut part).await {
                Ok(()) => part.into_iter().for_each(|waiting| waiting.answer(Ok(()))),
                Err(failure) if failure.kind == Kind::Refused && part.len() > 1 => {
                    let second = part.split_off(part.len() / 2);
                    pending.extend([second, part]);
                }
                Err(failure) if failure.kind == Kind::Refused => {
                    tracing::warn!(error = %failure, "a delivery could not be stored; it will come again");
                    part.into_iter().for_each(|waiting| waiting.answer(Err(NotStored)));
                }
                // Who is dropped unanswered is told so.
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    /// Sends everybody away until the ledger can be written again.
    async fn wait(&mut self) {
        loop {
            tokio::time::sleep(PAUSE).await;
            while self.waiting.try_recv().is_ok() {}
            // No entry, and yet all that an entry needs: the connection, the table, the right to write it.
            if self.insert(&mut []).await.is_ok() {
                return;
            }
        }
    }

    async fn insert(&mut self, part: &mut [Waiting]) -> Result<(), Failure> {
        // Whoever else enters several does so in the same order, so that nobody waits in a circle.
        part.sort_unstable_by(|a, b| (&a.entry.source, &a.entry.id).cmp(&(&b.entry.source, &b.entry.id)));
        let entered = tokio::time::timeout(SLOWEST, self.enter(part)).await;
        let entered = entered.unwrap_or_else(|_| Err(Failure::new(Kind::Connection, "PostgreSQL takes too long")));
        if entered.is_err() {
            // It may be in the middle of something.
            self.session = None;
        }
        entered
    }

    async fn enter(&mut self, part: &[Waiting]) -> Result<(), Failure> {
        self.session.take_if(|session| session.is_closed());
        let session = match &mut self.session {
            Some(session) => session,
            none => {
                let session = self.store.session().await?;
                session.batch_execute(LIMITS).await?;
                none.insert(session)
            }
        };
        let insert = session
            .prepare_cached(
                "insert into ops.event (source, id, happened_at, delivered, payload)
                 select source, id, at, true, body
                 from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[]) as new (source, id, at, body)
                 on conflict do nothing",
            )
            .await?;
        let column = |of: fn(&Entry) -> &str| part.iter().map(|waiting| of(&waiting.entry)).collect::<Vec<_>>();
        let at: Vec<DateTime<Utc>> = part.iter().map(|waiting| waiting.entry.at).collect();
        let (sources, ids, bodies) =
            (column(|entry| &entry.source), column(|entry| &entry.id), column(|entry| &entry.body));
        session.execute(&insert, &[&sources, &ids, &at, &bodies]).await?;
        Ok(())
    }
}

impl Waiting {
    fn answer(self, answer: Result<(), NotStored>) {
        // Whoever has hung up meanwhile comes again, and is then known.
        let _ = self.answer.send(answer);
    }
}
