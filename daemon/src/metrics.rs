//! What this process has done, counted for whoever watches it.
//!
//! The labels are names of configured sources and words of ours, so that there are never more
//! series than a few for each source. No value comes from outside.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::engine::{Outcome, Status};

/// Of which source, and what for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfRun {
    pub source: String,
    /// `sync`, `follow` or `push`.
    pub kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    source: String,
    kind: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRecord {
    source: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfSource {
    pub source: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    endpoint: &'static str,
    status: u16,
}

#[derive(Clone)]
struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    /// From a look into a log to the first sync of a large book.
    fn new_metric(&self) -> Histogram {
        Histogram::new([0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0])
    }
}

/// The counters.
pub struct Metrics {
    pub registry: Registry,
    runs: Family<Ended, Counter>,
    durations: Family<OfRun, Histogram, Buckets>,
    records: Family<OfRecord, Counter>,
    requests: Family<OfSource, Counter>,
    waits: Family<OfSource, Counter>,
    answers: Family<Answered, Counter>,
    /// When it last went well; also when nothing was new, which leaves no row in the database.
    went_well: Mutex<HashMap<OfRun, Instant>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("mrrd");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running program", build);
        let runs = Family::default();
        registry.register("runs", "Runs that ended", runs.clone());
        let durations = Family::new_with_constructor(Buckets);
        registry.register("run_duration_seconds", "How long runs took", durations.clone());
        let records = Family::default();
        registry.register("records", "What became of the records of all runs", records.clone());
        let requests = Family::default();
        registry.register("requests", "Requests to the vendor, retries included", requests.clone());
        let waits = Family::default();
        registry.register("rate_limit_waits", "Times that the vendor told us to wait", waits.clone());
        let answers = Family::default();
        registry.register("answers", "Requests to this process, by their answer", answers.clone());
        Self { registry, runs, durations, records, requests, waits, answers, went_well: Mutex::default() }
    }

    /// A run ended, or there was nothing to do.
    pub fn ran(&self, source: &str, kind: &'static str, outcome: Option<&Outcome>, took: Duration) {
        let of = OfRun { source: source.to_owned(), kind };
        if outcome.is_none_or(|outcome| matches!(outcome.status, Status::Ok | Status::Problems)) {
            self.lock().insert(of.clone(), Instant::now());
        }
        let Some(outcome) = outcome else { return };
        let source = || source.to_owned();
        self.runs.get_or_create(&Ended { source: source(), kind, status: outcome.status.as_str() }).inc();
        self.durations.get_or_create(&of).observe(took.as_secs_f64());
        let counts = outcome.counts;
        for (word, count) in [
            ("inserted", counts.inserted),
            ("updated", counts.updated),
            ("unchanged", counts.unchanged),
            ("deleted", counts.deleted),
            ("quarantined", counts.quarantined),
        ] {
            let of = OfRecord { source: source(), outcome: word };
            self.records.get_or_create(&of).inc_by(u64::try_from(count).unwrap_or_default());
        }
        self.requests.get_or_create(&OfSource { source: source() }).inc_by(outcome.requests);
        self.waits.get_or_create(&OfSource { source: source() }).inc_by(outcome.waits);
    }

    /// A run could not begin.
    pub fn failed(&self, source: &str, kind: &'static str) {
        self.runs.get_or_create(&Ended { source: source.to_owned(), kind, status: "failed" }).inc();
    }

    /// A request to this process was answered.
    pub fn answered(&self, endpoint: &'static str, status: u16) {
        self.answers.get_or_create(&Answered { endpoint, status }).inc();
    }

    /// How long ago it last went well in this process, if it did.
    pub fn since_it_went_well(&self, of: &OfRun) -> Option<Duration> {
        self.lock().get(of).map(Instant::elapsed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<OfRun, Instant>> {
        // An instant is never half-written, so a poisoned lock is as good as any.
        self.went_well.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
