//! One walk through one stream: a task fetches pages while this one lands them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use mrr_connector_sdk::{Cursor, Http, Page, SourceError, Stream};
use revenue::fact::Problem;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::batch::Batch;
use super::fetch::{AHEAD, End, Fetch, Fetched};
use super::meanwhile::Meanwhile;
use super::note::Note;
use super::progress::StreamProgress;
use super::session::Session;
use super::{land, problem};
use crate::config::Source;
use crate::failure::{Failure, Kind};
use crate::stop::Stop;

/// The progress is shown anew this often while nothing comes.
const TICK: Duration = Duration::from_millis(500);

/// What stands for the records of a stream of which none can be read.
const ALL: &str = "all";

/// So often a walk begins anew because its place can't be used, before that is a failure.
const MOST_RESTARTS: u32 = 3;

/// A stream to be walked through.
pub struct Walk<'a> {
    pub source: &'a Source,
    pub http: &'a Arc<Http>,
    pub stream: &'static Stream,
    pub stop: &'a Stop,
    pub meanwhile: &'a Meanwhile<'a>,
    pub progress: StreamProgress,
}

/// Why a walk did not come to its end.
#[derive(Debug)]
pub enum Stopped {
    /// This stream can't be read; others may be.
    Stream(Failure),
    /// No stream can be listed for now; what changed may be read.
    Walks(Failure),
    /// The whole sync can't go on.
    Sync(Failure),
}

/// Forgets where the walks through a source's streams stand, and what they were to go on behind. The
/// place in the log of changes stays: what it tells is read besides.
pub async fn begin_anew(session: &mut Session, source: &Source) -> Result<(), Failure> {
    let name = source.name.clone();
    let streams: Vec<&str> = source.connector.streams().iter().map(|stream| stream.name).collect();
    session
        .attempt(async |client| {
            let transaction = client.transaction().await?;
            let forget =
                "update ops.walk set cursors = '{}' where source = $1 and stream = any($2) and cursors <> '{}'";
            transaction.execute(forget, &[&name, &streams]).await?;
            Ok(transaction.commit().await?)
        })
        .await
}

impl Walk<'_> {
    /// Walks from where it was left to the stream's end. What arrived before a failure is landed.
    pub async fn run(&self, session: &mut Session) -> Result<Walked, Stopped> {
        let mut start = session.cursors(self.stream.name).await.map_err(Stopped::Sync)?;
        let mut restarts = 0;
        loop {
            match self.once(session, start).await? {
                (End::Source(SourceError::BadCursor { detail, .. }), _) if restarts < MOST_RESTARTS => {
                    // The vendor or a newer connector no longer understands where it stood, or what it was to go on
                    // behind is gone. Nothing is lost by walking again: what is known is compared, not written.
                    tracing::warn!(
                        source = self.source.name,
                        stream = self.stream.name,
                        reason = detail,
                        "the place in the stream can't be used any more, so it is walked from its beginning"
                    );
                    restarts += 1;
                    start = Vec::new();
                }
                (End::Source(error @ SourceError::Forbidden { .. }), _) => match self.lost_without() {
                    Some(lost) => return self.goes_without(session, &error, lost).await,
                    None => return Err(Stopped::Stream(error.into())),
                },
                (end, walked) => return self.ended(end).map(|()| walked),
            }
        }
    }

    fn lost_without(&self) -> Option<&'static str> {
        self.source.connector.lost_without(self.stream)
    }

    /// Notes that a stream can't be read, as the end of its walk: what hangs on streams that were listed goes on, and
    /// what is known of it stays.
    async fn goes_without(&self, session: &mut Session, error: &SourceError, lost: &str) -> Result<Walked, Stopped> {
        let (source, stream) = (&self.source.name, self.stream.name);
        tracing::warn!(source, stream, error = %error, lost, "the key may not read this stream; the sync goes on without");
        let mut batch = Batch::with(Note::Walked { open: Vec::new(), settled: None });
        batch.problems.push(Problem {
            stream: stream.to_owned(),
            record: ALL.to_owned(),
            field: String::new(),
            message: format!("{error}; until then {lost}"),
        });
        land::land(session, self.stream, &batch).await.map_err(Stopped::Sync)?;
        Ok(Walked { seen: None })
    }

    fn ended(&self, end: End) -> Result<(), Stopped> {
        match end {
            End::Done => Ok(()),
            End::Source(error @ SourceError::QuotaSpent { .. }) => Err(Stopped::Walks(error.into())),
            End::Source(error) if error.stops_source() => Err(Stopped::Sync(error.into())),
            End::Source(error) => Err(Stopped::Stream(error.into())),
            End::Law(failure) => Err(Stopped::Stream(failure)),
            End::Stopped => Err(Stopped::Sync(Failure::new(Kind::Stopped, "stopped on request"))),
        }
    }

    async fn once(&self, session: &mut Session, start: Vec<Cursor>) -> Result<(End, Walked), Stopped> {
        let settled = session.last_hint(self.stream.name).await.map_err(Stopped::Sync)?;
        let mut walked = Walked { seen: start.is_empty().then(Seen::default) };
        let mut open: BTreeMap<usize, Cursor> = start.iter().cloned().enumerate().collect();
        let (sender, mut pages) = mpsc::channel(AHEAD);
        let fetch = Fetch::of(self.source, self.http, self.stream, self.stop);
        // The set ends the task when this function is left early.
        let mut fetching = JoinSet::new();
        fetching.spawn(fetch.pages(start, sender));

        let mut unread = HashSet::new();
        // Read again while the walk went on: a page that was fetched before may have them as they were.
        let mut reread = HashSet::new();
        let mut batch = Batch::with(Note::Walked { open: Vec::new(), settled });
        let mut more = true;
        while more {
            reread.extend(self.meanwhile.heed(session, self.stream).await.map_err(Stopped::Sync)?);
            // Whoever looks at the terminal is told what is waited for.
            let Ok(received) = tokio::time::timeout(TICK, pages.recv()).await else {
                self.progress.waits(self.http.waits_for());
                continue;
            };
            match received {
                Some(Fetched { page, part, next }) => {
                    open.remove(&part);
                    open.extend(next);
                    walked.meet(&page);
                    self.progress.page(&page, open.len());
                    batch.add(page);
                }
                None => more = false,
            }
            if batch.is_full() || (!more && !batch.is_empty()) {
                let next = Batch::with(Note::Walked { open: Vec::new(), settled });
                let mut full = std::mem::replace(&mut batch, next);
                full.pass_over(&reread);
                full.note = Note::Walked { open: open.values().cloned().collect(), settled };
                let refused = land::land(session, self.stream, &full).await.map_err(Stopped::Sync)?;
                unread.extend(refused);
            }
        }
        let end = match fetching.join_next().await {
            Some(Ok(end)) => end,
            _ => End::Law(Failure::new(
                Kind::Law,
                format!("connector `{}` panicked; report this to its maintainers", self.source.vendor),
            )),
        };
        if let (End::Done, Some(seen)) = (&end, &mut walked.seen) {
            seen.kept_out = !unread.is_empty();
            problem::forget_others(session, self.stream.name, &unread).await.map_err(Stopped::Sync)?;
        }
        Ok((end, walked))
    }
}

/// What a walk came by.
pub struct Walked {
    /// The records that it met; `None` when an earlier process met a part of them.
    pub seen: Option<Seen>,
}

impl Walked {
    fn meet(&mut self, page: &Page) {
        if let Some(seen) = &mut self.seen {
            page.records.iter().for_each(|record| seen.add(&record.id));
        }
    }
}

/// Ids by hash: eight bytes each, so that a million fit where memory is to stay flat. Two ids with
/// one hash would hide one deletion, once in some ten thousand million million pairs.
#[derive(Default)]
pub struct Seen {
    ids: Vec<u64>,
    /// Whether some of them may have been kept out, so that they were met and are not known.
    pub kept_out: bool,
}

impl Seen {
    fn hash(id: &str) -> u64 {
        let mut first = [0; 8];
        first.copy_from_slice(&blake3::hash(id.as_bytes()).as_bytes()[..8]);
        u64::from_le_bytes(first)
    }

    /// Takes a record that was met.
    pub fn add(&mut self, id: &str) {
        self.ids.push(Self::hash(id));
    }

    /// Makes it ready to be asked; returns how many different records there were.
    pub fn close(&mut self) -> usize {
        self.ids.sort_unstable();
        self.ids.dedup();
        self.ids.len()
    }

    /// Whether a record was met.
    pub fn has(&self, id: &str) -> bool {
        self.ids.binary_search(&Self::hash(id)).is_ok()
    }
}
