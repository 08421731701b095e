//! Changes that are planned: ramps.

use serde_json::{Value, json};

use super::Seen;
use super::amount::fine_cents;
use super::names::is_plan;
use crate::world::subscription::{Item, Subscription};

impl Seen<'_> {
    pub(super) fn has_ramps(&self, subscription: &Subscription) -> bool {
        !self.ramps(subscription).is_empty()
    }

    /// The phases that lie ahead.
    pub fn ramps(&self, subscription: &Subscription) -> Vec<Value> {
        let Some(schedule) = &subscription.schedule else { return Vec::new() };
        let contract = subscription.contract();
        // A plan that has ended or was left plans nothing.
        let ahead = schedule.phases.iter().filter(|phase| phase.from > self.view.at && contract.in_force);
        let mut before: Vec<Item> = contract.items;
        let mut all = Vec::new();
        for phase in ahead {
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
