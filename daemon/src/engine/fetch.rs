//! Reading a stream's pages, several parts at a time, and checking that the connector keeps its laws.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mrr_connector_sdk::{Connector, Cursor, Http, Page, SourceError, Stream};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use crate::config::Source;
use crate::failpoint;
use crate::failure::{Failure, Kind};
use crate::stop::Stop;

/// Pages under way between fetching and landing: enough that neither waits for the other's
/// round trip, few enough that memory stays flat.
pub const AHEAD: usize = 4;

/// Why no more pages came.
#[derive(Debug)]
pub enum End {
    /// The stream's natural end, or the receiver had enough.
    Done,
    /// The vendor or the connector failed.
    Source(SourceError),
    /// The connector broke a law.
    Law(Failure),
    /// We were asked to stop.
    Stopped,
}

/// A page, and what it means for the parts of the walk.
pub struct Fetched {
    pub page: Page,
    /// The part that it is of, which ends with it unless it is among the next ones.
    pub part: usize,
    /// The parts behind it, with where they go on.
    pub next: Vec<(usize, Cursor)>,
}

/// What a fetch needs of its source.
pub struct Fetch {
    vendor: &'static str,
    connector: Arc<dyn Connector>,
    http: Arc<Http>,
    stream: Stream,
    stop: Stop,
}

/// The parts that wait for a reader, and what is known of the walk.
struct Parts {
    waiting: VecDeque<(usize, Option<Cursor>)>,
    /// Parts that are being read, which may yet become several.
    reading: usize,
    /// Parts that there were so far.
    count: usize,
    trail: Trail,
    over: bool,
}

impl Fetch {
    /// Of one stream of a source.
    pub fn of(source: &Source, http: &Arc<Http>, stream: &Stream, stop: &Stop) -> Self {
        let (connector, http) = (Arc::clone(&source.connector), Arc::clone(http));
        Self { vendor: source.vendor, connector, http, stream: *stream, stop: stop.clone() }
    }

    /// Sends the pages behind `open`, or all of them, until there are no more.
    pub async fn pages(self, open: Vec<Cursor>, out: mpsc::Sender<Fetched>) -> End {
        let trail = Trail::from(&open);
        let waiting: VecDeque<(usize, Option<Cursor>)> = match open.is_empty() {
            true => VecDeque::from([(0, None)]),
            false => open.into_iter().map(Some).enumerate().collect(),
        };
        let count = waiting.len();
        let parts = Arc::new((Mutex::new(Parts { waiting, reading: 0, count, trail, over: false }), Notify::new()));
        let fetch = Arc::new(self);
        let mut readers = JoinSet::new();
        for _ in 0..fetch.connector.api().budget.concurrency.max(1) {
            readers.spawn(read(Arc::clone(&fetch), Arc::clone(&parts), out.clone()));
        }
        drop(out);
        let mut end = End::Done;
        while let Some(reader) = readers.join_next().await {
            match reader {
                Ok(End::Done) => {}
                // The first to fail says why; the others then stop after their page.
                Ok(other) if matches!(end, End::Done) => end = other,
                Ok(_) => {}
                Err(_) => {
                    end = End::Law(Failure::new(
                        Kind::Law,
                        format!("connector `{}` panicked; report this to its maintainers", fetch.vendor),
                    ));
                }
            }
            if !matches!(end, End::Done) {
                finish(&parts);
            }
        }
        end
    }
}

type Shared = Arc<(Mutex<Parts>, Notify)>;

/// Reads part after part until none is left.
async fn read(fetch: Arc<Fetch>, parts: Shared, out: mpsc::Sender<Fetched>) -> End {
    loop {
        // Made before the look, so that no part that is added after it goes unheard.
        let added = parts.1.notified();
        let Some((part, cursor)) = lock(&parts.0).take() else {
            if lock(&parts.0).is_over() {
                return End::Done;
            }
            added.await;
            continue;
        };
        let end = one(&fetch, &parts, &out, part, cursor).await;
        lock(&parts.0).reading -= 1;
        parts.1.notify_waiters();
        if let Some(end) = end {
            finish(&parts);
            return end;
        }
    }
}

/// Reads one part to its end; returns why the whole walk is to end, if it is.
async fn one(
    fetch: &Fetch,
    parts: &Shared,
    out: &mpsc::Sender<Fetched>,
    part: usize,
    mut cursor: Option<Cursor>,
) -> Option<End> {
    loop {
        let fetched = tokio::select! {
            fetched = fetch.connector.fetch(&fetch.http, &fetch.stream, cursor.as_ref()) => fetched,
            () = fetch.stop.wait() => return Some(End::Stopped),
        };
        let page = match fetched {
            Ok(page) => page,
            Err(error) => return Some(End::Source(error)),
        };
        failpoint::pass("page_fetched").await;
        let next = match lock(&parts.0).divide(part, &page.next) {
            Some(next) => next,
            None => {
                let message = format!(
                    "connector `{}` gave a cursor twice, so the walk would never end: the vendor's list repeats itself, or the connector errs; report this to its maintainers",
                    fetch.vendor
                );
                return Some(End::Law(Failure::new(Kind::Law, message)));
            }
        };
        cursor = next.first().map(|(_, cursor)| cursor.clone());
        let others: Vec<(usize, Cursor)> = next.iter().skip(1).cloned().collect();
        // No receiver means that landing failed, and it says why itself.
        if out.send(Fetched { page, part, next }).await.is_err() {
            return Some(End::Done);
        }
        if !others.is_empty() {
            // Only behind the page that made them, so that they are landed after it.
            lock(&parts.0).waiting.extend(others.into_iter().map(|(part, cursor)| (part, Some(cursor))));
            parts.1.notify_waiters();
        }
        cursor.as_ref()?;
        if lock(&parts.0).over {
            return Some(End::Done);
        }
    }
}

impl Parts {
    fn take(&mut self) -> Option<(usize, Option<Cursor>)> {
        let taken = if self.over { None } else { self.waiting.pop_front() };
        self.reading += usize::from(taken.is_some());
        taken
    }

    /// Whether there is nothing to read and nobody who could add something.
    fn is_over(&self) -> bool {
        self.over || (self.reading == 0 && self.waiting.is_empty())
    }

    /// Numbers the parts behind a page; `None` when one of its cursors came before.
    fn divide(&mut self, part: usize, cursors: &[Cursor]) -> Option<Vec<(usize, Cursor)>> {
        let mut next = Vec::with_capacity(cursors.len());
        for (index, cursor) in cursors.iter().enumerate() {
            if !self.trail.visit(cursor) {
                return None;
            }
            let number = if index == 0 { part } else { self.count };
            self.count += usize::from(index > 0);
            next.push((number, cursor.clone()));
        }
        Some(next)
    }
}

fn lock(parts: &Mutex<Parts>) -> MutexGuard<'_, Parts> {
    // Nothing in it is ever half written.
    parts.lock().unwrap_or_else(PoisonError::into_inner)
}

fn finish(parts: &Shared) {
    lock(&parts.0).over = true;
    parts.1.notify_waiters();
}

/// The cursors of a walk so far, by hash: a walk may have a hundred thousand.
struct Trail(HashSet<[u8; 16]>);

impl Trail {
    fn from(start: &[Cursor]) -> Self {
        Self(start.iter().map(Self::mark).collect())
    }

    /// Whether the walk comes here for the first time.
    fn visit(&mut self, cursor: &Cursor) -> bool {
        self.0.insert(Self::mark(cursor))
    }

    fn mark(cursor: &Cursor) -> [u8; 16] {
        let mut mark = [0; 16];
        mark.copy_from_slice(&blake3::hash(cursor.0.as_bytes()).as_bytes()[..16]);
        mark
    }
}
