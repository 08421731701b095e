//! What Chargebee's own ids look like: chosen by the merchant for what it sells, letters for the rest.

use super::View;
use crate::world::catalogue::{CouponNumber, PriceNumber, ProductKind, ProductNumber};
use crate::world::cycle::Interval;
use crate::world::subscription::Item;

/// Whether an item is what its subscription is built on.
pub(super) fn is_plan(number: u16) -> bool {
    number == 0
}

impl View<'_> {
    /// `Team`, or `Team-addon` for what is sold beside a plan though it is one.
    pub fn item_id(&self, product: ProductNumber, plan: bool) -> String {
        let product = &self.company.catalogue.products[product.0];
        let suffix = if plan || product.kind == ProductKind::AddOn { "" } else { "-addon" };
        format!("{}{suffix}", product.name.replace(' ', "-"))
    }

    /// `Team-USD-Monthly`, with a number for each price that took the place of one before.
    pub fn item_price_id(&self, number: PriceNumber, plan: bool) -> String {
        let catalogue = &self.company.catalogue;
        let price = catalogue.price(number);
        let same = catalogue.prices[..number.0].iter().filter(|other| {
            (other.product, other.currency, other.interval) == (price.product, price.currency, price.interval)
        });
        let version = match same.count() {
            0 => String::new(),
            before => format!("-{}", before + 1),
        };
        let product = self.item_id(price.product, plan);
        format!("{product}-{}-{}{version}", price.currency.code(), rhythm(price.interval))
    }

    pub fn price_of(&self, item: &Item) -> String {
        self.item_price_id(item.price, is_plan(item.number))
    }

    pub fn coupon_id(&self, number: CouponNumber) -> String {
        format!("{}-{}", self.company.catalogue.coupon(number).name.replace([' ', ','], "-"), number.0)
    }
}

fn rhythm(interval: Interval) -> &'static str {
    match interval {
        Interval::Day => "Daily",
        Interval::Week => "Weekly",
        Interval::FourWeeks => "Every-4-weeks",
        Interval::Month => "Monthly",
        Interval::Quarter => "Every-3-months",
        Interval::Year => "Yearly",
        Interval::TwoYears => "Every-2-years",
    }
}

/// How many of which unit.
pub(super) fn period(interval: Interval) -> (u32, &'static str) {
    match interval {
        Interval::Day => (1, "day"),
        Interval::Week => (1, "week"),
        Interval::FourWeeks => (4, "week"),
        Interval::Month => (1, "month"),
        Interval::Quarter => (3, "month"),
        Interval::Year => (1, "year"),
        Interval::TwoYears => (2, "year"),
    }
}
