//! The order of what was told of a subscription. Events have stamps of whole seconds, and several
//! of one second come in any order; what was read has the stamp of another clock.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::model::{Status, Subscription};

/// What a version or an event tells.
pub(super) struct Told {
    pub(super) at: DateTime<Utc>,
    /// Whether it was read; else it is an event.
    pub(super) version: bool,
    /// What it was right before, where an event tells.
    pub(super) before: Option<Subscription>,
    pub(super) after: Subscription,
    pub(super) origin: String,
}

/// What was read so soon before or after an event may have been rendered on the other side of it.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(1);

/// More events of one second than this are not tried in all orders.
const MOST_TRIED: usize = 5;

/// All that was told, in the order in which it was so.
pub(super) fn ordered(mut told: Vec<Told>) -> Vec<Told> {
    // Versions stay in their order; of events of one second the chain decides.
    told.sort_by(|a, b| (a.at, a.version, &a.origin).cmp(&(b.at, b.version, &b.origin)));
    let seconds: Vec<(usize, usize)> = same_second(&told);
    for (from, to) in seconds {
        let mut rest = told.split_off(from);
        let mut after = rest.split_off(to - from);
        let best = best_chain(told.last(), &rest, after.first());
        let mut slots: Vec<Option<Told>> = rest.into_iter().map(Some).collect();
        told.extend(best.into_iter().filter_map(|index| slots.get_mut(index).and_then(Option::take)));
        told.append(&mut after);
    }
    for index in 0..told.len() {
        settle(&mut told, index);
    }
    told
}

/// Runs of events of one second, longer than one.
fn same_second(told: &[Told]) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut from = 0;
    for run in told.chunk_by(|a, b| !a.version && !b.version && a.at == b.at) {
        if run.len() > 1 {
            runs.push((from, from + run.len()));
        }
        from += run.len();
    }
    runs
}

/// The order in which most events begin where the one before has ended, and the last of them ends
/// where what is known next begins.
fn best_chain(last: Option<&Told>, events: &[Told], next: Option<&Told>) -> Vec<usize> {
    let mut best: Option<(usize, Vec<usize>)> = None;
    if events.len() > MOST_TRIED {
        return greedy(last, events);
    }
    each_order(&mut Vec::new(), events.len(), &mut |order| {
        let chain = last.into_iter().chain(order.iter().filter_map(|&index| events.get(index))).chain(next);
        let chain: Vec<&Told> = chain.collect();
        let links = chain.windows(2).filter(|pair| follows(pair[0], pair[1])).count();
        if best.as_ref().is_none_or(|(most, _)| *most < links) {
            best = Some((links, order.to_vec()));
        }
    });
    best.map(|(_, order)| order).unwrap_or_default()
}

fn each_order(order: &mut Vec<usize>, count: usize, visit: &mut impl FnMut(&[usize])) {
    if order.len() == count {
        return visit(order);
    }
    for index in 0..count {
        if !order.contains(&index) {
            order.push(index);
            each_order(order, count, visit);
            order.pop();
        }
    }
}

fn greedy(last: Option<&Told>, events: &[Told]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..events.len()).collect();
    let mut order: Vec<usize> = Vec::new();
    while !left.is_empty() {
        let before = order.last().and_then(|&index| events.get(index)).or(last);
        let next = left
            .iter()
            .position(|&index| before.zip(events.get(index)).is_some_and(|(before, event)| follows(before, event)));
        order.push(left.remove(next.unwrap_or(0)));
    }
    order
}

/// Whether nothing was missed between the two.
fn follows(a: &Told, b: &Told) -> bool {
    let begins = b.before.as_ref().or(b.version.then_some(&b.after));
    begins.is_some_and(|begins| agree(&a.after, begins))
}

/// Puts a version on the other side of an event that is less than a minute away, where it shows
/// the state of that side and not of its own.
fn settle(told: &mut [Told], index: usize) {
    if !told[index].version {
        return;
    }
    let shows = |version: &Told, side: &Subscription| agree(&version.after, side);
    let mut index = index;
    while index > 0 {
        let [.., event, version] = &mut told[..=index] else { return };
        let before = event.before.as_ref().filter(|_| !event.version && version.at - event.at <= CLOCKS_DIFFER);
        if !before.is_some_and(|before| shows(version, before) && !shows(version, &event.after)) {
            break;
        }
        version.at = event.at;
        told.swap(index - 1, index);
        index -= 1;
    }
    while index + 1 < told.len() {
        let [version, event, ..] = &mut told[index..] else { return };
        let near = !event.version && event.at - version.at <= CLOCKS_DIFFER;
        let before = event.before.as_ref().filter(|_| near);
        if !before.is_some_and(|before| !shows(version, before) && shows(version, &event.after)) {
            break;
        }
        version.at = event.at;
        told.swap(index, index + 1);
        index += 1;
    }
}

/// Whether two states differ in nothing that has a bearing on revenue.
fn agree(a: &Subscription, b: &Subscription) -> bool {
    let cut = a.cut || b.cut;
    State::of(a, cut) == State::of(b, cut)
}

#[derive(PartialEq, Eq)]
struct State<'a> {
    status: Status,
    trial: Option<(DateTime<Utc>, DateTime<Utc>)>,
    ends: [Option<DateTime<Utc>>; 2],
    at_period_end: bool,
    items: Vec<(&'a str, &'a str, Decimal)>,
    discounts: Vec<&'a str>,
}

impl<'a> State<'a> {
    /// Of lists that were cut, nothing can be said.
    fn of(subscription: &'a Subscription, cut: bool) -> Self {
        let items = subscription.items.iter().filter(|_| !cut);
        let discounts = items.clone().flat_map(|item| &item.discounts).chain(&subscription.discounts);
        let mut state = Self {
            status: subscription.status,
            trial: subscription.trial,
            ends: [subscription.ended, subscription.cancel_at],
            at_period_end: subscription.cancel_at_period_end,
            items: items.map(|item| (item.id.as_str(), item.price.id.as_str(), item.quantity)).collect(),
            discounts: discounts.map(|attached| attached.id.as_str()).collect(),
        };
        state.items.sort_unstable();
        state.discounts.sort_unstable();
        state
    }
}
