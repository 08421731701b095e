//! What the company sells: products, their prices, and coupons.

use super::clock::{Horizon, Moment};
use super::cycle::Interval;
use super::money::{Currency, Fine, Minor};
use super::tariff::Tariff;

/// Position of a product in [`Catalogue::products`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProductNumber(pub usize);

/// Position of a price in [`Catalogue::prices`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PriceNumber(pub usize);

/// Position of a coupon in [`Catalogue::coupons`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CouponNumber(pub usize);

/// A plan that a subscription is built on, or an add-on beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProductKind {
    /// One of the plans, cheapest first.
    Plan,
    /// Bought beside a plan.
    AddOn,
    /// Sold to the accounts of the full repertoire only.
    Special,
}

/// Something sold.
#[derive(Clone, Debug)]
pub struct Product {
    /// Its name.
    pub name: String,
    /// Plan or add-on.
    pub kind: ProductKind,
    /// When it was first offered.
    pub created: Moment,
}

/// What one unit of a product costs per interval. A price never changes; a new one takes its place.
#[derive(Clone, Debug)]
pub struct Price {
    /// Of which product.
    pub product: ProductNumber,
    /// In which currency.
    pub currency: Currency,
    /// For how long.
    pub interval: Interval,
    /// What so many units cost.
    pub tariff: Tariff,
    /// When it was first offered.
    pub created: Moment,
    /// Since when nobody can choose it any more; who has it keeps it.
    pub retired: Option<Moment>,
}

impl Price {
    /// What so many units cost for one interval, exactly.
    pub fn charge(&self, units: u32) -> Fine {
        self.tariff.charge(units)
    }
}

/// What a coupon takes off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reduction {
    /// Hundredths of a percent of every item: 3333 is 33.33 %.
    Percent(u32),
    /// An amount off each billing of the subscription.
    Fixed(Currency, Minor),
}

/// How long a coupon works once it is attached.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Duration {
    /// As long as it stays attached.
    Forever,
    /// For one billing.
    Once,
    /// For so many months.
    Months(u32),
}

/// A reduction that can be attached to subscriptions, items and customers.
#[derive(Clone, Debug)]
pub struct Coupon {
    /// Its name.
    pub name: String,
    /// How much it takes off.
    pub reduction: Reduction,
    /// How long.
    pub duration: Duration,
    /// The products that it is for; all of them without any.
    pub products: Vec<ProductNumber>,
    /// When it was first offered.
    pub created: Moment,
    /// When it was deleted; where it was attached before, it goes on working.
    pub deleted: Option<Moment>,
}

impl Coupon {
    /// Whether it is for a product.
    pub fn is_for(&self, product: ProductNumber) -> bool {
        self.products.is_empty() || self.products.contains(&product)
    }
}

/// Everything on offer, now and before.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Products: plans first, cheapest first, then add-ons.
    pub products: Vec<Product>,
    /// Prices, oldest first.
    pub prices: Vec<Price>,
    /// Coupons.
    pub coupons: Vec<Coupon>,
}

impl Catalogue {
    /// A price by its number.
    pub fn price(&self, number: PriceNumber) -> &Price {
        &self.prices[number.0]
    }

    /// A coupon by its number.
    pub fn coupon(&self, number: CouponNumber) -> &Coupon {
        &self.coupons[number.0]
    }

    /// The price at which a product could be chosen at a moment.
    pub fn price_on_offer(
        &self,
        product: ProductNumber,
        interval: Interval,
        currency: Currency,
        at: Moment,
    ) -> PriceNumber {
        let offered = |price: &Price| {
            price.product == product
                && price.interval == interval
                && price.currency == currency
                && price.created <= at
                && price.retired.is_none_or(|retired| at < retired)
        };
        let position = self.prices.iter().position(offered);
        PriceNumber(position.expect("each product has a price for each interval and currency at all times"))
    }

    /// The numbers of the products of one kind.
    pub fn products_of(&self, kind: ProductKind) -> Vec<ProductNumber> {
        (0..self.products.len()).filter(|&n| self.products[n].kind == kind).map(ProductNumber).collect()
    }

    /// The catalogue of the simulated company: three plans whose prices rose once, and fourteen add-ons.
    pub fn of_the_company(horizon: Horizon) -> Self {
        let mut catalogue = Self::default();
        let opening = horizon.begin;
        // Two fifths into the world all plans get new prices.
        let raise = Moment(opening.0 + horizon.seconds() * 2 / 5).day_start().plus_seconds(32_400);
        for (n, (name, before, after)) in PLANS.iter().enumerate() {
            let product = catalogue.add_product(name, ProductKind::Plan, opening.plus_seconds(n as i64));
            catalogue.add_prices(product, before, opening, Some(raise));
            catalogue.add_prices(product, after, raise, None);
        }
        for (n, (name, monthly)) in ADD_ONS.iter().enumerate() {
            let product = catalogue.add_product(name, ProductKind::AddOn, opening.plus_seconds(60 + n as i64));
            // Ten months for a year, less a nickel, and a little cheaper in euro.
            let euro = monthly - monthly / 10;
            let amounts = [*monthly, monthly * 10 - 5, euro, euro * 10 - 5];
            catalogue.add_prices(product, &amounts, opening, None);
        }
        catalogue.prices.sort_by_key(|price| price.created);
        for (n, (name, reduction)) in COUPONS.iter().enumerate() {
            let created = opening.plus_seconds(120 + n as i64);
            let (name, reduction, duration) = ((*name).into(), *reduction, Duration::Forever);
            catalogue.coupons.push(Coupon { name, reduction, duration, products: Vec::new(), created, deleted: None });
        }
        catalogue
    }

    pub(super) fn add_product(&mut self, name: &str, kind: ProductKind, created: Moment) -> ProductNumber {
        self.products.push(Product { name: name.into(), kind, created });
        ProductNumber(self.products.len() - 1)
    }

    /// Amounts in the order: dollar a month, dollar a year, euro a month, euro a year.
    fn add_prices(&mut self, product: ProductNumber, amounts: &[Minor; 4], created: Moment, retired: Option<Moment>) {
        let kinds = [Currency::Usd, Currency::Eur].into_iter().flat_map(|c| Interval::PLAIN.map(|i| (c, i)));
        for ((currency, interval), &amount) in kinds.zip(amounts) {
            let tariff = Tariff::PerUnit(Fine::of_minor(amount));
            self.prices.push(Price { product, currency, interval, tariff, created, retired });
        }
    }
}

/// Name, amounts before the raise, amounts after it.
const PLANS: [(&str, [Minor; 4], [Minor; 4]); 3] = [
    ("Starter", [990, 9_950, 890, 8_950], [1_199, 11_995, 1_099, 10_995]),
    ("Team", [2_499, 24_995, 2_299, 22_995], [2_999, 29_995, 2_799, 27_995]),
    ("Business", [5_299, 52_995, 4_899, 48_995], [5_995, 59_995, 5_495, 54_995]),
];

/// Name and dollars a month, in cents.
const ADD_ONS: [(&str, Minor); 14] = [
    ("Audit log", 799),
    ("Single sign-on", 1_249),
    ("Sandbox environment", 1_990),
    ("Extra storage", 333),
    ("Priority support", 4_901),
    ("Data export", 899),
    ("Custom roles", 650),
    ("Webhooks plus", 1_111),
    ("Analytics", 1_775),
    ("White label", 2_207),
    ("Dedicated region", 3_499),
    ("Form builder", 419),
    ("Time tracking", 567),
    ("Translation", 1_033),
];

/// The last two are larger than a small subscription costs, which then has no revenue at all.
const COUPONS: [(&str, Reduction); 8] = [
    ("Ten off", Reduction::Percent(1_000)),
    ("Twenty off", Reduction::Percent(2_000)),
    ("Quarter off", Reduction::Percent(2_500)),
    ("A third off", Reduction::Percent(3_333)),
    ("Fifteen dollars off", Reduction::Fixed(Currency::Usd, 1_500)),
    ("Twelve euro off", Reduction::Fixed(Currency::Eur, 1_200)),
    ("Founders, dollars", Reduction::Fixed(Currency::Usd, 15_000)),
    ("Founders, euro", Reduction::Fixed(Currency::Eur, 12_000)),
];
