//! The accounts of the full repertoire. Each draws from a stream of its own and tells a tale of subscriptions to which
//! the things happen that the plain world lacks.
//!
//! A tale is told forward in time: every step begins after the one before has ended, so that at any moment at most one
//! thing is under way.

mod coupons;
mod pricing;
mod standing;
mod terms;

use super::account::Account;
use super::catalogue::Catalogue;
use super::clock::{DAY, Horizon, Moment};
use super::contract::Contract;
use super::customer::Customer;
use super::cycle::{Cycle, Interval};
use super::discount::Discount;
use super::habits::time_of_day;
use super::money::Currency;
use super::subscription::{Act, Change, Item, Opening, PauseBehavior, Subscription, Why};
use crate::random::{Purpose, Random};

/// In so many of a thousand accounts something special happens.
const SPECIAL: u64 = 560;

/// The account with this number, if it is one to which something special happens.
pub(super) fn account(seed: u64, number: u32, horizon: Horizon, catalogue: &Catalogue) -> Option<Account> {
    let mut random = Random::stream(seed, Purpose::Repertoire, u64::from(number));
    if !random.per_mille(SPECIAL) {
        return None;
    }
    let mut customer = Customer::draw(&mut random, number, horizon);
    let foreign = match random.below(1000) {
        0..110 => Some(("JP", "Osaka", Currency::Jpy)),
        110..140 => Some(("KW", "Kuwait City", Currency::Kwd)),
        _ => None,
    };
    if let Some((country, city, currency)) = foreign {
        (customer.country, customer.city, customer.currency) = (country, city, currency);
    }
    let mut account = Account::empty(number, customer);
    let mut start = account.customer.created;
    coupons::of_the_customer(&mut random, &mut account, catalogue, horizon);
    for _ in 0..3 {
        let ended = Tale::begin(&mut random, &mut account, catalogue, horizon, start).tell();
        let Some(ended) = ended.filter(|_| random.per_mille(400)) else { break };
        let day = ended.day_start().plus_seconds(random.between(3, 160) * DAY);
        start = time_of_day(&mut random, day);
        if start >= horizon.now {
            break;
        }
    }
    standing::delete_customer(&mut random, &mut account, horizon);
    Some(account)
}

/// One subscription being told.
struct Tale<'a> {
    random: &'a mut Random,
    account: &'a mut Account,
    catalogue: &'a Catalogue,
    horizon: Horizon,
    subscription: Subscription,
    contract: Contract,
    /// Until when everything has been told.
    at: Moment,
    next_item: u16,
    next_discount: u16,
    /// What will happen of itself, unless the subscription ends before.
    planned: Vec<(Moment, Act)>,
}

impl<'a> Tale<'a> {
    fn begin(
        random: &'a mut Random,
        account: &'a mut Account,
        catalogue: &'a Catalogue,
        horizon: Horizon,
        start: Moment,
    ) -> Self {
        let subscription = Subscription {
            number: account.subscriptions.len() as u16,
            currency: account.customer.currency,
            schedule: None,
            history: Vec::new(),
        };
        let contract = Contract::default();
        Self {
            random,
            account,
            catalogue,
            horizon,
            subscription,
            contract,
            at: start,
            next_item: 0,
            next_discount: 0,
            planned: Vec::new(),
        }
    }

    /// Tells it to its end or to now; answers when it ended, if it did.
    fn tell(mut self) -> Option<Moment> {
        let interval = self.draw_interval();
        self.open(interval);
        while self.contract.in_force {
            let Some(at) = self.next_moment() else { break };
            self.step(at);
        }
        self.happen_until(self.horizon.now.plus_seconds(-1));
        let ended = self.subscription.ended();
        self.account.subscriptions.push(self.subscription);
        ended
    }

    fn step(&mut self, at: Moment) {
        let brief = self.contract.cycle.interval == Interval::Day;
        match self.random.below(1000) {
            _ if brief && self.random.per_mille(500) => self.push(at, Act::EndedAtOnce),
            0..300 => self.change_seats(at),
            300..370 => self.change_price(at),
            370..394 => self.change_coupon(at),
            394..470 => self.change_standing(at),
            470..485 => self.pause(at),
            485..535 => self.reanchor(at),
            535..605 => self.end_somehow(at),
            605..725 => self.correct_money(at),
            725..740 => self.pause_money_alone(at),
            740..745 => self.change_seats_for_nothing(at),
            _ => self.at = at,
        }
    }

    /// Remembers what will happen of itself.
    fn plan(&mut self, at: Moment, act: Act) {
        self.planned.push((at, act));
        self.planned.sort_by_key(|(at, _)| *at);
    }

    /// Writes what has happened of itself up to a moment.
    fn happen_until(&mut self, moment: Moment) {
        while self.contract.in_force && self.planned.first().is_some_and(|(at, _)| *at <= moment) {
            let (at, act) = self.planned.remove(0);
            let gone = |number: &u16| self.contract.discounts.iter().all(|discount| discount.number != *number);
            if matches!(&act, Act::DiscountEnded { number } if gone(number)) {
                continue;
            }
            self.write(at, act);
        }
    }

    /// Writes a change and what has happened of itself before it.
    fn push(&mut self, at: Moment, act: Act) {
        self.happen_until(at.min(self.horizon.now.plus_seconds(-1)));
        self.write(at, act);
    }

    /// Writes a change; one that now has not reached yet never happens.
    fn write(&mut self, at: Moment, act: Act) {
        if at >= self.horizon.now {
            self.at = self.horizon.now;
            return;
        }
        let change = Change { at, act };
        self.contract.apply(&change);
        self.at = self.at.max(at);
        self.subscription.history.push(change);
    }

    /// When the next thing happens: some days or weeks on, never at the second of a renewal.
    fn next_moment(&mut self) -> Option<Moment> {
        let day = self.at.day_start().plus_seconds(self.random.between(1, 60) * DAY);
        let at = time_of_day(self.random, day).max(self.at.plus_seconds(1));
        self.within_period(at)
    }

    /// Moves a moment off the second of a renewal, whose order with other changes nobody documents.
    fn within_period(&self, at: Moment) -> Option<Moment> {
        let at = if self.contract.period_at(at).from == at { at.plus_seconds(1) } else { at };
        (at < self.horizon.now).then_some(at)
    }

    /// So many days on, within the day.
    fn days_on(&mut self, from: Moment, least: i64, most: i64) -> Moment {
        from.plus_seconds(self.random.between(least, most) * DAY + self.random.between(60, 7_200))
    }
}
