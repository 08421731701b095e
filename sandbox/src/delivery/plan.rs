//! Which events are posted, how often, and in which order: all of it follows from the seed.

use std::sync::Arc;

use super::{Letter, Route, fold};
use crate::random::{Purpose, mix};

/// What is posted after an advance, in this order. The events come newest first.
pub(super) fn plan<L: Letter>(route: &Route, seed: u64, events: &[Arc<L>]) -> Vec<Arc<L>> {
    let draw = |event: &L, of: u64| mix(seed, Purpose::Delivery, &[fold(event.id()), of]);
    let chosen = |event: &L, of: u64, percent: u64| draw(event, of) % 100 < percent;
    let mut posts: Vec<(u64, Arc<L>)> = Vec::new();
    for event in events.iter().rev().filter(|event| !chosen(event, 1, route.drop)) {
        let copies = if chosen(event, 2, route.duplicates) { 2 } else { 1 };
        posts.extend((0..copies).map(|copy| (draw(event, 3 + copy), event.clone())));
    }
    if route.shuffle {
        posts.sort_by_key(|(place, _)| *place);
    }
    posts.into_iter().map(|(_, event)| event).collect()
}
