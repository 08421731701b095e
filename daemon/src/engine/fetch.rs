//! Reading a stream's pages, and checking that the connector keeps its laws.

use std::collections::HashSet;
use std::sync::Arc;

use mrr_connector_sdk::{Connector, Cursor, Http, Page, SourceError, Stream};
use tokio::sync::mpsc;

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

/// What a fetch needs of its source.
pub struct Fetch {
    pub vendor: &'static str,
    pub connector: Arc<dyn Connector>,
    pub http: Arc<Http>,
    pub stream: Stream,
    pub stop: Stop,
}

impl Fetch {
    /// Sends the pages behind `cursor` until there are no more.
    pub async fn pages(self, mut cursor: Option<Cursor>, out: mpsc::Sender<Page>) -> End {
        let mut trail = Trail::from(cursor.as_ref());
        loop {
            let fetched = tokio::select! {
                fetched = self.connector.fetch(&self.http, &self.stream, cursor.as_ref()) => fetched,
                () = self.stop.wait() => return End::Stopped,
            };
            let page = match fetched {
                Ok(page) => page,
                Err(error) => return End::Source(error),
            };
            if let Some(next) = &page.next
                && !trail.visit(next)
            {
                return End::Law(Failure::new(
                    Kind::Law,
                    format!(
                        "connector `{}` gave a cursor twice, so the walk would never end; report this to its maintainers",
                        self.vendor
                    ),
                ));
            }
            cursor.clone_from(&page.next);
            // No receiver means that landing failed, and it says why itself.
            if out.send(page).await.is_err() || cursor.is_none() {
                return End::Done;
            }
        }
    }
}

/// The cursors of a walk so far, by hash: a walk may have a hundred thousand.
struct Trail(HashSet<[u8; 16]>);

impl Trail {
    fn from(start: Option<&Cursor>) -> Self {
        Self(start.map(Self::mark).into_iter().collect())
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
