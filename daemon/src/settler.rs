//! A source that is pushed to: what was pushed is derived soon after.

use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::config::Source;
use crate::engine;
use crate::failure::{Failure, Kind};
use crate::scheduler::Run;

/// How long more is waited for once something was pushed: senders rarely say a thing alone, and one
/// run derives it all.
const GATHER: Duration = Duration::from_millis(300);

/// Two runs begin at least so far apart, so that a sender who never stops does not make ops.run grow.
const APART: Duration = Duration::from_secs(3);

/// When it is looked whether a new day has begun.
const DAY: Duration = Duration::from_secs(600);

/// When it is tried again to derive what could not be: somebody else may hold the source, or the
/// database be away.
const AGAIN: Duration = Duration::from_secs(15);

/// Derives until asked to stop. It begins with what an earlier process has left.
pub async fn settle(run: &Run<'_>, source: &Source, bell: &Notify) {
    let stop = run.stop;
    while !stop.requested() {
        let begun = Instant::now();
        let failed = match once(run, source).await {
            Ok(failed) => failed,
            Err(failure) if failure.kind == Kind::Busy => {
                tracing::warn!(source = source.name, reason = %failure, "what was pushed is derived a little later");
                true
            }
            Err(failure) => {
                tracing::error!(source = source.name, error = %failure, "what was pushed could not be derived yet");
                true
            }
        };
        tokio::select! {
            () = bell.notified() => {}
            () = tokio::time::sleep(if failed { AGAIN } else { DAY }) => {}
            () = stop.wait() => return,
        }
        let apart = APART.saturating_sub(begun.elapsed());
        tokio::select! {
            () = tokio::time::sleep(GATHER.max(apart)) => {}
            () = stop.wait() => return,
        }
    }
}

/// Whether it has to be tried again.
async fn once(run: &Run<'_>, source: &Source) -> Result<bool, Failure> {
    let begun = Instant::now();
    let settled = match engine::ready(run.store, run.config).await {
        Ok(()) => engine::settle(run.store, source, run.config.book, run.stop).await,
        Err(failure) => Err(failure),
    };
    let outcome = settled.inspect_err(|_| run.metrics.failed(&source.name, "push"))?;
    run.metrics.ran(&source.name, "push", outcome.as_ref(), begun.elapsed());
    Ok(outcome.is_some_and(|outcome| outcome.status == engine::Status::Failed))
}
