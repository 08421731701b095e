//! What the full repertoire sells besides the plain catalogue: other intervals, other ways to price, other currencies,
//! and coupons that end.

use super::catalogue::{Catalogue, Coupon, Duration, Price, ProductKind, ProductNumber, Reduction};
use super::clock::{Horizon, Moment};
use super::cycle::Interval;
use super::money::{Currency, Fine};
use super::tariff::{Tariff, Tier, Tiers};

impl Catalogue {
    /// Adds the special offers behind everything else, so that what was there keeps its number.
    pub(super) fn with_special_offers(mut self, horizon: Horizon) -> Self {
        let opening = horizon.begin.plus_seconds(300);
        for (n, (name, intervals, dollars)) in offers().into_iter().enumerate() {
            let created = opening.plus_seconds(n as i64);
            let product = self.add_product(name, ProductKind::Special, created);
            for (interval, factor) in intervals {
                for currency in Currency::ALL {
                    let tariff = translate(&dollars, currency, factor);
                    self.prices.push(Price { product, currency, interval, tariff, created, retired: None });
                }
            }
        }
        let deleted = Moment(horizon.begin.0 + horizon.seconds() * 3 / 5);
        for (n, (name, reduction, duration, gone)) in coupons().into_iter().enumerate() {
            let (name, created) = (name.into(), opening.plus_seconds(100 + n as i64));
            let deleted = gone.then_some(deleted);
            self.coupons.push(Coupon { name, reduction, duration, products: Vec::new(), created, deleted });
        }
        for (n, (name, reduction, duration, products)) in limited_coupons().into_iter().enumerate() {
            let (name, created) = (name.into(), opening.plus_seconds(200 + n as i64));
            let is_meant = |n: &usize| {
                self.products[*n].kind == ProductKind::Special && products.contains(&self.products[*n].name.as_str())
            };
            let products = (0..self.products.len()).filter(is_meant).map(ProductNumber).collect();
            self.coupons.push(Coupon { name, reduction, duration, products, created, deleted: None });
        }
        self
    }
}

fn per_unit(ten_thousandths: i64) -> Tariff {
    Tariff::PerUnit(Fine(ten_thousandths))
}

fn tier(up_to: Option<u32>, cents: i64, flat: i64) -> Tier {
    Tier { up_to, unit: Fine::of_minor(cents), flat }
}

/// Name, intervals with the factor on the price, and the tariff in dollar cents.
type Offer = (&'static str, Vec<(Interval, i64)>, Tariff);

fn offers() -> Vec<Offer> {
    use Interval::{Day, Month, Quarter, TwoYears, Week, Year};
    let seats = vec![tier(Some(5), 1_000, 0), tier(Some(20), 800, 500), tier(None, 650, 2_000)];
    let volume = vec![tier(Some(10), 900, 0), tier(Some(50), 700, 0), tier(None, 550, 1_500)];
    vec![
        ("Standard", vec![(Month, 1), (Quarter, 3), (Year, 10)], per_unit(19_000_000)),
        ("Advanced", vec![(Month, 1), (Quarter, 3), (Year, 10)], per_unit(45_000_000)),
        ("Week pass", vec![(Week, 1)], per_unit(6_500_000)),
        ("Long term", vec![(TwoYears, 1)], per_unit(399_990_000)),
        ("Day pass", vec![(Day, 1)], per_unit(1_990_000)),
        ("Messages", vec![(Month, 1), (Year, 10)], per_unit(12_500)),
        ("Stepped seats", vec![(Month, 1), (Year, 10)], Tariff::Tiered(Tiers::Graduated, seats)),
        ("Volume seats", vec![(Month, 1), (Quarter, 3)], Tariff::Tiered(Tiers::Volume, volume)),
        ("Storage packs", vec![(Month, 1), (Year, 10)], Tariff::Package { amount: Fine::of_minor(700), size: 10 }),
        ("Free", vec![(Month, 1)], per_unit(0)),
        ("Requests", vec![(Month, 1)], Tariff::Metered(Fine(3_500))),
    ]
}

/// The tariff in another currency. Dinar amounts end in a zero, because cards know no single fils.
fn translate(dollars: &Tariff, currency: Currency, factor: i64) -> Tariff {
    let fine = |amount: Fine| {
        let amount = amount.0 * factor;
        Fine(match currency {
            // The last three are in the worked examples only, which have prices of their own.
            Currency::Usd | Currency::Krw | Currency::Bhd | Currency::Isk => amount,
            Currency::Eur => amount * 9 / 10,
            Currency::Jpy => amount * 3 / 2,
            Currency::Kwd => (amount * 3 + 99_999) / 100_000 * 100_000,
        })
    };
    let translated = |tier: &Tier| Tier {
        up_to: tier.up_to,
        unit: fine(tier.unit),
        flat: fine(Fine::of_minor(tier.flat)).rounded(),
    };
    match dollars {
        Tariff::PerUnit(amount) => Tariff::PerUnit(fine(*amount)),
        Tariff::Metered(amount) => Tariff::Metered(fine(*amount)),
        Tariff::Package { amount, size } => Tariff::Package { amount: fine(*amount), size: *size },
        Tariff::Tiered(tiers, all) => Tariff::Tiered(*tiers, all.iter().map(translated).collect()),
    }
}

/// Name, reduction, duration, and whether it is deleted later.
fn coupons() -> Vec<(&'static str, Reduction, Duration, bool)> {
    use Reduction::{Fixed, Percent};
    let mut all = vec![
        ("Half the first bill", Percent(5_000), Duration::Once, false),
        ("A tenth off once", Percent(1_000), Duration::Once, false),
        ("Three months 30", Percent(3_000), Duration::Months(3), false),
        ("Half a year 15", Percent(1_500), Duration::Months(6), false),
        ("A year 40", Percent(4_000), Duration::Months(12), false),
        ("Partner", Percent(1_000), Duration::Forever, false),
        ("Loyalty", Percent(2_500), Duration::Forever, false),
        ("Opening week", Percent(2_000), Duration::Forever, true),
        ("Opening month", Percent(3_500), Duration::Months(9), true),
    ];
    for (currency, off) in [(Currency::Usd, 700), (Currency::Eur, 600), (Currency::Jpy, 900), (Currency::Kwd, 2_100)] {
        all.push(("Fixed amount", Fixed(currency, off), Duration::Forever, false));
        all.push(("Fixed amount, four months", Fixed(currency, off * 2), Duration::Months(4), false));
        all.push(("Fixed amount once", Fixed(currency, off), Duration::Once, false));
    }
    all
}

/// Name, reduction, duration, and the products that it is for. None is ever deleted: a deleted coupon no longer says what
/// it was for.
type Limited = (&'static str, Reduction, Duration, &'static [&'static str]);

fn limited_coupons() -> Vec<Limited> {
    use Reduction::{Fixed, Percent};
    const PLATFORM: &[&str] = &["Standard", "Advanced", "Storage packs"];
    const SEATS: &[&str] = &["Stepped seats", "Volume seats"];
    let mut all: Vec<Limited> = vec![
        ("Platform 20", Percent(2_000), Duration::Forever, PLATFORM),
        ("Seats 30, half a year", Percent(3_000), Duration::Months(6), SEATS),
    ];
    for (currency, off) in [(Currency::Usd, 900), (Currency::Eur, 800), (Currency::Jpy, 1_200), (Currency::Kwd, 2_700)]
    {
        all.push(("Platform amount", Fixed(currency, off), Duration::Forever, PLATFORM));
    }
    all
}
