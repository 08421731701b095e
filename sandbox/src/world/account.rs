//! One account from sign-up to now: what it subscribes to, when it leaves and whether it comes back.

use chrono::Datelike;

use super::billed::Billed;
use super::catalogue::{Catalogue, CouponNumber, Reduction};
use super::clock::{DAY, Horizon, Moment};
use super::customer::Customer;
use super::cycle::{Cycle, Interval};
use super::discount::{CustomerDiscount, Discount};
use super::habits::{Habits, time_of_day};
use super::life::{self, Life};
use super::money::Currency;
use super::subscription::{Act, Change, Opening, Subscription};
use crate::random::{Purpose, Random};

/// A customer with all that it ever subscribed to.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its number in the world.
    pub number: u32,
    /// Who it is.
    pub customer: Customer,
    /// In the order of their numbers.
    pub subscriptions: Vec<Subscription>,
    /// The customer's own coupons, one after the other.
    pub discounts: Vec<CustomerDiscount>,
    /// When the customer was deleted, if it was.
    pub deleted: Option<Moment>,
    /// Where it is billed.
    pub billed: Billed,
}

impl Account {
    /// A customer before anything has happened.
    pub fn empty(number: u32, customer: Customer) -> Self {
        let (subscriptions, discounts) = (Vec::new(), Vec::new());
        Self { number, customer, subscriptions, discounts, deleted: None, billed: Billed::Anywhere }
    }

    /// A subscription by its number. They are in the order of their numbers, and an account as it was in the past may
    /// lack some.
    pub fn subscription(&self, number: u16) -> &Subscription {
        let place = self.subscriptions.binary_search_by_key(&number, |subscription| subscription.number);
        &self.subscriptions[place.expect("whoever names a subscription has it from this account")]
    }

    /// All coupons ever used: the customer's own and those of its subscriptions.
    pub fn coupons_used(&self) -> impl Iterator<Item = CouponNumber> {
        let attached = self.subscriptions.iter().flat_map(Subscription::all_discounts);
        attached.map(|discount| discount.coupon).chain(self.discounts.iter().map(|discount| discount.coupon))
    }

    /// The customer's coupon that works at a moment, for the subscriptions that have none of their own.
    pub fn discount_at(&self, moment: Moment) -> Option<&CustomerDiscount> {
        self.discounts.iter().find(|discount| discount.works_at(moment))
    }

    /// Lives the account with this number. It draws from a stream of its own, so it is the same in a world of
    /// three hundred accounts and in one of a million.
    pub fn live(seed: u64, number: u32, horizon: Horizon, catalogue: &Catalogue) -> Self {
        let mut random = Random::stream(seed, Purpose::Account, u64::from(number));
        let customer = Customer::draw(&mut random, number, horizon);
        let mut account = Self::empty(number, customer);
        if random.per_mille(80) {
            return account; // Signed up, looked around, never subscribed.
        }
        let habits = Habits::draw(&mut random);
        let mut start = first_start(&mut random, account.customer.created, &habits, horizon);
        while start < horizon.now {
            let ended = account.subscribe(&mut random, start, &habits, horizon, catalogue);
            match ended.and_then(|ended| return_after(&mut random, ended)) {
                Some(again) => start = again,
                None => break,
            }
        }
        if random.per_mille(60)
            && let Some(first) = account.subscriptions.first().map(Subscription::started)
        {
            let day = first.day_start().plus_seconds(random.between(5, 250) * DAY);
            let start = time_of_day(&mut random, day);
            if start < horizon.now {
                account.subscribe(&mut random, start, &habits, horizon, catalogue);
            }
        }
        account
    }

    /// Adds a subscription that starts at a moment; answers when it ended, if it did.
    fn subscribe(
        &mut self,
        random: &mut Random,
        start: Moment,
        habits: &Habits,
        horizon: Horizon,
        catalogue: &Catalogue,
    ) -> Option<Moment> {
        let currency = self.customer.currency;
        let cycle = Cycle { anchor: start, interval: habits.interval };
        let items = life::first_items(random, catalogue, habits, cycle, currency);
        let discount = |coupon| Discount { number: 0, coupon, item: None, start, end: None };
        let discounts = draw_coupon(random, catalogue, currency).map(discount).into_iter().collect();
        let mut subscription = Subscription {
            number: self.subscriptions.len() as u16,
            currency,
            schedule: None,
            history: vec![Change {
                at: start,
                act: Act::Started { cycle, items, opening: Opening::AtOnce, discounts },
            }],
        };
        Life { random, catalogue, horizon, habits, subscription: &mut subscription }.run();
        let ended = subscription.ended();
        self.subscriptions.push(subscription);
        ended
    }
}

/// The first subscription starts with the sign-up or some days later; now and then on a day that months lack.
fn first_start(random: &mut Random, created: Moment, habits: &Habits, horizon: Horizon) -> Moment {
    if random.per_mille(300) {
        return created;
    }
    let day = created.day_start().plus_seconds(random.between(0, 30) * DAY);
    let mut start = time_of_day(random, day).max(created);
    if habits.interval == Interval::Year && random.per_mille(250) {
        start = next_day_where(start, |month, day| month == 2 && day == 29);
    } else if random.per_mille(120) {
        let wanted = random.between(29, 31) as u32;
        start = next_day_where(start, |_, day| day == wanted);
    }
    if start < horizon.now { start } else { created }
}

/// The same time of day on the next day that the calendar has and the rule wants (within nine years).
fn next_day_where(start: Moment, wanted: impl Fn(u32, u32) -> bool) -> Moment {
    let mut moment = start;
    for _ in 0..9 * 366 {
        let date = moment.utc();
        if wanted(date.month(), date.day()) {
            break;
        }
        moment = moment.plus_seconds(DAY);
    }
    moment
}

/// Some come back: a few within the hour, which is a move between plans, most after weeks or months.
fn return_after(random: &mut Random, ended: Moment) -> Option<Moment> {
    if !random.per_mille(350) {
        return None;
    }
    if random.per_mille(250) {
        return Some(ended.plus_seconds(random.between(1, 3_600)));
    }
    let day = ended.day_start().plus_seconds(random.between(3, 200) * DAY);
    Some(time_of_day(random, day))
}

/// Three in ten subscriptions have a coupon, of which the very large ones are rare.
fn draw_coupon(random: &mut Random, catalogue: &Catalogue, currency: Currency) -> Option<CouponNumber> {
    if !random.per_mille(300) {
        return None;
    }
    let large = random.per_mille(100);
    let fits = |reduction: Reduction| match reduction {
        Reduction::Percent(_) => !large,
        Reduction::Fixed(of, amount) => of == currency && large == (amount > 5_000),
    };
    let usable: Vec<usize> = (0..catalogue.coupons.len()).filter(|&n| fits(catalogue.coupons[n].reduction)).collect();
    if usable.is_empty() { None } else { Some(CouponNumber(*random.one_of(&usable))) }
}
