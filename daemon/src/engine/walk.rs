//! One walk through one stream: a task fetches pages while this one lands them.

use std::collections::HashSet;
use std::sync::Arc;

use mrr_connector_sdk::{Cursor, Http, SourceError, Stream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::batch::Batch;
use super::fetch::{AHEAD, End, Fetch};
use super::session::Session;
use super::{land, problem};
use crate::config::Source;
use crate::failure::{Failure, Kind};
use crate::stop::Stop;

/// A stream to be walked through.
pub struct Walk<'a> {
    pub source: &'a Source,
    pub http: &'a Arc<Http>,
    pub stream: &'static Stream,
    pub stop: &'a Stop,
}

/// Why a walk did not come to its end.
#[derive(Debug)]
pub enum Stopped {
    /// This stream can't be read; others may be.
    Stream(Failure),
    /// The whole sync can't go on.
    Sync(Failure),
}

impl Stopped {
    pub fn into_failure(self) -> Failure {
        match self {
            Self::Stream(failure) | Self::Sync(failure) => failure,
        }
    }
}

impl Walk<'_> {
    /// Walks from the saved cursor to the stream's end. What arrived before a failure is landed.
    pub async fn run(&self, session: &mut Session) -> Result<(), Stopped> {
        let saved = session.cursor(self.stream.name).await.map_err(Stopped::Sync)?;
        let resumed = saved.is_some();
        match self.once(session, saved).await? {
            End::Source(SourceError::BadCursor { detail, .. }) if resumed => {
                // The vendor or a newer connector no longer understands it. Nothing is lost by
                // walking again: what is known is compared, not written.
                tracing::warn!(
                    source = self.source.name,
                    stream = self.stream.name,
                    reason = detail,
                    "the saved cursor can't be used, so the stream is walked from its beginning"
                );
                self.ended(self.once(session, None).await?)
            }
            end => self.ended(end),
        }
    }

    fn ended(&self, end: End) -> Result<(), Stopped> {
        match end {
            End::Done => Ok(()),
            End::Source(error) if error.stops_source() => Err(Stopped::Sync(error.into())),
            End::Source(error) => Err(Stopped::Stream(error.into())),
            End::Law(failure) => Err(Stopped::Stream(failure)),
            End::Stopped => Err(Stopped::Sync(Failure::new(Kind::Stopped, "stopped on request"))),
        }
    }

    async fn once(&self, session: &mut Session, start: Option<Cursor>) -> Result<End, Stopped> {
        let from_beginning = start.is_none();
        let (sender, mut pages) = mpsc::channel(AHEAD);
        let fetch = Fetch {
            vendor: self.source.vendor,
            connector: self.source.connector.clone(),
            http: self.http.clone(),
            stream: *self.stream,
            stop: self.stop.clone(),
        };
        // The set ends the task when this function is left early.
        let mut fetching = JoinSet::new();
        fetching.spawn(fetch.pages(start, sender));

        let mut batch = Batch::default();
        let mut unread = HashSet::new();
        while let Some(page) = pages.recv().await {
            batch.add(page);
            if batch.is_full() {
                self.land(session, std::mem::take(&mut batch), &mut unread).await?;
            }
        }
        if !batch.is_empty() {
            self.land(session, batch, &mut unread).await?;
        }
        let end = match fetching.join_next().await {
            Some(Ok(end)) => end,
            _ => End::Law(Failure::new(
                Kind::Law,
                format!("connector `{}` panicked; report this to its maintainers", self.source.vendor),
            )),
        };
        if matches!(end, End::Done) && from_beginning {
            problem::forget_others(session, self.stream.name, &unread).await.map_err(Stopped::Sync)?;
        }
        Ok(end)
    }

    async fn land(&self, session: &mut Session, batch: Batch, unread: &mut HashSet<String>) -> Result<(), Stopped> {
        let refused = land::land(session, self.stream, &batch).await.map_err(Stopped::Sync)?;
        unread.extend(refused);
        Ok(())
    }
}
