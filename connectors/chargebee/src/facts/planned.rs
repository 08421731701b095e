//! What is planned: ramps, each a change of items on a day to come.

use super::contract::Contract;
use super::gather::By;
use super::history::Entry;
use crate::model::{Item, Kind};

impl Contract<'_> {
    /// Adds a state for each ramp behind the newest one.
    pub(super) fn plan(&mut self) {
        let mut ramps: Vec<_> = self.told.ramps.iter().collect();
        ramps.sort_by_key(|(ramp, origin)| (ramp.at, origin));
        for (ramp, origin) in ramps {
            let Some(last) = self.entries.last().filter(|last| last.at < ramp.at) else { continue };
            if !last.subscription.status.in_force() {
                return;
            }
            let mut subscription = last.subscription.clone();
            subscription.items.retain(|item| !ramp.removed.contains(&item.price));
            for changed in &ramp.changed {
                put(&mut subscription.items, changed);
            }
            self.entries.push(Entry { at: ramp.at, subscription, origin: origin.clone(), by: By::Record });
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
