//! Deliveries at a rate that does not heed the answers, and what became of each.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::fixture::{Fixture, check};
use super::receiver::{Receiver, now};
use crate::Outcome;

/// Deliveries under way at a time, fewer than the connections that the daemon lets in.
pub const SENDERS: usize = 64;

/// So many a second, for so long.
#[derive(Clone, Copy)]
pub struct Flood {
    pub rate: usize,
    pub seconds: usize,
}

/// What became of the deliveries.
#[derive(Default)]
pub struct Answers {
    /// The numbers of those that were answered with 200.
    taken: Vec<usize>,
    /// How long each of these was waited for.
    waits: Vec<Duration>,
    /// How many were answered with 503.
    later: usize,
    /// How many were answered with anything else, or not at all.
    other: usize,
    /// From the first delivery to the last answer.
    took: Duration,
}

/// The vendor's id of a delivery.
pub fn id(number: usize) -> String {
    format!("evt_{number}")
}

impl Flood {
    /// Sends. Who is kept waiting sends faster afterwards, until as many are sent as should be.
    pub fn send(self, receiver: &Receiver<'_>, body: impl Fn(usize) -> String + Sync) -> Answers {
        let (next, begun) = (AtomicUsize::new(0), Instant::now());
        let sender = || {
            let mut answers = Answers::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= self.rate * self.seconds {
                    return answers;
                }
                let due = Duration::from_secs_f64(number as f64 / self.rate as f64);
                std::thread::sleep(due.saturating_sub(begun.elapsed()));
                let body = body(number);
                let headers = receiver.signed(now(), &body);
                let asked = Instant::now();
                match receiver.post(&headers, &body) {
                    200 => {
                        answers.taken.push(number);
                        answers.waits.push(asked.elapsed());
                    }
                    503 => answers.later += 1,
                    _ => answers.other += 1,
                }
            }
        };
        let mut all = Answers::default();
        std::thread::scope(|scope| {
            let senders: Vec<_> = (0..SENDERS).map(|_| scope.spawn(sender)).collect();
            for answers in senders.into_iter().filter_map(|sender| sender.join().ok()) {
                all.taken.extend(answers.taken);
                all.waits.extend(answers.waits);
                all.later += answers.later;
                all.other += answers.other;
            }
        });
        all.waits.sort_unstable();
        all.took = begun.elapsed();
        all
    }
}

impl Answers {
    /// Each that was acknowledged is in the ledger, by its id; of the others only those can be there whose
    /// answer was lost. Says how it went.
    pub fn hold(&self, fixture: &Fixture<'_>) -> Outcome<String> {
        let ids: String = self.taken.iter().map(|number| id(*number) + "\n").collect();
        let taken = self.taken.len();
        let named = format!(
            "create temporary table acknowledged (id text);
             copy acknowledged from stdin;\n{ids}\\.
             select count(*) filter (where event.id is null), count(*) filter (where acknowledged.id is null)
             from acknowledged full join (select id from ops.event where delivered) as event using (id)"
        );
        let counted = format!(
            "select greatest({taken} - count(*), 0), greatest(count(*) - {taken}, 0) from ops.event where delivered"
        );
        let found = fixture.row(if fixture.dialect().names_deliveries() { &named } else { &counted })?;
        let (lost, unanswered) = found.split_once('|').unwrap_or_default();
        let (later, other) = (self.later, self.other);
        check(lost == "0", || format!("{lost} of {taken} that were acknowledged are not in the ledger"))?;
        check(unanswered.parse().is_ok_and(|count: usize| count <= SENDERS), || {
            format!("{unanswered} are in the ledger that were not acknowledged")
        })?;
        check(taken > 0 && later > 0, || format!("{taken} acknowledged, {later} told to come again"))?;
        let wait = |share: usize| self.waits.get(self.waits.len() * share / 100).copied().unwrap_or_default();
        let sent = taken + later + other;
        Ok(format!(
            "{sent} sent in {:.1} s ({:.0}/s), {taken} acknowledged, each of them in the ledger, {unanswered} more there whose answer was lost, \
             {later} told to come again, {other} without an answer; acknowledged within {:.1} ms (p50), {:.1} ms (p99)",
            self.took.as_secs_f64(),
            sent as f64 / self.took.as_secs_f64(),
            wait(50).as_secs_f64() * 1e3,
            wait(99).as_secs_f64() * 1e3,
        ))
    }
}
