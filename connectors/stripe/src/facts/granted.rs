//! The discounts of a contract, each with the time in which it was attached.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::attached::{Attachment, By, Sight, follow};
use super::bills::Bill;
use super::contract::{Contract, FROM_THE_START};
use super::known::{Presence, Snapshot};
use super::registry::{Entry, Registry};
use crate::model::{Applied, Attached, Status};

/// A discount that begins so soon after its subscription was made was given with it.
const GIVEN_WITH_THE_START: TimeDelta = TimeDelta::days(1);

/// A discount on a subscription or on one of its items.
pub(super) struct Granted<'a> {
    pub(super) entry: &'a Entry,
    /// The item that it is on; `None` when it is on the subscription.
    pub(super) item: Option<String>,
    pub(super) attached: Attachment,
}

/// A discount that stands nowhere: the record that names it and the path there, and its id.
pub(super) type Unknown = ((String, String), String);

/// Discounts by id and by the item that each is on, with their places and what showed them last.
type Targets = BTreeMap<(String, Option<String>), (Place, (String, String))>;

/// When a discount was first seen, and at which place among others: the order in which they work.
type Place = (DateTime<Utc>, usize);

impl Contract<'_> {
    /// Its own discounts, in the order in which they work, and the ids that stand nowhere.
    pub(super) fn granted<'r>(&self, registry: &'r Registry) -> (Vec<Granted<'r>>, BTreeSet<Unknown>) {
        let mut unknown = BTreeSet::new();
        let mut found: Vec<(Place, Granted<'r>)> = Vec::new();
        for ((id, item), (place, shown_by)) in self.targets(registry) {
            let Some(entry) = registry.get(&id) else {
                unknown.insert((shown_by, id));
                continue;
            };
            let sights = self.sights(&id, item.as_deref(), registry);
            let attached = follow(&entry.applied, self.is_late(&entry.applied), sights);
            found.push((place, Granted { entry, item, attached }));
        }
        // Items' discounts come before the whole's; where they come from does not matter.
        found.sort_by(|(a, one), (b, other)| {
            (a, &one.entry.applied.id, &one.item).cmp(&(b, &other.entry.applied.id, &other.item))
        });
        (found.into_iter().map(|(_, granted)| granted).collect(), unknown)
    }

    /// Whether a discount was given after the start: it began later, or a bill from before does not
    /// name it.
    fn is_late(&self, applied: &Applied) -> bool {
        let before = applied.start - FROM_THE_START;
        let lacks = |bill: &Bill| bill.telling && bill.at < before && !bill.discounts.contains(&applied.id);
        applied.start > self.made() + GIVEN_WITH_THE_START || self.bills.bills.iter().any(lacks)
    }

    /// The discounts that known states and bills show.
    fn targets(&self, registry: &Registry) -> Targets {
        let mut targets = Targets::new();
        for snapshot in self.known.iter().flat_map(|known| known.snapshots()) {
            for (index, (item, attached)) in shown(snapshot).enumerate() {
                let target = (attached.id.clone(), item.map(str::to_owned));
                let place = (snapshot.at, index);
                let known = targets.entry(target).or_insert_with(|| (place, Default::default()));
                known.1 = (snapshot.origin.clone(), attached.path.clone());
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
                    None => drop(targets.insert((id.clone(), applied.item.clone()), (place, Default::default()))),
                }
            }
        }
        targets
    }

    fn sights(&self, id: &str, item: Option<&str>, registry: &Registry) -> Vec<Sight> {
        // Of one second: it comes, is shown or not, and goes.
        let (mut sights, gone): (Vec<Sight>, Vec<Sight>) = registry.sights(id).partition(|sight| sight.shown);
        for snapshot in self.known.iter().flat_map(|known| known.snapshots()) {
            let is_shown = shown(snapshot).any(|(of, attached)| of == item && attached.id == id);
            let untold = item.is_some_and(|item| matches!(snapshot.item(item), Presence::Untold));
            // What has ended keeps nothing of value, and what it lacks then, it need not have lacked.
            let ended = snapshot.subscription.status == Status::Canceled;
            if is_shown || !(untold || ended) {
                let by = match (snapshot.seen, snapshot.exact) {
                    (true, _) => By::State,
                    (false, true) => By::Event,
                    (false, false) => By::Untimed,
                };
                sights.push(Sight { at: snapshot.at, shown: is_shown, by, origin: snapshot.origin.clone() });
            }
        }
        sights.extend(gone);
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
