//! One walk over an account's states on the days of a report: it stops only where something
//! changes, however many days there are.

use super::places::{Places, Seen};
use super::{Membership, MetricError};
use crate::timeline::Steps;

/// One currency of an account on its walk.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    /// Where this currency is summed up.
    pub(super) slot: usize,
    /// The state at the end of the day before the walk's place.
    pub(super) before: i64,
    /// The state at the end of the day of the walk's place.
    pub(super) after: i64,
    seen: Seen<'a>,
    next: Option<(usize, i64)>,
}

/// Where a walk has stopped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop {
    /// The place of the report's day.
    pub(super) place: usize,
    /// Whether the account belonged on the report's day before.
    pub(super) belonged: bool,
    /// Whether it belongs on this one.
    pub(super) belongs: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(slot: usize, steps: Steps<'a>, places: &'a Places) -> Self {
        let mut seen = places.seen(steps);
        let next = seen.next();
        Self { slot, before: 0, after: 0, seen, next }
    }

    fn go(&mut self, place: usize) {
        self.before = self.after;
        if let Some((at, rate)) = self.next
            && at == place
        {
            self.after = rate;
            self.next = self.seen.next();
        }
    }
}

/// Walks an account from one place to the next where a state or the membership changes, beginning
/// with the first of the report's days, whether or not there is anything on it.
pub(super) fn walk(
    account: &mut [Cursor<'_>],
    membership: Membership<'_>,
    places: &Places,
    mut stop: impl FnMut(Stop, &[Cursor<'_>]) -> Result<(), MetricError>,
) -> Result<(), MetricError> {
    let mut belonged = false;
    let mut place = Some(0);
    while let Some(here) = place
        && let Some(day) = places.days().get(here)
    {
        account.iter_mut().for_each(|cursor| cursor.go(here));
        let belongs = membership.on(*day);
        stop(Stop { place: here, belonged, belongs }, account)?;
        belonged = belongs;
        let next = account.iter().filter_map(|cursor| cursor.next.map(|(at, _)| at)).min();
        place = next.into_iter().chain(next_border(membership, places, here)).min();
    }
    Ok(())
}

/// The next place behind `here` where the membership may change.
fn next_border(membership: Membership<'_>, places: &Places, here: usize) -> Option<usize> {
    let Membership::On(ranges) = membership else { return None };
    let borders = ranges.iter().flat_map(|range| [places.of(range.from), places.of(range.until)]);
    borders.filter(|border| *border > here).min()
}
