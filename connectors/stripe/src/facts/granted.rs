//! The discounts of a contract, each with the time in which it was attached.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::attached::{Attachment, By, Sight, follow};
use super::contract::Contract;
use super::known::{Presence, Snapshot};
use super::registry::{Entry, Registry};
use crate::model::{Attached, Status};

/// A discount that begins so soon after its subscription was made was given with it.
const GIVEN_WITH_THE_START: TimeDelta = TimeDelta::days(1);

/// A discount on a subscription or on one of its items.
pub(super) struct Granted<'a> {
    pub(super) entry: &'a Entry,
    /// The item that it is on; `None` when it is on the subscription.
    pub(super) item: Option<String>,
    pub(super) attached: Attachment,
}

/// When a discount was first seen, and at which place among others: the order in which they work.
type Place = (DateTime<Utc>, usize);

impl Contract<'_> {
    /// Its own discounts, in the order in which they work, and the ids that stand nowhere.
    pub(super) fn granted<'r>(&self, registry: &'r Registry) -> (Vec<Granted<'r>>, BTreeSet<(String, String)>) {
        let mut unknown = BTreeSet::new();
        let mut found: Vec<(Place, Granted<'r>)> = Vec::new();
        for ((id, item), (place, path)) in self.targets(registry) {
            let Some(entry) = registry.get(&id) else {
                unknown.insert((path, id));
                continue;
            };
            let sights = self.sights(&id, item.as_deref(), registry);
            let mine = |line: &&crate::model::Line| line.is_period() && line.named.contains(&id);
            let covered: Vec<_> = self.bills.lines.iter().filter(mine).map(|line| line.end).collect();
            let attached = follow(&entry.applied, self.is_late(entry.applied.start), sights, &covered);
            found.push((place, Granted { entry, item, attached }));
        }
        // Items' discounts come before the whole's; where they come from does not matter.
        found.sort_by(|(a, one), (b, other)| {
            (a, &one.entry.applied.id, &one.item).cmp(&(b, &other.entry.applied.id, &other.item))
        });
        (found.into_iter().map(|(_, granted)| granted).collect(), unknown)
    }

    /// Whether something began after the subscription.
    pub(super) fn is_late(&self, start: DateTime<Utc>) -> bool {
        let made = self.known.map_or(self.start, |known| known.newest().created.max(self.start));
        start > made + GIVEN_WITH_THE_START
    }

    /// The discounts that known states and bills show, with the item that each is on, its place
    /// and its path in the newest state.
    fn targets(&self, registry: &Registry) -> BTreeMap<(String, Option<String>), (Place, String)> {
        let mut targets: BTreeMap<(String, Option<String>), (Place, String)> = BTreeMap::new();
        for snapshot in self.known.iter().flat_map(|known| known.snapshots()) {
            for (index, (item, attached)) in shown(snapshot).enumerate() {
                let target = (attached.id.clone(), item.map(str::to_owned));
                let (_, path) = targets.entry(target).or_insert_with(|| ((snapshot.at, index), String::new()));
                path.clone_from(&attached.path);
            }
        }
        for bill in &self.bills.bills {
            for (index, id) in bill.discounts.iter().enumerate() {
                let Some(entry) = registry.get(id) else { continue };
                let applied = &entry.applied;
                let other = applied.subscription.as_deref().is_some_and(|of| of != self.id);
                if applied.of_customer() || applied.invoice_only || other {
                    continue;
                }
                let place = (bill.at, index);
                match targets.iter_mut().find(|((known, _), _)| known == id) {
                    Some((_, (known, _))) => *known = place.min(*known),
                    None => drop(targets.insert((id.clone(), applied.item.clone()), (place, String::new()))),
                }
            }
        }
        targets
    }

    fn sights(&self, id: &str, item: Option<&str>, registry: &Registry) -> Vec<Sight> {
        let mut sights: Vec<Sight> = Vec::new();
        for snapshot in self.known.iter().flat_map(|known| known.snapshots()) {
            let is_shown = shown(snapshot).any(|(of, attached)| of == item && attached.id == id);
            let untold = item.is_some_and(|item| matches!(snapshot.item(item), Presence::Untold));
            // What has ended keeps nothing of value, and what it lacks then, it need not have lacked.
            let ended = snapshot.subscription.status == Status::Canceled;
            if is_shown || !(untold || ended) {
                let by = match (snapshot.seen, snapshot.exact) {
                    (true, _) => By::State,
                    (false, true) => By::Event,
                    (false, false) => By::Before,
                };
                sights.push(Sight { at: snapshot.at, shown: is_shown, by, origin: snapshot.origin.clone() });
            }
        }
        sights.extend(registry.sights(id));
        for bill in &self.bills.bills {
            let named = bill.discounts.iter().any(|named| named == id);
            if named || bill.telling {
                sights.push(Sight { at: bill.at, shown: named, by: By::Bill, origin: bill.origin.clone() });
            }
        }
        sights
    }
}

impl Registry {
    /// What events tell of a discount.
    pub(super) fn sights(&self, id: &str) -> impl Iterator<Item = Sight> {
        let events = self.events.iter().filter(move |event| event.id == id);
        events.map(|event| Sight { at: event.at, shown: event.came, by: By::Event, origin: event.origin.clone() })
    }
}

fn shown(snapshot: &Snapshot) -> impl Iterator<Item = (Option<&str>, &Attached)> {
    let subscription = &snapshot.subscription;
    let of_items = subscription.items.iter();
    let of_items = of_items.flat_map(|item| item.discounts.iter().map(|attached| (Some(item.id.as_str()), attached)));
    of_items.chain(subscription.discounts.iter().map(|attached| (None, attached)))
}
