//! The budget that all streams of a source share.

use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::Budget;

/// A token bucket as one instant: when it will be full of turns taken in advance.
pub(super) struct Gate {
    slots: Semaphore,
    between: Duration,
    burst: Duration,
    next: Mutex<Next>,
}

#[derive(Clone, Copy)]
struct Next {
    turn: Instant,
    paused_until: Instant,
}

impl Gate {
    pub(super) fn new(budget: Budget) -> Self {
        let between = Duration::from_secs(1) / budget.requests_per_second.max(1);
        let concurrency = budget.concurrency.clamp(1, 1024);
        let now = Instant::now();
        Self {
            slots: Semaphore::new(concurrency),
            between,
            burst: between * u32::try_from(concurrency - 1).unwrap_or(0),
            next: Mutex::new(Next { turn: now, paused_until: now }),
        }
    }

    /// Waits for a turn; the request is under way as long as the permit is held.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed, so there is always a permit.
        let permit = self.slots.acquire().await.ok();
        let turn = {
            let mut next = self.lock();
            let turn = next.turn;
            next.turn = turn.max(Instant::now()) + self.between;
            turn.checked_sub(self.burst).unwrap_or(turn)
        };
        tokio::time::sleep_until(turn).await;
        loop {
            // A pause may have begun while this one slept.
            let paused_until = self.lock().paused_until;
            if paused_until <= Instant::now() {
                return permit;
            }
            tokio::time::sleep_until(paused_until).await;
        }
    }

    /// Lets nobody begin a request for a while.
    pub(super) fn pause(&self, wait: Duration) {
        let mut next = self.lock();
        next.paused_until = next.paused_until.max(Instant::now() + wait);
    }

    /// For how long the vendor told us to wait, if it did.
    pub(super) fn paused_for(&self) -> Option<Duration> {
        self.lock().paused_until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// For how long the next request will wait for its turn.
    pub(super) fn queue(&self) -> Duration {
        let turn = self.lock().turn;
        turn.checked_sub(self.burst).unwrap_or(turn).saturating_duration_since(Instant::now())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Next> {
        // Two instants are never half-written, so a poisoned lock is as good as any.
        self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
