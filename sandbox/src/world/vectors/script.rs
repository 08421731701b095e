//! How a case is written down: a customer, what it subscribes to, and what happens then.

use chrono::{NaiveDateTime, TimeZone};
use chrono_tz::Tz;

use crate::world::Company;
use crate::world::account::Account;
use crate::world::catalogue::{
    Catalogue, Coupon, CouponNumber, Duration, Price, PriceNumber, ProductKind, ProductNumber, Reduction,
};
use crate::world::clock::{Horizon, Moment};
use crate::world::customer::Customer;
use crate::world::cycle::{Cycle, Interval};
use crate::world::discount::Discount;
use crate::world::money::{Currency, Fine, Minor};
use crate::world::schedule::{Phase, Schedule};
use crate::world::subscription::{Act, Change, Edit, Item, Opening, Settlement, Subscription, Why};
use crate::world::tariff::Tariff;

/// Two years: they have a 29 February.
pub(super) const MONTHS: u32 = 24;

/// The company as far as it is written.
pub(super) struct Script {
    pub(super) company: Company,
}

/// A customer whose story is being written. Everything happens to its latest subscription.
pub(super) struct Case<'a> {
    company: &'a mut Company,
    account: usize,
    product: ProductNumber,
    currency: Currency,
}

/// A moment in UTC, such as `2025-03-16 12:00`.
pub(super) fn at(text: &str) -> Moment {
    in_zone(text, Tz::UTC)
}

/// A moment by the clocks of Berlin.
pub(super) fn in_berlin(text: &str) -> Moment {
    in_zone(text, Tz::Europe__Berlin)
}

fn in_zone(text: &str, zone: Tz) -> Moment {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a date and a time");
    Moment(zone.from_local_datetime(&time).earliest().expect("a time that the clocks show").timestamp())
}

/// Another price of the first item from now on, settled with the next bill.
pub(super) fn moved_to(price: PriceNumber) -> Act {
    Act::Amended { edits: vec![Edit::Price { item: 0, price }], settlement: Settlement::NextCycle }
}

/// So many units of the first item from now on, settled with the next bill.
pub(super) fn units(quantity: u32) -> Act {
    Act::Amended { edits: vec![Edit::Quantity { item: 0, quantity }], settlement: Settlement::NextCycle }
}

impl Script {
    pub(super) fn new() -> Self {
        let horizon = Horizon::of_months(MONTHS);
        let company = Company { seed: 0, horizon, catalogue: Catalogue::default(), accounts: Vec::new() };
        Self { company }
    }

    /// A customer, and the product that it buys.
    pub(super) fn customer(&mut self, name: &str, currency: Currency) -> Case<'_> {
        self.customer_of(name, name, currency)
    }

    /// A customer of a product that others buy as well.
    pub(super) fn customer_of(&mut self, product: &str, name: &str, currency: Currency) -> Case<'_> {
        let account = self.company.accounts.len();
        let created = self.company.horizon.begin.plus_seconds(account as i64);
        let customer = Customer {
            name: name.into(),
            email: format!("billing@case-{account}.example"),
            country: "DE",
            city: "Berlin",
            currency,
            created,
            crm_id: None,
        };
        self.company.accounts.push(Account::empty(account as u32, customer));
        let company = &mut self.company;
        let product = product_named(&mut company.catalogue, product, created);
        Case { company, account, product, currency }
    }
}

fn product_named(catalogue: &mut Catalogue, name: &str, created: Moment) -> ProductNumber {
    let known = catalogue.products.iter().position(|product| product.name == name);
    known.map_or_else(|| catalogue.add_product(name, ProductKind::Special, created), ProductNumber)
}

impl Case<'_> {
    /// A price of the customer's product.
    pub(super) fn price(&mut self, interval: Interval, tariff: Tariff) -> PriceNumber {
        let (product, currency) = (self.product, self.currency);
        let prices = &mut self.company.catalogue.prices;
        let same = |p: &Price| p.product == product && p.currency == currency && p.tariff == tariff;
        if let Some(known) = prices.iter().position(|price| same(price) && price.interval == interval) {
            return PriceNumber(known);
        }
        let created = self.company.horizon.begin.plus_seconds(prices.len() as i64);
        prices.push(Price { product, currency, interval, tariff, created, retired: None });
        PriceNumber(prices.len() - 1)
    }

    /// So much for each unit and month.
    pub(super) fn monthly(&mut self, amount: Minor) -> PriceNumber {
        self.price(Interval::Month, Tariff::PerUnit(Fine::of_minor(amount)))
    }

    /// So much for each unit and year.
    pub(super) fn yearly(&mut self, amount: Minor) -> PriceNumber {
        self.price(Interval::Year, Tariff::PerUnit(Fine::of_minor(amount)))
    }

    /// The same customer with another product.
    pub(super) fn also_buys(&mut self, product: &str) -> &mut Self {
        let created = self.company.accounts[self.account].customer.created;
        self.product = product_named(&mut self.company.catalogue, product, created);
        self
    }

    /// Subscribes to so many units of each price; the first one says how often it is billed.
    pub(super) fn subscribes(&mut self, start: Moment, wanted: &[(PriceNumber, u32)]) -> &mut Self {
        let interval = self.company.catalogue.price(wanted[0].0).interval;
        let item = |(number, &(price, quantity)): (usize, &(PriceNumber, u32))| Item {
            number: number as u16,
            price,
            quantity,
            added: start,
        };
        let started = Act::Started {
            cycle: Cycle { anchor: start, interval },
            items: wanted.iter().enumerate().map(item).collect(),
            opening: Opening::AtOnce,
            discounts: Vec::new(),
        };
        let account = &mut self.company.accounts[self.account];
        account.subscriptions.push(Subscription {
            number: account.subscriptions.len() as u16,
            currency: self.currency,
            schedule: None,
            history: vec![Change { at: start, act: started }],
        });
        self
    }

    /// It starts as a trial until then.
    pub(super) fn on_trial(&mut self, until: Moment) -> &mut Self {
        if let Act::Started { cycle, opening, .. } = &mut self.latest().history[0].act {
            (cycle.anchor, *opening) = (until, Opening::OnTrial { until });
        }
        self
    }

    /// It starts with a coupon on the whole.
    pub(super) fn with_coupon(&mut self, reduction: Reduction, duration: Duration) -> &mut Self {
        let coupon = self.coupon(reduction, duration);
        let start = self.latest().started();
        let end = match duration {
            Duration::Months(months) => Some(start.plus_months(months)),
            Duration::Forever | Duration::Once => None,
        };
        if let Act::Started { discounts, .. } = &mut self.latest().history[0].act {
            discounts.push(Discount { number: 0, coupon, item: None, start, end });
        }
        // One for a single billing is gone right after the first bill.
        let gone = if duration == Duration::Once { Some(start.plus_seconds(1)) } else { end };
        match gone.filter(|&gone| gone < Horizon::NOW) {
            Some(gone) => self.then(gone, Act::DiscountEnded { number: 0 }),
            None => self,
        }
    }

    /// A schedule that was made with the subscription: from each moment on so many units of a price instead of its first
    /// item. It lets go at `until`, which changes nothing.
    pub(super) fn is_planned(&mut self, steps: &[(Moment, PriceNumber, u32)], until: Moment) -> &mut Self {
        let subscription = self.latest();
        let mut items = subscription.contract().items;
        let mut phases = vec![Phase { from: subscription.started(), to: until, items: items.clone() }];
        for &(from, price, quantity) in steps {
            (items[0].price, items[0].quantity) = (price, quantity);
            phases.last_mut().expect("the first phase is there").to = from;
            phases.push(Phase { from, to: until, items: items.clone() });
        }
        subscription.schedule = Some(Schedule { phases });
        for &(from, price, quantity) in steps.iter().filter(|(from, ..)| *from < Horizon::NOW) {
            let edits = vec![Edit::Replace { item: 0, price, quantity }];
            self.then(from, Act::Amended { edits, settlement: Settlement::Never });
        }
        self
    }

    /// It ends when the period in which that is requested is over.
    pub(super) fn ends_with_period(&mut self, requested: Moment) -> &mut Self {
        self.then(requested, Act::EndRequested);
        let end = self.latest().contract().period_at(requested).to;
        if end < Horizon::NOW { self.then(end, Act::EndedWithPeriod) } else { self }
    }

    /// It ends on a date that is named before.
    pub(super) fn ends_on(&mut self, end: Moment, named: Moment) -> &mut Self {
        self.then(named, Act::EndPlanned { end });
        if end < Horizon::NOW { self.then(end, Act::EndedUncredited(Why::Planned)) } else { self }
    }

    fn coupon(&mut self, reduction: Reduction, duration: Duration) -> CouponNumber {
        let name = format!("{}, {duration:?}", self.company.catalogue.products[self.product.0].name);
        let coupons = &mut self.company.catalogue.coupons;
        if let Some(known) = coupons.iter().position(|coupon| coupon.name == name && coupon.reduction == reduction) {
            return CouponNumber(known);
        }
        let created = self.company.horizon.begin.plus_seconds(coupons.len() as i64);
        coupons.push(Coupon { name, reduction, duration, products: Vec::new(), created, deleted: None });
        CouponNumber(coupons.len() - 1)
    }

    /// What happens next.
    pub(super) fn then(&mut self, at: Moment, act: Act) -> &mut Self {
        self.latest().history.push(Change { at, act });
        self
    }

    /// The customer is deleted, and its subscriptions live on.
    pub(super) fn is_deleted(&mut self, at: Moment) {
        self.company.accounts[self.account].deleted = Some(at);
    }

    fn latest(&mut self) -> &mut Subscription {
        let subscriptions = &mut self.company.accounts[self.account].subscriptions;
        subscriptions.last_mut().expect("a customer subscribes before anything happens to its subscription")
    }
}
