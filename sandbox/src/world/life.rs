//! The life of one subscription: change after change until it ends or virtual now is reached.

use super::catalogue::{Catalogue, ProductKind, ProductNumber};
use super::clock::{DAY, Horizon, Moment};
use super::contract::Contract;
use super::cycle::Cycle;
use super::habits::{Habits, time_of_day};
use super::money::Currency;
use super::subscription::{Act, Change, Item, Subscription};
use crate::random::Random;

/// The items that a subscription starts with: a plan, then add-ons.
pub fn first_items(
    random: &mut Random,
    catalogue: &Catalogue,
    habits: &Habits,
    cycle: Cycle,
    currency: Currency,
) -> Vec<Item> {
    let mut products = vec![*random.one_of(&catalogue.products_of(ProductKind::Plan))];
    let mut add_ons = catalogue.products_of(ProductKind::AddOn);
    for _ in 0..habits.add_ons.min(add_ons.len()) {
        products.push(add_ons.remove(random.below(add_ons.len() as u64) as usize));
    }
    let item = |(number, &product): (usize, &ProductNumber)| Item {
        number: number as u16,
        price: catalogue.price_on_offer(product, cycle.interval, currency, cycle.anchor),
        quantity: random.between(1, if number == 0 { 25 } else { 8 }) as u32,
        added: cycle.anchor,
    };
    products.iter().enumerate().map(item).collect()
}

/// A subscription being lived.
pub struct Life<'a> {
    /// The account's stream.
    pub random: &'a mut Random,
    /// What is on offer.
    pub catalogue: &'a Catalogue,
    /// How far time goes.
    pub horizon: Horizon,
    /// The account's habits.
    pub habits: &'a Habits,
    /// What is written.
    pub subscription: &'a mut Subscription,
}

impl Life<'_> {
    /// Adds changes until the subscription ends or now is reached.
    pub fn run(&mut self) {
        let mut contract = self.subscription.contract();
        let mut last = self.subscription.started();
        while let Some(at) = self.next_moment(last, contract.cycle) {
            last = at;
            for change in self.decide(at, &contract) {
                contract.apply(&change);
                last = change.at;
                self.subscription.history.push(change);
            }
            if !contract.in_force || contract.end_requested.is_some() {
                break;
            }
        }
    }

    /// When the account next thinks about its subscription: usually in some weeks, now and then in a moment.
    fn next_moment(&mut self, last: Moment, cycle: Cycle) -> Option<Moment> {
        let soon = self.random.per_mille(150);
        let mut at = if soon {
            last.plus_seconds(self.random.between(1, 9_000))
        } else {
            let day = last.day_start().plus_seconds(self.random.between(2, 80) * DAY);
            time_of_day(self.random, day)
        };
        at = at.max(last.plus_seconds(1));
        // A change at the very second of a renewal is the one case whose order nobody documents.
        if cycle.period_at(at).from == at {
            at = at.plus_seconds(1);
        }
        (at < self.horizon.now).then_some(at)
    }

    fn decide(&mut self, at: Moment, contract: &Contract) -> Vec<Change> {
        let one = |act: Act| vec![Change { at, act }];
        match self.random.below(1000) {
            0..480 => one(self.change_seats(contract)),
            480..600 => one(self.move_plan(contract, at)),
            600..650 => one(self.switch_interval(contract, at)),
            650..880 if self.habits.a_la_carte() => one(self.add_or_remove(contract, at)),
            650..880 => one(self.change_seats(contract)),
            880..925 => self.request_end(contract, at),
            925..945 => one(Act::EndedAtOnce),
            _ => Vec::new(),
        }
    }
}
