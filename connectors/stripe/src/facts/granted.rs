//! Discounts that were seen on a subscription or its items, and from when to when.

use chrono::{DateTime, TimeDelta, Utc};

use super::seen::{Seen, Snapshot};
use crate::model::{Applied, Direction, Line};

/// A discount that begins so soon after its subscription was given with it.
const GIVEN_WITH_THE_START: TimeDelta = TimeDelta::days(1);

/// A discount and the time in which it was granted.
pub(super) struct Granted<'a> {
    pub(super) applied: &'a Applied,
    /// The item that it is on; `None` when it is on the subscription.
    pub(super) item: Option<&'a str>,
    /// `None` when it goes back as far as the subscription.
    pub(super) from: Option<DateTime<Utc>>,
    pub(super) until: Option<DateTime<Utc>>,
}

/// Whether a discount was given after the subscription's start.
pub(super) fn is_late(applied: &Applied, start: DateTime<Utc>) -> bool {
    applied.start > start + GIVEN_WITH_THE_START
}

/// The discounts of all versions, each as its last version has it.
pub(super) fn granted<'a>(seen: &'a Seen, lines: &[Line]) -> Vec<Granted<'a>> {
    let mut found: Vec<Granted<'a>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut before: Option<DateTime<Utc>> = None;
    for snapshot in seen.snapshots() {
        let shown = shown(snapshot);
        let is = |granted: &Granted<'_>, item: Option<&str>, applied: &Applied| {
            granted.item == item && granted.applied.id == applied.id
        };
        open.retain(|&index| {
            let stays = shown.iter().any(|(item, applied)| is(&found[index], *item, applied));
            if let (false, Some(before)) = (stays, before) {
                found[index].until = Some(gone(found[index].applied, lines, before, snapshot.at));
            }
            stays
        });
        for (item, applied) in shown {
            if let Some(&index) = open.iter().find(|&&index| is(&found[index], item, applied)) {
                found[index].applied = applied;
                found[index].until = applied.end;
                continue;
            }
            let from = match before {
                None => is_late(applied, seen.newest().start).then_some(applied.start),
                // Its own beginning, unless the version before should then have shown it.
                Some(before) => Some(if applied.start > before { applied.start } else { snapshot.at }),
            };
            open.push(found.len());
            found.push(Granted { applied, item, from, until: applied.end });
        }
        before = Some(snapshot.at);
    }
    found
}

fn shown(snapshot: &Snapshot) -> Vec<(Option<&str>, &Applied)> {
    let subscription = &snapshot.subscription;
    let of_items = subscription.items.iter();
    let of_items = of_items.flat_map(|item| item.discounts.iter().map(|applied| (Some(item.id.as_str()), applied)));
    of_items.chain(subscription.discounts.iter().map(|applied| (None, applied))).collect()
}

/// When a discount ended that was there in the version before and is no longer in this one: with
/// its own end, or with the last period that had it, or when it was seen to be gone.
fn gone(applied: &Applied, lines: &[Line], before: DateTime<Utc>, at: DateTime<Utc>) -> DateTime<Utc> {
    let billed = lines.iter().filter(|line| line.direction == Direction::Period);
    let billed = billed.filter(|line| line.discounts.contains(&applied.id)).map(|line| line.end);
    let covered = billed.filter(|end| before < *end && *end <= at).max();
    applied.end.filter(|end| *end <= at).or(covered).unwrap_or(at)
}
