//! The truth of the full repertoire on worlds small enough to check by hand.

use chrono_tz::Tz;
use mrr_sandbox::billing::State;
use mrr_sandbox::truth::{Policy, account_days, blind_spans};
use mrr_sandbox::world::account::Account;
use mrr_sandbox::world::catalogue::{
    Catalogue, Coupon, CouponNumber, Duration, Price, PriceNumber, Product, ProductKind, ProductNumber, Reduction,
};
use mrr_sandbox::world::clock::{Horizon, Moment};
use mrr_sandbox::world::contract::Standing;
use mrr_sandbox::world::customer::Customer;
use mrr_sandbox::world::cycle::{Cycle, Interval};
use mrr_sandbox::world::discount::{CustomerDiscount, Discount};
use mrr_sandbox::world::money::{Currency, Fine};
use mrr_sandbox::world::subscription::{Act, Change, Edit, Item, Opening, PauseBehavior, Settlement, Subscription};
use mrr_sandbox::world::tariff::{Tariff, Tier, Tiers};

/// A moment of 2025, at noon.
fn on(day: &str) -> Moment {
    Moment(chrono::DateTime::parse_from_rfc3339(&format!("2025-{day}T12:00:00Z")).expect("a time").timestamp())
}

struct Case {
    currency: Currency,
    interval: Interval,
    tariff: Tariff,
    quantity: u32,
    opening: Opening,
    coupons: Vec<(Reduction, Duration)>,
    /// Which of the coupons the subscription starts with, and which item each works on.
    attached: Vec<(usize, Option<u16>)>,
    customers: Vec<CustomerDiscount>,
    later: Vec<(Moment, Act)>,
}

fn plain(cents: i64) -> Case {
    Case {
        currency: Currency::Usd,
        interval: Interval::Month,
        tariff: Tariff::PerUnit(Fine::of_minor(cents)),
        quantity: 1,
        opening: Opening::AtOnce,
        coupons: Vec::new(),
        attached: Vec::new(),
        customers: Vec::new(),
        later: Vec::new(),
    }
}

impl Case {
    /// One subscription that starts on 10 January.
    fn world(self) -> (Account, Catalogue) {
        let (at, created) = (on("01-10"), Moment(0));
        let price = Price {
            product: ProductNumber(0),
            currency: self.currency,
            interval: self.interval,
            tariff: self.tariff,
            created,
            retired: None,
        };
        let coupon = |&(reduction, duration): &(Reduction, Duration)| Coupon {
            name: "off".into(),
            reduction,
            duration,
            products: Vec::new(),
            created,
            deleted: None,
        };
        let catalogue = Catalogue {
            products: vec![Product { name: "Plan".into(), kind: ProductKind::Special, created }],
            prices: vec![price],
            coupons: self.coupons.iter().map(coupon).collect(),
        };
        let in_use = |(n, &(coupon, item)): (usize, &(usize, Option<u16>))| Discount {
            number: n as u16,
            coupon: CouponNumber(coupon),
            item,
            start: at,
            end: None,
        };
        let anchor = if let Opening::OnTrial { until } = self.opening { until } else { at };
        let started = Act::Started {
            cycle: Cycle { anchor, interval: self.interval },
            items: vec![Item { number: 0, price: PriceNumber(0), quantity: self.quantity, added: at }],
            opening: self.opening,
            discounts: self.attached.iter().enumerate().map(in_use).collect(),
        };
        let later = self.later.into_iter().map(|(at, act)| Change { at, act });
        let history = std::iter::once(Change { at, act: started }).chain(later).collect();
        let customer = Customer {
            name: "Acme".into(),
            email: "a@acme.example".into(),
            country: "US",
            city: "Austin",
            currency: self.currency,
            created,
            crm_id: None,
        };
        let subscriptions = vec![Subscription { number: 0, currency: self.currency, schedule: None, history }];
        (Account { subscriptions, discounts: self.customers, ..Account::empty(0, customer) }, catalogue)
    }

    /// `day net gross`, a line for each change.
    fn check(self, expected: &[&str]) {
        self.check_under(&Policy::default(), expected);
    }

    fn check_under(self, policy: &Policy, expected: &[&str]) {
        let (account, catalogue) = self.world();
        let days = account_days(&account, &catalogue, Tz::UTC, policy);
        let lines: Vec<String> = days.iter().map(|c| format!("{} {} {}", c.day, c.rate.net, c.rate.gross)).collect();
        assert_eq!(lines, expected);
    }
}

#[test]
fn intervals_are_annualised_by_the_rule() {
    for (interval, yearly) in [
        (Interval::Day, "3650.00"),
        (Interval::Week, "520.00"),
        (Interval::Quarter, "40.00"),
        (Interval::Year, "10.00"),
        (Interval::TwoYears, "5.00"),
    ] {
        Case { interval, ..plain(1_000) }.check(&[&format!("2025-01-10 {yearly} {yearly}")]);
    }
}

#[test]
fn currencies_have_their_own_minor_units() {
    Case { currency: Currency::Jpy, ..plain(1_500) }.check(&["2025-01-10 18000.00 18000.00"]);
    Case { currency: Currency::Kwd, ..plain(1_500) }.check(&["2025-01-10 18.00 18.00"]);
}

#[test]
fn tiers_packages_fractions_and_usage() {
    let tier = |up_to, cents, flat| Tier { up_to, unit: Fine::of_minor(cents), flat };
    let tiers = || vec![tier(Some(5), 1_000, 0), tier(None, 800, 500)];
    let graduated = Tariff::Tiered(Tiers::Graduated, tiers());
    Case { tariff: graduated, quantity: 7, ..plain(0) }.check(&["2025-01-10 852.00 852.00"]);
    let volume = Tariff::Tiered(Tiers::Volume, tiers());
    Case { tariff: volume, quantity: 7, ..plain(0) }.check(&["2025-01-10 732.00 732.00"]);
    let package = Tariff::Package { amount: Fine::of_minor(700), size: 10 };
    Case { tariff: package, quantity: 11, ..plain(0) }.check(&["2025-01-10 168.00 168.00"]);
    Case { tariff: Tariff::PerUnit(Fine(12_500)), quantity: 3, ..plain(0) }.check(&["2025-01-10 0.45 0.45"]);
    Case { tariff: Tariff::Metered(Fine(3_500)), quantity: 0, ..plain(0) }.check(&[]);
}

#[test]
fn coupons_count_while_they_recur() {
    let coupons = vec![
        (Reduction::Percent(5_000), Duration::Once),
        (Reduction::Percent(5_000), Duration::Months(2)),
        (Reduction::Percent(1_000), Duration::Forever),
        (Reduction::Fixed(Currency::Usd, 100), Duration::Forever),
    ];
    let with = |attached: Vec<(usize, Option<u16>)>| Case { coupons: coupons.clone(), attached, ..plain(1_000) };
    with(vec![(0, None)]).check(&["2025-01-10 120.00 120.00"]);
    let ended = vec![(on("03-10"), Act::DiscountEnded { number: 0 })];
    let running = Case { later: ended, ..with(vec![(1, None)]) };
    running.check(&["2025-01-10 60.00 120.00", "2025-03-10 120.00 120.00"]);
    with(vec![(1, Some(0)), (2, None)]).check(&["2025-01-10 54.00 120.00"]);
    with(vec![(2, None), (3, None)]).check(&["2025-01-10 96.00 120.00"]);
}

#[test]
fn a_customers_coupon_works_where_there_is_no_other() {
    let coupons = vec![(Reduction::Percent(1_000), Duration::Forever), (Reduction::Percent(5_000), Duration::Forever)];
    let customers = vec![CustomerDiscount {
        number: 0,
        coupon: CouponNumber(0),
        start: on("02-20"),
        end: None,
        removed: Some(on("06-20")),
    }];
    let own = Discount { number: 0, coupon: CouponNumber(1), item: None, start: on("04-15"), end: None };
    let later = vec![(on("04-15"), Act::Discounted(own)), (on("05-15"), Act::DiscountEnded { number: 0 })];
    Case { coupons, customers, later, ..plain(1_000) }.check(&[
        "2025-01-10 120.00 120.00",
        "2025-02-20 108.00 120.00",
        "2025-04-15 60.00 120.00",
        "2025-05-15 108.00 120.00",
        "2025-06-20 120.00 120.00",
    ]);
}

#[test]
fn trials_count_from_their_conversion() {
    let opening = Opening::OnTrial { until: on("01-24") };
    let converts = vec![(on("01-24"), Act::Stood(Standing::Active))];
    Case { opening, later: converts, ..plain(1_000) }.check(&["2025-01-24 120.00 120.00"]);
    Case { opening, later: vec![(on("01-24"), Act::EndedWithPeriod)], ..plain(1_000) }.check(&[]);
}

#[test]
fn late_payments_count_and_given_up_ones_do_not() {
    let stood = |day, standing| (on(day), Act::Stood(standing));
    let later =
        vec![stood("02-10", Standing::PastDue), stood("03-01", Standing::Unpaid), stood("03-20", Standing::Active)];
    let expected = ["2025-01-10 120.00 120.00", "2025-03-01 0.00 0.00", "2025-03-20 120.00 120.00"];
    Case { later, ..plain(1_000) }.check(&expected);
}

#[test]
fn a_coupon_for_a_product_leaves_the_others_alone() {
    for (reduction, net) in [(Reduction::Percent(5_000), "300.00"), (Reduction::Fixed(Currency::Usd, 1_500), "240.00")]
    {
        let (coupons, attached) = (vec![(reduction, Duration::Forever)], vec![(0, None)]);
        let (mut account, mut catalogue) = Case { coupons, attached, ..plain(1_000) }.world();
        catalogue.coupons[0].products = vec![ProductNumber(0)];
        catalogue.products.push(Product { name: "Other".into(), ..catalogue.products[0].clone() });
        let tariff = Tariff::PerUnit(Fine::of_minor(2_000));
        catalogue.prices.push(Price { product: ProductNumber(1), tariff, ..catalogue.prices[0].clone() });
        let Act::Started { items, .. } = &mut account.subscriptions[0].history[0].act else { panic!("it starts") };
        items.push(Item { number: 1, price: PriceNumber(1), ..items[0].clone() });
        let days = account_days(&account, &catalogue, Tz::UTC, &Policy::default());
        let told: Vec<_> = days.iter().map(|c| (c.rate.net.to_string(), c.rate.gross.to_string())).collect();
        assert_eq!(told, [(net.to_owned(), "360.00".to_owned())]);
        let ledger = mrr_sandbox::billing::bill(&account, &catalogue, Horizon::NOW);
        let off: Vec<i64> = ledger.invoices[0].lines.iter().map(|line| line.discount()).collect();
        assert_eq!(off, [if net == "300.00" { 500 } else { 1_000 }, 0]);
    }
}

#[test]
fn a_pause_is_nothing_and_blind_until_the_next_collected_bill() {
    let later = vec![
        (on("03-01"), Act::CollectionPaused { until: None, behavior: PauseBehavior::Void }),
        (on("04-20"), Act::CollectionResumed),
    ];
    let (account, catalogue) = Case { later: later.clone(), ..plain(1_000) }.world();
    let spans = blind_spans(&account, &catalogue, Tz::UTC);
    let text: Vec<String> = spans.iter().map(|b| format!("{} {} {}", b.from, b.until, b.kind)).collect();
    assert_eq!(text, ["2025-03-01 2025-05-10 pause"]);
    let expected = ["2025-01-10 120.00 120.00", "2025-03-01 0.00 0.00", "2025-04-20 120.00 120.00"];
    Case { later, ..plain(1_000) }.check(&expected);
}

#[test]
fn a_pause_that_leaves_service_as_it_is_changes_nothing() {
    for (behavior, state) in
        [(PauseBehavior::KeepAsDraft, State::Draft), (PauseBehavior::MarkUncollectible, State::Uncollectible)]
    {
        let paused = Act::CollectionPaused { until: None, behavior };
        let later = vec![(on("03-01"), paused), (on("04-20"), Act::CollectionResumed)];
        let (account, catalogue) = Case { later: later.clone(), ..plain(1_000) }.world();
        assert!(blind_spans(&account, &catalogue, Tz::UTC).is_empty());
        let ledger = mrr_sandbox::billing::bill(&account, &catalogue, Horizon::NOW);
        let states: Vec<State> = ledger.invoices.iter().take(5).map(|invoice| invoice.state).collect();
        assert_eq!(states, [State::Paid, State::Paid, state, state, State::Paid]);
        assert_eq!(ledger.balance, 0);
        Case { later, ..plain(1_000) }.check(&["2025-01-10 120.00 120.00"]);
    }
}

#[test]
fn a_change_without_proration_counts_at_once_and_is_blind_until_billed() {
    let seats = vec![Edit::Quantity { item: 0, quantity: 2 }];
    let later = vec![(on("02-20"), Act::Amended { edits: seats, settlement: Settlement::Never })];
    let (account, catalogue) = Case { later: later.clone(), ..plain(1_000) }.world();
    let spans = blind_spans(&account, &catalogue, Tz::UTC);
    let text: Vec<String> = spans.iter().map(|b| format!("{} {} {}", b.from, b.until, b.kind)).collect();
    assert_eq!(text, ["2025-02-20 2025-03-10 no_proration"]);
    Case { later, ..plain(1_000) }.check(&["2025-01-10 120.00 120.00", "2025-02-20 240.00 240.00"]);
}

#[test]
fn a_backdated_subscription_counts_from_its_service_and_is_billed_for_all_of_it() {
    let opening = Opening::Backdated { entered: on("03-15") };
    Case { opening, ..plain(1_000) }.check(&["2025-01-10 120.00 120.00"]);
    let (account, catalogue) = Case { opening, ..plain(1_000) }.world();
    let ledger = mrr_sandbox::billing::bill(&account, &catalogue, Horizon::NOW);
    let first = &ledger.invoices[0];
    let starts: Vec<Moment> = first.lines.iter().map(|line| line.period.from).collect();
    assert_eq!((first.at, starts), (on("03-15"), vec![on("01-10"), on("02-10"), on("03-10")]));
    assert_eq!((first.total(), ledger.invoices[1].at), (3_000, on("04-10")));
}

#[test]
fn usage_counts_for_a_quarter_from_its_bill_and_not_after_the_end() {
    let used = |interval, later: Vec<(Moment, Act)>| Case {
        tariff: Tariff::Metered(Fine::of_minor(100)),
        quantity: 0,
        interval,
        later,
        ..plain(0)
    };
    let later = || vec![(on("06-10").plus_seconds(60), Act::EndedAtOnce)];
    let (account, catalogue) = used(Interval::Month, later()).world();
    let bills = mrr_sandbox::billing::bill(&account, &catalogue, Horizon::NOW).invoices;
    let totals: Vec<i64> = bills.iter().map(|invoice| invoice.total()).collect();
    // What was used is drawn; from each of the bills four times as much a year, and never more than three at once.
    let rate =
        |months: &[usize]| totals.iter().enumerate().filter(|(n, _)| months.contains(n)).map(|(_, t)| t * 4).sum();
    let line = |day: &str, months: &[usize]| {
        let cents: i64 = rate(months);
        format!("2025-{day} {0}.{1:02} {0}.{1:02}", cents / 100, cents % 100)
    };
    let expected = [
        line("02-10", &[1]),
        line("03-10", &[1, 2]),
        line("04-10", &[1, 2, 3]),
        line("05-10", &[2, 3, 4]),
        line("06-10", &[]),
    ];
    let usage = Policy { usage: true, ..Policy::default() };
    used(Interval::Month, later()).check_under(&usage, &expected.each_ref().map(String::as_str));
    used(Interval::Month, later()).check(&[]);
    // A year's usage counts for a year.
    let (account, catalogue) = used(Interval::Year, Vec::new()).world();
    let mut early = account;
    let start = &mut early.subscriptions[0].history[0];
    start.at = start.at.plus_seconds(-300 * 86_400);
    if let Act::Started { cycle, .. } = &mut start.act {
        cycle.anchor = start.at;
    }
    let bill = mrr_sandbox::billing::bill(&early, &catalogue, Horizon::NOW).invoices[1].total();
    let days = account_days(&early, &catalogue, Tz::UTC, &usage);
    let told: Vec<i128> = days.iter().map(|day| day.rate.net.0).collect();
    assert_eq!(told, [i128::from(bill) * 10_000]);
}

#[test]
fn what_is_given_back_in_full_may_end_it() {
    let strict = Policy { refunded: false, ..Policy::default() };
    let check = |later: Vec<(Moment, Act)>, expected: &[&str]| {
        Case { later, ..plain(1_000) }.check_under(&strict, expected);
    };
    let counts = "2025-01-10 120.00 120.00";
    // Ended later, and about to end.
    let refunded = (on("03-15"), Act::Refunded);
    check(vec![refunded.clone(), (on("04-02"), Act::EndedAtOnce)], &[counts, "2025-03-15 0.00 0.00"]);
    let requested = (on("12-20"), Act::EndRequested);
    check(vec![(on("12-15"), Act::Refunded), requested.clone()], &[counts, "2025-12-15 0.00 0.00"]);
    // It goes on, or thinks better of it.
    check(vec![refunded.clone()], &[counts]);
    check(vec![(on("12-15"), Act::Refunded), requested, (on("12-21"), Act::EndWithdrawn)], &[counts]);
    // Renewed, so what was given back is of the past; and a refund after the end.
    check(vec![refunded.clone(), (on("04-12"), Act::EndedAtOnce)], &[counts, "2025-04-12 0.00 0.00"]);
    check(vec![(on("03-12"), Act::EndedAtOnce), refunded.clone()], &[counts, "2025-03-12 0.00 0.00"]);
    // By default none of it counts for anything.
    let later = vec![refunded, (on("04-02"), Act::EndedAtOnce)];
    Case { later, ..plain(1_000) }.check(&[counts, "2025-04-02 0.00 0.00"]);
}
