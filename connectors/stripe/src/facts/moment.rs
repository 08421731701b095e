//! What the lines of one instant come to.

use chrono::{DateTime, Utc};

use super::history::State;
use crate::model::{Direction, Line};

/// What changed at one instant, by the lines that begin with it.
pub(super) struct Moment<'a> {
    pub(super) at: DateTime<Utc>,
    /// The record that tells, as `stream/id`.
    pub(super) origin: String,
    /// All states that were credited, passed through or not.
    credited: Vec<State>,
    /// States that ended.
    pub(super) ended: Vec<&'a Line>,
    /// The state that was left in force, if any.
    pub(super) begun: Option<&'a Line>,
}

impl<'a> Moment<'a> {
    /// Several changes within one second credit what they debited before, so a debit with an
    /// equal credit was passed through and is not the result, whatever the order of the lines.
    pub(super) fn of(lines: &[&'a Line], before: Option<&State>) -> Self {
        let mut credits: Vec<&Line> = Vec::new();
        let mut debits: Vec<&Line> = Vec::new();
        let mut period = None;
        for line in lines {
            match line.direction {
                Direction::Period => period = Some(*line),
                Direction::Credit => credits.push(line),
                Direction::Debit => debits.push(line),
                // A proration of nothing has no sign: what was in force before, it ends.
                Direction::Zero if before.is_some_and(|state| state.agrees(&State::of(line))) => credits.push(line),
                Direction::Zero => debits.push(line),
            }
        }
        let credited = credits.iter().map(|line| State::of(line)).collect();
        let mut passed = false;
        debits.retain(|debit| {
            let equal = credits.iter().position(|credit| State::of(credit).agrees(&State::of(debit)));
            passed |= equal.is_some();
            equal.map(|index| credits.remove(index)).is_none()
        });
        let at = lines[0].start;
        let begun = debits.last().copied().or(period);
        let origin = begun.or(credits.first().copied()).unwrap_or(lines[0]).origin.clone();
        // There and back again within a second: nothing ended.
        if passed && credits.is_empty() && debits.is_empty() && period.is_none() {
            return Self { at, origin, credited, ended: Vec::new(), begun: None };
        }
        Self { at, origin, credited, ended: credits, begun }
    }

    /// What was in force right before; `None` when the lines do not tell. `now` is what was told
    /// before them.
    pub(super) fn before(&self, now: Option<&State>) -> Option<Option<State>> {
        match (self.credited.first(), self.begun) {
            (Some(_), _) if self.credited.iter().any(|state| now.is_some_and(|now| now.agrees(state))) => {
                Some(now.cloned())
            }
            (Some(first), _) => Some(Some(self.ended.first().map_or_else(|| first.clone(), |line| State::of(line)))),
            // Without a credit a period goes on with what was there.
            (None, Some(line)) if line.is_period() => Some(Some(State::of(line))),
            // What is debited without a credit was not there.
            (None, Some(_)) if now.is_none() => Some(None),
            (None, _) => None,
        }
    }
}
