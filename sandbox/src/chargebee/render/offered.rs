//! What is planned. Whoever plans one change schedules it, or makes a ramp; several are ramps.

use serde_json::{Value, json};

use super::amount::fine_cents;
use super::names::is_plan;
use super::{Catalog, Seen};
use crate::delivery::fold;
use crate::world::contract::Contract;
use crate::world::schedule::Phase;
use crate::world::subscription::{Item, Subscription};

impl Seen<'_> {
    /// The phases that lie ahead. A plan that has ended or was left plans nothing.
    pub(super) fn ahead<'s>(&self, subscription: &'s Subscription) -> impl Iterator<Item = &'s Phase> + use<'s> {
        let (at, in_force) = (self.view.at, subscription.contract().in_force);
        let phases = subscription.schedule.iter().flat_map(|schedule| &schedule.phases);
        phases.filter(move |phase| phase.from > at && in_force)
    }

    /// Whether what is planned is one change that was scheduled. Catalog 1.0 has no ramps, and tells the next change alone.
    pub(super) fn is_one_change(&self, subscription: &Subscription) -> bool {
        let phases = subscription.schedule.as_ref().map_or(0, |schedule| schedule.phases.len());
        self.view.catalog == Catalog::V1 || phases <= 2 && fold(&self.id_of(subscription)).is_multiple_of(2)
    }

    /// The subscription with the changes that are scheduled: as it is where only ramps are; none without anything planned.
    pub fn with_scheduled_changes(&self, subscription: &Subscription) -> Option<Value> {
        let phase = self.ahead(subscription).next()?;
        let contract = subscription.contract();
        if !self.is_one_change(subscription) {
            return self.under(subscription, contract);
        }
        self.under(subscription, Contract { items: phase.items.clone(), ..contract })
    }

    /// The phases that lie ahead as ramps.
    pub fn ramps(&self, subscription: &Subscription) -> Vec<Value> {
        if self.is_one_change(subscription) {
            return Vec::new();
        }
        let mut before: Vec<Item> = subscription.contract().items;
        let mut all = Vec::new();
        for phase in self.ahead(subscription) {
            let is_new =
                |item: &&Item| before.iter().all(|other| self.view.price_of(other) != self.view.price_of(item));
            let told = |item: &Item| {
                let price = self.view.company.catalogue.price(item.price);
                json!({
                    "item_price_id": self.view.price_of(item),
                    "item_type": if is_plan(item.number) { "plan" } else { "addon" },
                    "quantity": item.quantity,
                    "amount": fine_cents(price.charge(item.quantity), subscription.currency),
                })
            };
            let gone = before
                .iter()
                .filter(|old| phase.items.iter().all(|new| self.view.price_of(new) != self.view.price_of(old)));
            let gone: Vec<String> = gone.map(|item| self.view.price_of(item)).collect();
            let kept = phase.items.iter().filter(|item| !is_new(item));
            all.push(json!({
                "id": format!("{}-{}", self.id_of(subscription), phase.from.0),
                "subscription_id": self.id_of(subscription),
                "effective_from": phase.from.0,
                "status": "scheduled",
                "created_at": subscription.created().0,
                "items_to_add": phase.items.iter().filter(is_new).map(told).collect::<Vec<_>>(),
                "items_to_update": kept.map(told).collect::<Vec<_>>(),
                "items_to_remove": gone,
                "deleted": false,
                "object": "ramp",
            }));
            before.clone_from(&phase.items);
        }
        all
    }
}
