//! What is delivered while a walk goes on. A walk may take hours, and what changed is not to wait for
//! its end: now and then it is read in between, and derived where that is no half of an account.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mrr_connector_sdk::{Http, Stream};
use revenue::calendar::Zone;

use super::session::Session;
use super::{derive, log, reread};
use crate::config::Source;
use crate::failpoint;
use crate::failure::Failure;
use crate::stop::Stop;

/// How often is looked.
const EVERY: Duration = Duration::from_secs(5);

/// What a run needs to heed deliveries in between.
pub struct Meanwhile<'a> {
    source: &'a Source,
    http: &'a Arc<Http>,
    zone: Zone,
    stop: &'a Stop,
    every: Duration,
    looked: Cell<Instant>,
    /// Hints up to this one are left to the walks, or failed already.
    last: Cell<i64>,
}

impl<'a> Meanwhile<'a> {
    /// From now on: what was hinted at before is read by the walks themselves, or after them.
    pub async fn begin(
        session: &mut Session,
        source: &'a Source,
        http: &'a Arc<Http>,
        zone: Zone,
        stop: &'a Stop,
    ) -> Result<Self, Failure> {
        let name = source.name.clone();
        let last: i64 = session
            .attempt(async |client| {
                let last = "select coalesce(max(hint_id), 0) from ops.hint where source = $1";
                Ok(client.query_one(last, &[&name]).await?.get(0))
            })
            .await?;
        let every = if cfg!(test) { Duration::ZERO } else { failpoint::hasty(EVERY) };
        Ok(Self { source, http, zone, stop, every, looked: Instant::now().into(), last: last.into() })
    }

    /// Reads what was delivered since, if it is time to look; returns the records of a stream that
    /// were read. What fails keeps its hint, and is tried again after the walks.
    pub async fn heed(&self, session: &mut Session, stream: &Stream) -> Result<Vec<String>, Failure> {
        let Some(feed) = self.source.connector.feed().filter(|_| self.looked.get().elapsed() >= self.every) else {
            return Ok(Vec::new());
        };
        self.looked.set(Instant::now());
        if !self.waiting(session).await? {
            return Ok(Vec::new());
        }
        log::deliveries(session, self.source, feed).await?;
        let mut reread = reread::behind(session, self.source, self.http, self.stop, self.last.get()).await?;
        self.last.set(reread.last);
        if !reread.records.is_empty() && log::is_whole(session, self.source).await? {
            derive::derive(session, self.source, self.zone, self.stop).await?;
        }
        Ok(reread.records.remove(stream.name).unwrap_or_default())
    }

    async fn waiting(&self, session: &mut Session) -> Result<bool, Failure> {
        let (source, last) = (self.source.name.clone(), self.last.get());
        session
            .attempt(async |client| {
                let waits = "select exists (select from ops.event where source = $1 and payload is not null)
                                 or exists (select from ops.hint where source = $1 and hint_id > $2)";
                Ok(client.query_one(waits, &[&source, &last]).await?.get(0))
            })
            .await
    }
}
