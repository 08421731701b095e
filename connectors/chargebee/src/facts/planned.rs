//! What is planned: changes on a day to come, and ramps, each a change of items on a day of its own.

use chrono::{DateTime, Utc};

use super::contract::Contract;
use super::gather::By;
use super::history::Entry;
use crate::model::{Item, Kind, Ramp, Subscription};

/// One planned change.
enum Change<'a> {
    Ramp(&'a Ramp),
    /// The subscription as it will be.
    Whole(&'a Subscription),
}

impl Contract<'_> {
    /// Adds a state for each planned change behind the newest one.
    pub(super) fn plan(&mut self) {
        // An event may show that nothing is planned any more before the record is read again.
        if !self.entries.last().is_some_and(|newest| newest.subscription.planned) {
            return;
        }
        let mut changes: Vec<(DateTime<Utc>, Change<'_>)> = Vec::new();
        changes.extend(self.told.planned.changed.iter().map(|(at, changed)| (*at, Change::Whole(changed))));
        changes.extend(self.told.planned.ramps.iter().map(|ramp| (ramp.at, Change::Ramp(ramp))));
        changes.sort_by_key(|(at, _)| *at);
        for (at, change) in changes {
            let Some(last) = self.entries.last().filter(|last| last.at < at) else { continue };
            if !last.subscription.status.in_force() {
                return;
            }
            let mut subscription = last.subscription.clone();
            match change {
                Change::Ramp(ramp) => {
                    subscription.items.retain(|item| !ramp.removed.contains(&item.price));
                    ramp.changed.iter().for_each(|changed| put(&mut subscription.items, changed));
                }
                Change::Whole(changed) => {
                    subscription.items.clone_from(&changed.items);
                    subscription.reductions.clone_from(&changed.reductions);
                    subscription.interval = changed.interval;
                }
            }
            let origin = format!("subscriptions/{}", self.id);
            self.entries.push(Entry { at, subscription, origin, by: By::Plan });
        }
    }
}

/// Another plan takes the place of the plan, and an addon that of the same addon.
fn put(items: &mut Vec<Item>, changed: &Item) {
    let same = |item: &&mut Item| match changed.kind {
        Kind::Plan => item.kind == Kind::Plan,
        _ => item.key == changed.key,
    };
    match items.iter_mut().find(same) {
        Some(item) => item.clone_from(changed),
        None => items.push(changed.clone()),
    }
}
