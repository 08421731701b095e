//! One fault: what is done, how long that takes, and where it is tested.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::dialect::Dialect;
use super::fixture::Context;
use crate::{Cluster, Outcome, Profile, workspace};

/// Whether a case is part of every `cargo x test`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// Seconds.
    Quick,
    /// Up to half a minute, nearly all of it waiting.
    Long,
    /// Minutes: only when asked for.
    Slow,
}

/// Where a fault is tested.
#[derive(Clone, Copy)]
pub enum Where {
    /// Here: against the real programs. Returns what is worth knowing of the run.
    Here(fn(&Context<'_>) -> Outcome<String>),
    /// In another test: its file, its name, and what it leaves open, if anything.
    Test(&'static str, &'static str, &'static str),
    /// Nowhere, and why.
    Nowhere(&'static str),
}

/// A fault of the list.
#[derive(Clone, Copy)]
pub struct Case {
    /// As in the list.
    pub id: &'static str,
    /// What is done, in a line.
    pub injected: &'static str,
    pub speed: Speed,
    pub tested: Where,
}

/// How a case went.
pub struct Report {
    pub case: Case,
    /// What its vendor speaks.
    pub dialect: &'static dyn Dialect,
    /// What is worth knowing, or what is not as it must be.
    pub outcome: Outcome<String>,
    /// Requests that reached the vendor.
    pub requests: usize,
    pub took: Duration,
}

/// A case that is run here.
pub const fn quick(id: &'static str, injected: &'static str, run: fn(&Context<'_>) -> Outcome<String>) -> Case {
    Case { id, injected, speed: Speed::Quick, tested: Where::Here(run) }
}

/// The same, if it waits for long.
pub const fn long(id: &'static str, injected: &'static str, run: fn(&Context<'_>) -> Outcome<String>) -> Case {
    Case { id, injected, speed: Speed::Long, tested: Where::Here(run) }
}

/// The same, if it takes minutes.
pub const fn slow(id: &'static str, injected: &'static str, run: fn(&Context<'_>) -> Outcome<String>) -> Case {
    Case { id, injected, speed: Speed::Slow, tested: Where::Here(run) }
}

/// A case that another test has; `open` says what that one does not look at.
pub const fn elsewhere(
    id: &'static str,
    injected: &'static str,
    file: &'static str,
    name: &'static str,
    open: &'static str,
) -> Case {
    Case { id, injected, speed: Speed::Quick, tested: Where::Test(file, name, open) }
}

/// A case that nobody has.
pub const fn nowhere(id: &'static str, injected: &'static str, why: &'static str) -> Case {
    Case { id, injected, speed: Speed::Quick, tested: Where::Nowhere(why) }
}

impl Case {
    /// Whether it can be tried with a vendor who speaks so, or why not.
    pub fn suits(self, dialect: &dyn Dialect) -> Result<(), &'static str> {
        dialect.lacks().iter().find(|(id, _)| *id == self.id).map_or(Ok(()), |(_, why)| Err(why))
    }

    /// Runs it in a database of its own.
    pub fn run(self, cluster: &Cluster, profile: Profile, dialect: &'static dyn Dialect) -> Report {
        let begun = Instant::now();
        let context = Context::new(cluster, profile, dialect, self.id);
        let outcome = match self.tested {
            Where::Here(run) => {
                let ran = catch_unwind(AssertUnwindSafe(|| run(&context)));
                ran.unwrap_or_else(|_| Err("the case itself panicked; its words are above".into()))
            }
            Where::Test(file, name, _) => exists(file, name),
            Where::Nowhere(why) => Ok(why.to_owned()),
        };
        let outcome = outcome.and_then(|said| context.leak().map_or(Ok(said), Err));
        Report { case: self, dialect, outcome, requests: context.requests(), took: begun.elapsed() }
    }
}

/// A row that names a test is true only as long as there is that test.
fn exists(file: &str, name: &str) -> Outcome<String> {
    let path = workspace().join(file);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("can't read {}: {error}", path.display()))?;
    if text.contains(&format!("fn {name}(")) { Ok(String::new()) } else { Err(format!("{file} has no test {name}")) }
}

/// Runs cases side by side and reports each as it ends. Most of a case is waiting.
pub fn run_all(
    cases: &[(Case, &'static dyn Dialect)],
    at_a_time: usize,
    cluster: &Cluster,
    profile: Profile,
    told: impl Fn(&Report) + Sync,
) -> Vec<Report> {
    // What waits longest begins first.
    let mut order = cases.to_vec();
    order.sort_by_key(|(case, _)| match case.speed {
        Speed::Slow => 0,
        Speed::Long => 1,
        Speed::Quick => 2,
    });
    let next = AtomicUsize::new(0);
    let found = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(|| {
                while let Some((case, dialect)) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let report = case.run(cluster, profile, *dialect);
                    told(&report);
                    super::gate::lock(&found).push(report);
                }
            });
        }
    });
    let mut reports = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    // In the order in which they were asked for.
    let is = |report: &Report, (case, dialect): &(Case, &dyn Dialect)| {
        case.id == report.case.id && dialect.name() == report.dialect.name()
    };
    reports.sort_by_key(|report| cases.iter().position(|case| is(report, case)));
    reports
}
