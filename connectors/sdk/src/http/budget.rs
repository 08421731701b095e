//! The budget that all streams of a source share.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::quota::{self, Lane, Pace, Reading};
use crate::{Budget, PathBudget, Quota};

/// What was read of a daily quota is believed for so long; then a request may ask anew.
const BELIEVED: Duration = Duration::from_secs(600);

/// A token bucket as one instant: when it will be full of turns taken in advance.
pub(super) struct Gate {
    slots: Semaphore,
    concurrency: usize,
    /// Only one request of each lane waits for a slot at a time. As slots are given in the order in
    /// which they are asked for, the lanes take turns while both wait.
    heads: [Mutex<()>; 2],
    between: Duration,
    burst: Duration,
    paths: Vec<PathBudget>,
    quotas: &'static [Quota],
    state: std::sync::Mutex<State>,
}

struct State {
    turn: Instant,
    paused_until: Instant,
    /// When the newest request of each lane may begin or began.
    begun: [Instant; 2],
    /// When the next request to each path that has a pace of its own may begin.
    paths: Vec<Instant>,
    /// What was last read of each quota, and when.
    readings: Vec<Option<(Instant, Reading)>>,
}

/// Why no turn is given: nothing is left of a quota.
pub(super) struct Spent {
    pub(super) quota: &'static str,
    pub(super) reading: Reading,
}

impl Gate {
    pub(super) fn new(budget: Budget, paths: &[PathBudget], quotas: &'static [Quota]) -> Self {
        let between = Duration::from_secs(1) / budget.requests_per_second.max(1);
        let concurrency = budget.concurrency.clamp(1, 1024);
        let now = Instant::now();
        let state = State {
            turn: now,
            paused_until: now,
            begun: [now; 2],
            paths: vec![now; paths.len()],
            readings: vec![None; quotas.len()],
        };
        Self {
            slots: Semaphore::new(concurrency),
            concurrency,
            heads: [Mutex::new(()), Mutex::new(())],
            between,
            burst: between * u32::try_from(concurrency - 1).unwrap_or(0),
            paths: paths.to_vec(),
            quotas,
            state: std::sync::Mutex::new(state),
        }
    }

    /// Waits for a turn of a request to `path`, which is under way as long as the permit is held.
    pub(super) async fn turn(&self, lane: Lane, path: &str) -> Result<Option<SemaphorePermit<'_>>, Spent> {
        // Whoever is slowed down holds no slot meanwhile, which the other lane may need.
        let slowed_until = self.slowed_until(lane)?;
        tokio::time::sleep_until(slowed_until.max(self.counted_apart(path))).await;
        let head = self.heads[lane as usize].lock().await;
        // Never closed, so there is always a permit.
        let permit = self.slots.acquire().await.ok();
        drop(head);
        let turn = {
            let mut state = self.lock();
            let turn = state.turn;
            state.turn = turn.max(Instant::now()) + self.between;
            turn.checked_sub(self.burst).unwrap_or(turn)
        };
        tokio::time::sleep_until(turn).await;
        loop {
            // A pause may have begun while this one slept.
            let paused_until = self.lock().paused_until;
            if paused_until <= Instant::now() {
                return Ok(permit);
            }
            tokio::time::sleep_until(paused_until).await;
        }
    }

    /// Until when a lane waits because little is left of a quota.
    fn slowed_until(&self, lane: Lane) -> Result<Instant, Spent> {
        let now = Instant::now();
        let under_way = self.concurrency.saturating_sub(self.slots.available_permits()) as u64;
        let mut state = self.lock();
        let mut between = Duration::ZERO;
        for (quota, known) in self.quotas.iter().zip(&state.readings) {
            let Some((at, reading)) = *known else { continue };
            if now.duration_since(at) > reading.window.unwrap_or(BELIEVED) {
                continue;
            }
            match quota::pace(quota, reading, under_way, lane) {
                Pace::Free => {}
                Pace::Every(each) => between = between.max(each),
                Pace::Over => return Err(Spent { quota: quota.name, reading }),
            }
        }
        let begins = now.max(state.begun[lane as usize] + between);
        state.begun[lane as usize] = begins;
        Ok(begins)
    }

    /// Until when a request to `path` waits because the vendor counts such ones apart.
    fn counted_apart(&self, path: &str) -> Instant {
        let mut state = self.lock();
        let mut begins = Instant::now();
        for (of, next) in self.paths.iter().zip(&mut state.paths).filter(|(of, _)| path.ends_with(of.ends_with)) {
            begins = begins.max(*next);
            *next = begins + Duration::from_secs(1) / of.requests_per_second.max(1);
        }
        begins
    }

    /// Takes from an answer how much is left of the vendor's limits.
    pub(super) fn learn(&self, head: &HeaderMap) {
        let now = Instant::now();
        let mut state = self.lock();
        for (quota, known) in self.quotas.iter().zip(&mut state.readings) {
            // Not every answer tells.
            if let Some(reading) = quota::read(quota, head) {
                *known = Some((now, reading));
            }
        }
    }

    /// Takes from a refusal that nothing is left of a quota.
    pub(super) fn spend(&self, name: &'static str) -> Spent {
        let mut state = self.lock();
        let known = self.quotas.iter().position(|quota| quota.name == name).and_then(|at| state.readings.get_mut(at));
        let most = known.as_ref().and_then(|known| known.as_ref()).map_or(0, |(_, reading)| reading.most);
        let reading = Reading { left: 0, most, window: None };
        if let Some(known) = known {
            *known = Some((Instant::now(), reading));
        }
        Spent { quota: name, reading }
    }

    /// Lets nobody begin a request for a while.
    pub(super) fn pause(&self, wait: Duration) {
        let mut state = self.lock();
        state.paused_until = state.paused_until.max(Instant::now() + wait);
    }

    /// For how long the vendor told us to wait, if it did.
    pub(super) fn paused_for(&self) -> Option<Duration> {
        self.lock().paused_until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// Whether a walk goes slower than the budget, because little is left of the vendor's limits.
    pub(super) fn is_slowed(&self) -> bool {
        self.lock().begun[Lane::Walk as usize] > Instant::now()
    }

    /// For how long the next request will wait for its turn.
    pub(super) fn queue(&self) -> Duration {
        let turn = self.lock().turn;
        turn.checked_sub(self.burst).unwrap_or(turn).saturating_duration_since(Instant::now())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in it is ever half-written, so a poisoned lock is as good as any.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
