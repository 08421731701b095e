//! Which prices a subscription is built on, and how it moves between them.

use super::{Act, Cycle, Interval, Item, Moment, Opening, Tale};
use crate::world::catalogue::{PriceNumber, ProductKind};
use crate::world::clock::DAY;
use crate::world::subscription::{Edit, Settlement};
use crate::world::tariff::Tariff;

impl Tale<'_> {
    pub(super) fn draw_interval(&mut self) -> Interval {
        match self.random.below(1000) {
            0..600 => Interval::Month,
            600..740 => Interval::Year,
            740..840 => Interval::Quarter,
            840..925 => Interval::Week,
            925..960 => Interval::TwoYears,
            _ => Interval::Day,
        }
    }

    /// Starts the subscription, in one of the ways in which subscriptions start.
    pub(super) fn open(&mut self, interval: Interval) {
        let at = self.at;
        let short = interval == Interval::Day;
        let (opening, anchor) = match self.random.below(1000) {
            0..180 if !short => {
                let until = at.plus_seconds(self.random.one_of(&[7, 14, 30]) * DAY);
                (Opening::OnTrial { until }, until)
            }
            180..230 if !short => (Opening::Incomplete, at),
            230..310 if !short => (self.backdate(), at),
            _ => (Opening::AtOnce, at),
        };
        let cycle = Cycle { anchor, interval };
        let items = self.first_items(interval);
        let discounts = if opening == Opening::Incomplete { Vec::new() } else { self.first_discounts(at, &items) };
        let ends: Vec<_> = discounts.iter().filter_map(|discount| self.discount_end(discount, cycle)).collect();
        self.push(at, Act::Started { cycle, items, opening, discounts });
        self.at = self.subscription.created();
        self.follow_opening(opening);
        ends.into_iter().for_each(|(at, number)| self.plan(at, Act::DiscountEnded { number }));
        if opening == Opening::AtOnce && !short && self.contract.in_force && self.random.per_mille(120) {
            self.follow_schedule();
        }
    }

    /// Entered some weeks after service began.
    fn backdate(&mut self) -> Opening {
        let entered = self.days_on(self.at, 5, 100);
        if entered < self.horizon.now { Opening::Backdated { entered } } else { Opening::AtOnce }
    }

    fn first_items(&mut self, interval: Interval) -> Vec<Item> {
        let mut items = vec![self.draw_item(interval, false)];
        if interval == Interval::Month && self.random.per_mille(200) {
            items.push(self.draw_item(interval, true));
        }
        if self.random.per_mille(250) {
            items.push(self.draw_item(interval, false));
        }
        items
    }

    fn draw_item(&mut self, interval: Interval, metered: bool) -> Item {
        let prices = self.on_offer(interval, metered);
        let price = *self.random.one_of(&prices);
        let number = self.next_item;
        self.next_item += 1;
        Item { number, price, quantity: self.draw_quantity(price), added: self.at }
    }

    /// The special prices of an interval in the subscription's currency.
    fn on_offer(&self, interval: Interval, metered: bool) -> Vec<PriceNumber> {
        let fits = |n: &usize| {
            let price = &self.catalogue.prices[*n];
            self.catalogue.products[price.product.0].kind == ProductKind::Special
                && (price.interval, price.currency) == (interval, self.subscription.currency)
                && price.tariff.is_metered() == metered
        };
        (0..self.catalogue.prices.len()).filter(fits).map(PriceNumber).collect()
    }

    fn draw_quantity(&mut self, price: PriceNumber) -> u32 {
        let most = match &self.catalogue.price(price).tariff {
            Tariff::Metered(_) => return 0,
            Tariff::PerUnit(amount) if amount.0 < 100_000 && amount.0 > 0 => 4_000,
            Tariff::PerUnit(_) => 12,
            Tariff::Package { .. } => 95,
            Tariff::Tiered(..) => 60,
        };
        self.random.between(1, most) as u32
    }

    /// An item whose quantity was agreed.
    pub(super) fn licensed_item(&mut self) -> Item {
        let licensed = |item: &&Item| !self.catalogue.price(item.price).tariff.is_metered();
        let items: Vec<Item> = self.contract.items.iter().filter(licensed).cloned().collect();
        self.random.one_of(&items).clone()
    }

    pub(super) fn change_seats(&mut self, at: Moment) {
        let edits = self.other_seats();
        let settlement = self.draw_settlement();
        self.push(at, Act::Amended { edits, settlement });
    }

    /// Other seats, and then somebody strikes off what they would cost or save for the rest of the period.
    pub(super) fn change_seats_for_nothing(&mut self, at: Moment) {
        let billed = self.contract.period_at(at).to;
        let struck = at.plus_seconds(self.random.between(60, 2 * DAY));
        let edits = self.other_seats();
        self.push(at, Act::Amended { edits, settlement: Settlement::NextCycle });
        if struck < billed {
            self.push(struck, Act::ProrationsDeleted { of: at });
        }
    }

    fn other_seats(&mut self) -> Vec<Edit> {
        let item = self.licensed_item();
        let mut quantity = self.draw_quantity(item.price);
        if quantity == item.quantity {
            quantity += 1;
        }
        vec![Edit::Quantity { item: item.number, quantity }]
    }

    /// Another price of the same interval and currency: up, down, to free and from free. The units change with it.
    pub(super) fn change_price(&mut self, at: Moment) {
        let item = self.licensed_item();
        let mut prices = self.on_offer(self.contract.cycle.interval, false);
        prices.retain(|&price| price != item.price);
        if prices.is_empty() {
            return self.change_seats(at);
        }
        let price = *self.random.one_of(&prices);
        let number = item.number;
        let quantity = self.draw_quantity(price);
        let mut edits = vec![Edit::Price { item: number, price }];
        if quantity != item.quantity {
            edits = vec![Edit::Replace { item: number, price, quantity }];
        }
        let settlement = self.draw_settlement();
        self.push(at, Act::Amended { edits, settlement });
    }

    pub(super) fn draw_settlement(&mut self) -> Settlement {
        match self.random.below(1000) {
            0..30 => Settlement::Never,
            30..350 => Settlement::AtOnce,
            _ => Settlement::NextCycle,
        }
    }
}
