//! Changes that a schedule planned and that came about: they are dated to the second.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::history::State;
use crate::model::Schedule;

/// A change from one phase of a schedule to the next.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) at: DateTime<Utc>,
    pub(super) before: State,
    pub(super) after: State,
    /// The schedule, as `stream/id`.
    pub(super) origin: String,
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
        for (price, quantity) in come {
            // The same price at another quantity, else another price in the place of one.
            let same = gone.iter().position(|(other, _)| *other == price);
            if gone.is_empty() {
                break;
            }
            let before = gone.remove(same.unwrap_or(0));
            found.push(Planned {
                at: later.start,
                before: state(before),
                after: state((price, quantity)),
                origin: format!("subscription_schedules/{id}"),
            });
        }
    }
    found
}

fn state((price, quantity): (String, Decimal)) -> State {
    State { price, quantity, currency: None }
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
        if step.before.agrees(state) {
            state = &step.after;
            path.push(step);
        }
    }
    state.agrees(to).then_some(path)
}
