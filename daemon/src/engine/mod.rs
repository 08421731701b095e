//! One sync of one source: fetch, land, derive.

mod again;
mod audit;
mod batch;
mod counts;
mod crosswalk;
mod derive;
mod fetch;
mod forget;
mod land;
mod log;
mod meanwhile;
mod note;
mod problem;
mod progress;
mod push;
mod reconcile;
mod reread;
mod run;
mod session;
mod settle;
mod sound;
mod walk;

use std::sync::Arc;
use std::time::Duration;

use mrr_connector_sdk::{Followed, Http};

use crate::config::{Book, Config, Source};
use crate::failpoint;
use crate::failure::{Failure, Kind};
use crate::migrate;
use crate::stop::Stop;
use crate::store::{Store, answered, end, require_schema};

#[cfg(test)]
pub use note::SETTLE;
pub use push::{Fate, push};
#[cfg(test)]
pub use reread::DUE;
pub use run::{Outcome, Status};
pub use settle::settle;
pub use sound::is_sound;

pub use again::{rebuild, replay};
#[cfg(test)]
pub use audit::Finding;
pub use audit::{Audit, audit, repair};
pub use crosswalk::{Named, Verdict, decide, parts, unmatched};
pub use forget::forget;

use meanwhile::Meanwhile;
use progress::StreamProgress;
use run::Purpose;
use session::Session;
use walk::{Stopped, Walk, Walked};

/// How often one sync starts again because the database lost what it had confirmed.
const REWINDS: usize = 3;

/// The waits before what comes before a run is tried again.
const BEGINNING: [Duration; 2] = [Duration::from_millis(250), Duration::from_millis(750)];

/// What has to hold before any source is read: the schema is ours, and the book is the one in the
/// configuration.
pub async fn ready(store: &Store, config: &Config) -> Result<(), Failure> {
    answered(is_ready(store, config)).await
}

async fn is_ready(store: &Store, config: &Config) -> Result<(), Failure> {
    let client = store.client().await?;
    require_schema(&client).await?;
    let wanted =
        migrate::Stored { currency: config.book.currency.to_string(), time_zone: config.book.zone.name().to_owned() };
    if migrate::stored(&**client).await?.as_ref() != Some(&wanted) {
        return Err(Failure::new(
            Kind::Database,
            "[book] differs from the book in the database; run `mrrd migrate`, which changes it there",
        ));
    }
    Ok(())
}

/// Does what comes before a run, and does it again while the connection breaks: for a moment only,
/// as a database that is away is for an operator to hear of at once. The step must be harmless
/// when its commit succeeded unseen.
async fn patiently<T>(step: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Failure> {
    for wait in BEGINNING {
        match answered(step()).await {
            Err(failure) if failure.passes() => {
                tracing::debug!(error = %failure, "what comes before a run is tried again");
                tokio::time::sleep(wait).await;
            }
            done => return done,
        }
    }
    answered(step()).await
}

/// Besides, the exchange rates are those of the file: they are many, so this is for whole syncs.
pub async fn prepare(store: &Store, config: &Config) -> Result<(), Failure> {
    patiently(async || ready(store, config).await).await?;
    let Some(rates) = &config.rates else { return Ok(()) };
    patiently(async || {
        let mut client = store.session().await?;
        let loaded = migrate::load(&mut client, rates).await?;
        if loaded.written > 0 {
            tracing::info!(record_count = loaded.written, "exchange rates written");
        }
        end(client).await;
        Ok(())
    })
    .await
}

/// How a sync is to go about things.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// Whether many records at once may be gone.
    pub accept_deletions: bool,
    /// Whether every list begins at its first page, wherever an earlier one stopped.
    pub full: bool,
}

/// Lists every record of a source once. What failed within the sync is in the outcome; an `Err`
/// is a sync that could not begin.
pub async fn sync(store: &Store, source: &Source, book: Book, stop: &Stop, manner: Manner) -> Result<Outcome, Failure> {
    if source.connector.push().is_some() {
        // Nobody can be asked for a list; what is there is what was pushed.
        return Ok(settle(store, source, book, stop).await?.unwrap_or_else(Outcome::nothing));
    }
    let http = Arc::new(Http::new(source.connector.api(), failpoint::limits())?);
    let session = patiently(async || Session::begin(store, &source.name, Purpose::Sync).await).await?;
    let sync = Sync { source, http, book, stop, manner, listed: true };
    Ok(sync.run(session, None).await)
}

/// Reads again what the source's log of changes and its deliveries name; `None` when nothing is
/// new, or when the source has no log.
pub async fn follow(store: &Store, source: &Source, book: Book, stop: &Stop) -> Result<Option<Outcome>, Failure> {
    if source.connector.push().is_some() {
        return settle(store, source, book, stop).await;
    }
    let Some(feed) = source.connector.feed() else { return Ok(None) };
    let Some(place) = answered(log::place(store, source, feed)).await? else {
        let name = &source.name;
        let sentence = format!("it can't be followed before it was synced whole; run `mrrd sync {name}` first");
        return Err(Failure::new(Kind::Unsynced, sentence));
    };
    let http = Arc::new(Http::new(source.connector.api(), failpoint::limits())?);
    let first = match source.connector.follow(&http.for_changes(), Some(&place)).await {
        Ok(followed) if answered(log::is_quiet(store, source, feed, &followed)).await? => return Ok(None),
        Ok(followed) => Some((place, followed)),
        // The run says what is wrong.
        Err(_) => None,
    };
    let mut session = patiently(async || Session::begin(store, &source.name, Purpose::Follow).await).await?;
    // Another run may have gone on from there meanwhile.
    let now = session.cursors(feed.stream).await?.into_iter().next();
    let first = first.filter(|(place, _)| now.as_ref() == Some(place)).map(|(_, followed)| followed);
    let sync = Sync { source, http, book, stop, manner: Manner::default(), listed: false };
    Ok(Some(sync.run(session, first).await))
}

/// A run under way.
struct Sync<'a> {
    source: &'a Source,
    http: Arc<Http>,
    book: Book,
    stop: &'a Stop,
    manner: Manner,
    /// Whether every record is listed, or only read again what was named.
    listed: bool,
}

impl Sync<'_> {
    async fn run(&self, mut session: Session, first: Option<Followed>) -> Outcome {
        let source = &self.source.name;
        let started = std::time::Instant::now();
        tracing::info!(source, run = session.run(), listed = self.listed, "sync started");
        let mut errors = self.stages(&mut session, first).await;
        for _ in 0..REWINDS {
            if !errors.iter().any(|error| error.kind == Kind::Rewound) {
                break;
            }
            tracing::warn!(source, "the database went back in time; the streams are walked again from where it stands");
            errors = match session.rewind().await {
                Ok(()) => self.stages(&mut session, None).await,
                Err(failure) => vec![failure],
            };
        }
        let mut outcome = session.finish(errors, self.http.requests()).await;
        (outcome.requests, outcome.waits) = (self.http.requests(), self.http.waits());
        report(source, &outcome, started);
        outcome
    }

    /// The log, the streams that are to be listed, what was hinted at, and what follows from
    /// it; returns what failed.
    async fn stages(&self, session: &mut Session, first: Option<Followed>) -> Vec<Failure> {
        let mut failures = Vec::new();
        let mut missed = Vec::new();
        if self.manner.full
            && let Err(failure) = walk::begin_anew(session, self.source).await
        {
            return vec![failure];
        }
        // The log comes first: what happens while the streams are read is found in it next time.
        if let Some(feed) = self.source.connector.feed() {
            match log::follow(session, self.source, &self.http, feed, self.stop, first).await {
                Ok(()) => {}
                Err(failure) if goes_on(&failure) => {
                    failures.push(failure.at(format_args!("stream `{}`", feed.stream)));
                }
                Err(failure) => return vec![failure.at(format_args!("stream `{}`", feed.stream))],
            }
            if let Err(failure) = log::deliveries(session, self.source, feed).await {
                return vec![failure];
            }
            // Also what an earlier run was to list and could not.
            match log::missed(session).await {
                Ok(streams) => missed = streams,
                Err(failure) => return vec![failure],
            }
        }
        let before = failures.len();
        if let Err(stopped) = self.walks(session, &missed, &mut failures).await {
            failures.push(stopped);
            return failures;
        }
        let is_whole = failures.len() == before;
        match reread::reread(session, self.source, &self.http, self.stop).await {
            Ok(failed) => failures.extend(failed),
            Err(failure) => {
                failures.push(failure);
                return failures;
            }
        }
        // An account is derived only from all of its streams: half of them would be a wrong number.
        // A log that can't be read leaves them whole, and so does a record that can't be read again.
        if is_whole && let Err(failure) = derive::derive(session, self.source, self.book.zone, self.stop).await {
            failures.push(failure);
        }
        if self.listed
            && failures.is_empty()
            && let Err(failure) = log::forget_old(session, self.source.connector.feed()).await
        {
            failures.push(failure);
        }
        failures
    }

    /// Lists every stream, or only those of which something was missed; an `Err` ends the whole
    /// sync.
    async fn walks(
        &self,
        session: &mut Session,
        missed: &[String],
        failures: &mut Vec<Failure>,
    ) -> Result<(), Failure> {
        let listed = |name: &str| self.listed || missed.iter().any(|missed| missed == name);
        let meanwhile = Meanwhile::begin(session, self.source, &self.http, self.book.zone, self.stop).await?;
        for stream in self.source.connector.streams().iter().filter(|stream| listed(stream.name)) {
            let progress = StreamProgress::of(&self.source.name, stream.name);
            let walk = Walk {
                source: self.source,
                http: &self.http,
                stream,
                stop: self.stop,
                meanwhile: &meanwhile,
                progress,
            };
            let at = |failure: Failure| failure.at(format_args!("stream `{}`", stream.name));
            match walk.run(session).await {
                Ok(Walked { seen: Some(seen) }) if self.source.connector.feed().is_some() => {
                    let reconciled = reconcile::reconcile(session, stream, seen, self.manner.accept_deletions).await;
                    match reconciled {
                        Err(failure) if failure.kind == Kind::Source => failures.push(failure),
                        other => other?,
                    }
                }
                Ok(_) => {}
                // Another stream may well be readable, unless it is the host, the key or the database.
                Err(Stopped::Stream(failure)) => failures.push(at(failure)),
                // What changed may still be read, and the next run goes on here.
                Err(Stopped::Walks(failure)) => {
                    failures.push(at(failure));
                    return Ok(());
                }
                Err(Stopped::Sync(failure)) => return Err(at(failure)),
            }
        }
        Ok(())
    }
}

/// Says in the log how a run ended.
fn report(source: &str, outcome: &Outcome, started: std::time::Instant) {
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match outcome.status {
        Status::Failed => {
            for error in &outcome.errors {
                tracing::error!(source, error = %error, duration_ms, "sync failed");
            }
        }
        status => tracing::info!(
            source,
            status = status.as_str(),
            record_count = outcome.counts.fetched,
            problem_count = outcome.problems,
            duration_ms,
            "sync ended"
        ),
    }
}

/// Whether other streams may be read although the log can't be.
fn goes_on(failure: &Failure) -> bool {
    failure.kind == Kind::Source
}
