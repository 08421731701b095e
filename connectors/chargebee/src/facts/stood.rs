//! How a subscription stood while it was in force: on trial, paused, past due, about to end.

use revenue::fact::{Standing, Stood};

use super::charge::earlier;
use super::contract::Contract;
use crate::model::{Span, Status};

impl Contract<'_> {
    /// When it stood otherwise than active.
    pub(super) fn stood(&self) -> Vec<Stood> {
        let mut all: Vec<Stood> = Vec::new();
        for (entry, (from, until)) in self.in_force() {
            let subscription = &entry.subscription;
            let mut add = |standing, (from, until): Span| {
                if until.is_some_and(|until| until <= from) {
                    return;
                }
                let goes_on = |last: &&mut Stood| last.standing == standing && last.until == Some(from);
                match all.iter_mut().rev().find(goes_on) {
                    Some(last) => last.until = until,
                    None => all.push(Stood { contract: self.id.to_owned(), standing, from, until }),
                }
            };
            match subscription.status {
                Status::Trial => {
                    let end = subscription.trial.map(|(_, end)| end.max(from));
                    // A trial that nobody says has ended lasts until the next state shows that it has.
                    let next = self.entries.iter().any(|later| later.at > entry.at);
                    add(Standing::Trial, (from, if next { until } else { earlier(until, end) }));
                }
                Status::Paused => {
                    let next = self.entries.iter().any(|later| later.at > entry.at);
                    let resumes = subscription.resumes.filter(|_| !next);
                    add(Standing::Paused, (from, earlier(until, resumes)));
                }
                // A pause that is planned.
                Status::Active | Status::Ending => {
                    if let Some(pause) = subscription.paused.filter(|pause| *pause > from) {
                        add(Standing::Paused, (pause, earlier(until, subscription.resumes)));
                    }
                }
                _ => {}
            }
            if let Some(since) = subscription.due_since {
                add(Standing::PastDue, (from.max(since), until));
            }
            if subscription.status == Status::Ending {
                add(Standing::Ending, (from, until));
            }
        }
        // Service for nothing before the first known state is a trial as well.
        if let (Some((started, known)), Some(first)) = (self.unknown(), self.entries.first())
            && let Some((from, end)) = first.subscription.trial
        {
            let (from, until) = (from.max(started), end.min(known));
            if from < until {
                all.push(Stood { contract: self.id.to_owned(), standing: Standing::Trial, from, until: Some(until) });
            }
        }
        all
    }
}
