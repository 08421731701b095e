//! Changes that a schedule plans: those that came about are dated to the second, and those that
//! are still ahead are contracted.

use chrono::{DateTime, Utc};
use revenue::money::Currency;
use rust_decimal::Decimal;

use super::history::State;
use crate::model::Schedule;

/// A change from one phase of a schedule to the next, of one item, which may come or go with it.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) at: DateTime<Utc>,
    pub(super) before: Option<State>,
    pub(super) after: Option<State>,
    /// The schedule, as `stream/id`.
    pub(super) origin: String,
}

/// What is planned for one subscription.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    /// Oldest first.
    pub(super) steps: Vec<Planned>,
    /// When it is to end.
    pub(super) ends: Option<DateTime<Utc>>,
}

/// The changes of a schedule. A phase does not name the items of the subscription, so what it
/// changes is told by price and quantity.
pub(super) fn changes(id: &str, schedule: &Schedule) -> Vec<Planned> {
    let mut found = Vec::new();
    for phases in schedule.phases.windows(2) {
        let [earlier, later] = phases else { continue };
        if schedule.stopped.is_some_and(|stopped| stopped <= later.start) {
            break;
        }
        let mut gone = earlier.items.clone();
        let mut come = later.items.clone();
        come.retain(|item| {
            let stays = gone.iter().position(|other| other == item);
            stays.map(|index| gone.remove(index)).is_none()
        });
        let mut push = |before: Option<(String, Decimal)>, after: Option<(String, Decimal)>| {
            found.push(Planned {
                at: later.start,
                before: before.map(|item| state(item, earlier.currency)),
                after: after.map(|item| state(item, later.currency)),
                origin: format!("subscription_schedules/{id}"),
            });
        };
        for (price, quantity) in come {
            // The same price at another quantity, else another price in the place of one.
            let same = gone.iter().position(|(other, _)| *other == price);
            let before = (!gone.is_empty()).then(|| gone.remove(same.unwrap_or(0)));
            push(before, Some((price, quantity)));
        }
        gone.into_iter().for_each(|item| push(Some(item), None));
    }
    found
}

/// What a schedule that has not made its subscription yet will begin with, and all changes after.
pub(super) fn begins(id: &str, schedule: &Schedule) -> Vec<Planned> {
    let first = schedule.phases.first();
    let begun = first.into_iter().flat_map(|first| {
        first.items.iter().map(|item| Planned {
            at: first.start,
            before: None,
            after: Some(state(item.clone(), first.currency)),
            origin: format!("subscription_schedules/{id}"),
        })
    });
    begun.chain(changes(id, schedule)).collect()
}

fn state((price, quantity): (String, Decimal), currency: Option<Currency>) -> State {
    State { price, quantity, currency }
}

/// The planned changes that lead from one state to another between two instants; `None` when no
/// plan does.
pub(super) fn path<'a>(
    from: &State,
    to: &State,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
    planned: &'a [Planned],
) -> Option<Vec<&'a Planned>> {
    let mut state = from;
    let mut path = Vec::new();
    for step in planned.iter().filter(|step| after < step.at && step.at <= until) {
        let (Some(before), Some(after)) = (&step.before, &step.after) else { continue };
        if before.agrees(state) {
            state = after;
            path.push(step);
        }
    }
    state.agrees(to).then_some(path)
}
