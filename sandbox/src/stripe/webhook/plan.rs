//! Which events are posted, how often, and in which order: all of it follows from the seed.

use std::sync::Arc;

use super::Webhook;
use crate::random::{Purpose, mix};
use crate::stripe::events::Event;
use crate::stripe::ids::fold;

/// What is posted after an advance, in this order. The events come newest first.
pub(super) fn plan(webhook: &Webhook, seed: u64, events: &[Arc<Event>]) -> Vec<Arc<Event>> {
    let draw = |event: &Event, of: u64| mix(seed, Purpose::Delivery, &[fold(&event.id), of]);
    let chosen = |event: &Event, of: u64, percent: u64| draw(event, of) % 100 < percent;
    let mut posts: Vec<(u64, Arc<Event>)> = Vec::new();
    for event in events.iter().rev().filter(|event| !chosen(event, 1, webhook.webhook_drop)) {
        let copies = if chosen(event, 2, webhook.webhook_duplicates) { 2 } else { 1 };
        posts.extend((0..copies).map(|copy| (draw(event, 3 + copy), event.clone())));
    }
    if webhook.webhook_shuffle {
        posts.sort_by_key(|(place, _)| *place);
    }
    posts.into_iter().map(|(_, event)| event).collect()
}
