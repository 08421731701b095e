//! The truth on worlds small enough to check by hand, and against brute force on a large one.

use chrono::{NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use mrr_sandbox::truth::{Policy, RunRate, account_days, contract_rate, local_day};
use mrr_sandbox::world::Company;
use mrr_sandbox::world::account::Account;
use mrr_sandbox::world::catalogue::{
    Catalogue, Coupon, CouponNumber, Duration, Price, PriceNumber, Product, ProductKind, ProductNumber, Reduction,
};
use mrr_sandbox::world::clock::Moment;
use mrr_sandbox::world::customer::Customer;
use mrr_sandbox::world::cycle::{Cycle, Interval};
use mrr_sandbox::world::discount::Discount;
use mrr_sandbox::world::money::{Currency, Fine, Minor};
use mrr_sandbox::world::subscription::{Act, Change, Edit, Item, Opening, Settlement, Subscription};
use mrr_sandbox::world::tariff::Tariff;

fn moment(text: &str) -> Moment {
    Moment(chrono::DateTime::parse_from_rfc3339(text).expect("a time").timestamp())
}

/// A catalogue with one product, priced as given.
fn catalogue(prices: &[(Interval, Minor)], coupons: &[Reduction]) -> Catalogue {
    let created = Moment(0);
    let price = |&(interval, amount)| Price {
        product: ProductNumber(0),
        currency: Currency::Usd,
        interval,
        tariff: Tariff::PerUnit(Fine::of_minor(amount)),
        created,
        retired: None,
    };
    let coupon = |&reduction| Coupon {
        name: "off".into(),
        reduction,
        duration: Duration::Forever,
        products: Vec::new(),
        created,
        deleted: None,
    };
    Catalogue {
        products: vec![Product { name: "Plan".into(), kind: ProductKind::Plan, created }],
        prices: prices.iter().map(price).collect(),
        coupons: coupons.iter().map(coupon).collect(),
    }
}

fn item(number: u16, price: usize, quantity: u32) -> Item {
    Item { number, price: PriceNumber(price), quantity, added: Moment(0) }
}

fn start(at: &str, interval: Interval, items: Vec<Item>) -> Change {
    let at = moment(at);
    Change {
        at,
        act: Act::Started {
            cycle: Cycle { anchor: at, interval },
            items,
            opening: Opening::AtOnce,
            discounts: Vec::new(),
        },
    }
}

fn amend(at: &str, edits: Vec<Edit>) -> Change {
    Change { at: moment(at), act: Act::Amended { edits, settlement: Settlement::NextCycle } }
}

fn end(at: &str) -> Change {
    Change { at: moment(at), act: Act::EndedAtOnce }
}

fn account(histories: Vec<(Option<usize>, Vec<Change>)>) -> Account {
    let subscription = |(number, (coupon, mut history)): (usize, (Option<usize>, Vec<Change>))| {
        let start = history[0].at;
        let in_use = |n| Discount { number: 0, coupon: CouponNumber(n), item: None, start, end: None };
        if let Act::Started { discounts, .. } = &mut history[0].act {
            discounts.extend(coupon.map(in_use));
        }
        Subscription { number: number as u16, currency: Currency::Usd, schedule: None, history }
    };
    let customer = Customer {
        name: "Acme".into(),
        email: "a@acme.example".into(),
        country: "US",
        city: "Austin",
        currency: Currency::Usd,
        created: Moment(0),
        crm_id: None,
    };
    let subscriptions = histories.into_iter().enumerate().map(subscription).collect();
    Account { subscriptions, ..Account::empty(0, customer) }
}

/// `day net gross`, a line for each change.
fn check(account: &Account, catalogue: &Catalogue, zone: &str, expected: &[&str]) {
    let zone: Tz = zone.parse().expect("a zone");
    let lines: Vec<String> = account_days(account, catalogue, zone, &Policy::default())
        .iter()
        .map(|change| format!("{} {} {}", change.day, change.rate.net, change.rate.gross))
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn v3_an_annual_plan_ends_and_seats_come_later() {
    let catalogue = catalogue(&[(Interval::Year, 200_000), (Interval::Month, 5_000)], &[]);
    let account = account(vec![
        (None, vec![start("2023-02-01T09:00:00Z", Interval::Year, vec![item(0, 0, 1)]), end("2024-02-01T09:00:00Z")]),
        (None, vec![start("2024-06-10T12:00:00Z", Interval::Month, vec![item(0, 1, 3)])]),
    ]);
    let expected = ["2023-02-01 2000.00 2000.00", "2024-02-01 0.00 0.00", "2024-06-10 1800.00 1800.00"];
    check(&account, &catalogue, "UTC", &expected);
}

#[test]
fn v6_a_second_seat_counts_in_full_from_its_day() {
    let catalogue = catalogue(&[(Interval::Month, 5_000)], &[]);
    let seats = Edit::Quantity { item: 0, quantity: 2 };
    let history = vec![
        start("2025-04-01T00:00:00Z", Interval::Month, vec![item(0, 0, 1)]),
        amend("2025-04-16T00:00:00Z", vec![seats]),
    ];
    check(
        &account(vec![(None, history)]),
        &catalogue,
        "UTC",
        &["2025-04-01 600.00 600.00", "2025-04-16 1200.00 1200.00"],
    );
}

#[test]
fn v13_half_off_for_ever_and_v22_odd_cents() {
    let half = Reduction::Percent(5_000);
    let third = Reduction::Percent(3_333);
    let catalogue = catalogue(&[(Interval::Year, 120_000), (Interval::Year, 59_995)], &[half, third]);
    let one = |coupon, price| {
        account(vec![(coupon, vec![start("2025-01-05T10:00:00Z", Interval::Year, vec![item(0, price, 1)])])])
    };
    check(&one(Some(0), 0), &catalogue, "UTC", &["2025-01-05 600.00 1200.00"]);
    check(&one(None, 1), &catalogue, "UTC", &["2025-01-05 599.95 599.95"]);
    check(&one(Some(1), 1), &catalogue, "UTC", &["2025-01-05 399.986665 599.95"]);
}

#[test]
fn v15_a_fixed_amount_comes_off_the_subscription_once() {
    let off = Reduction::Fixed(Currency::Usd, 5_000);
    let catalogue = catalogue(&[(Interval::Month, 10_000), (Interval::Year, 100_000)], &[off]);
    let monthly = start("2025-01-05T10:00:00Z", Interval::Month, vec![item(0, 0, 1), item(1, 0, 1)]);
    check(&account(vec![(Some(0), vec![monthly])]), &catalogue, "UTC", &["2025-01-05 1800.00 2400.00"]);
    let yearly = start("2025-01-05T10:00:00Z", Interval::Year, vec![item(0, 1, 1)]);
    check(&account(vec![(Some(0), vec![yearly])]), &catalogue, "UTC", &["2025-01-05 950.00 1000.00"]);
}

#[test]
fn v26_more_off_than_it_costs_is_nothing() {
    let catalogue = catalogue(&[(Interval::Month, 10_000)], &[Reduction::Fixed(Currency::Usd, 15_000)]);
    let history = vec![
        start("2025-01-05T10:00:00Z", Interval::Month, vec![item(0, 0, 1)]),
        amend("2025-02-20T10:00:00Z", vec![Edit::Add(item(1, 0, 1))]),
        amend("2025-03-20T10:00:00Z", vec![Edit::Remove { item: 0 }]),
    ];
    let expected = ["2025-01-05 0.00 1200.00", "2025-02-20 600.00 2400.00", "2025-03-20 0.00 1200.00"];
    check(&account(vec![(Some(0), history)]), &catalogue, "UTC", &expected);
}

#[test]
fn only_the_end_of_a_day_counts() {
    let catalogue = catalogue(&[(Interval::Month, 1_000)], &[]);
    let seats = |quantity| vec![Edit::Quantity { item: 0, quantity }];
    let history = vec![
        start("2025-01-05T10:00:00Z", Interval::Month, vec![item(0, 0, 1)]),
        amend("2025-01-08T10:00:00Z", seats(9)),
        amend("2025-01-08T11:00:00Z", seats(1)),
        amend("2025-01-09T10:00:00Z", seats(2)),
        amend("2025-01-09T23:59:59Z", seats(3)),
    ];
    // A second subscription that starts and ends within a day never counts.
    let brief = vec![start("2025-02-01T08:00:00Z", Interval::Month, vec![item(0, 0, 5)]), end("2025-02-01T20:00:00Z")];
    let account = account(vec![(None, history), (None, brief)]);
    check(&account, &catalogue, "UTC", &["2025-01-05 120.00 120.00", "2025-01-09 360.00 360.00"]);
}

#[test]
fn a_move_on_one_day_is_one_change() {
    let catalogue = catalogue(&[(Interval::Month, 1_000), (Interval::Month, 3_000)], &[]);
    let account = account(vec![
        (None, vec![start("2025-01-05T10:00:00Z", Interval::Month, vec![item(0, 0, 1)]), end("2025-03-01T10:00:00Z")]),
        (None, vec![start("2025-03-01T10:20:00Z", Interval::Month, vec![item(0, 1, 1)])]),
    ]);
    check(&account, &catalogue, "UTC", &["2025-01-05 120.00 120.00", "2025-03-01 360.00 360.00"]);
}

#[test]
fn days_are_those_of_the_zone_through_summer_time() {
    let catalogue = catalogue(&[(Interval::Month, 1_000)], &[]);
    let seats = |quantity| vec![Edit::Quantity { item: 0, quantity }];
    // Berlin's summer time began on 2025-03-30 at 01:00 UTC: midnight is at 23:00 UTC before and 22:00 after.
    let history = vec![
        start("2025-03-28T22:59:59Z", Interval::Month, vec![item(0, 0, 1)]),
        amend("2025-03-28T23:00:00Z", seats(2)),
        amend("2025-03-30T21:59:59Z", seats(3)),
        amend("2025-03-30T22:00:00Z", seats(4)),
    ];
    let account = account(vec![(None, history)]);
    let berlin = [
        "2025-03-28 120.00 120.00",
        "2025-03-29 240.00 240.00",
        "2025-03-30 360.00 360.00",
        "2025-03-31 480.00 480.00",
    ];
    check(&account, &catalogue, "Europe/Berlin", &berlin);
    check(&account, &catalogue, "UTC", &["2025-03-28 240.00 240.00", "2025-03-30 480.00 480.00"]);
}

#[test]
fn a_midnight_belongs_to_the_day_that_it_begins() {
    let catalogue = catalogue(&[(Interval::Month, 1_000)], &[]);
    let history =
        vec![start("2025-01-31T23:59:59Z", Interval::Month, vec![item(0, 0, 1)]), end("2025-03-01T00:00:00Z")];
    let account = account(vec![(None, history)]);
    check(&account, &catalogue, "UTC", &["2025-01-31 120.00 120.00", "2025-03-01 0.00 0.00"]);
    // In New York the end is still on the last evening of February, which it therefore takes away.
    check(&account, &catalogue, "America/New_York", &["2025-01-31 120.00 120.00", "2025-02-28 0.00 0.00"]);
}

/// The last second before the next local day: the slow way to say "the end of the day".
fn next_day_begins(day: NaiveDate, zone: Tz) -> Moment {
    let mut local = (day + TimeDelta::days(1)).and_time(NaiveTime::MIN);
    loop {
        if let Some(first) = zone.from_local_datetime(&local).earliest() {
            return Moment(first.timestamp());
        }
        local += TimeDelta::minutes(15); // Midnight does not exist on this day.
    }
}

#[test]
fn the_changes_equal_the_state_at_the_end_of_every_day() {
    let company = Company::simulate(5, 60, 24);
    for zone in ["UTC", "Europe/Berlin", "America/New_York", "America/Havana", "Pacific/Apia"] {
        let zone: Tz = zone.parse().expect("a zone");
        for account in &company.accounts {
            let mut changes =
                account_days(account, &company.catalogue, zone, &Policy::default()).into_iter().peekable();
            let mut told = RunRate::default();
            let mut day = local_day(company.horizon.begin, zone);
            while day <= local_day(company.horizon.now, zone) {
                let end = next_day_begins(day, zone);
                let mut state = RunRate::default();
                for s in &account.subscriptions {
                    state += contract_rate(
                        &s.contract_before(end),
                        None,
                        s.currency,
                        &company.catalogue,
                        &Policy::default(),
                    );
                }
                if let Some(change) = changes.next_if(|change| change.day == day) {
                    assert_ne!(change.rate, told, "a change that changes nothing");
                    told = change.rate;
                }
                assert_eq!(told, state, "account {} on {day} in {zone}", account.number);
                day += TimeDelta::days(1);
            }
            assert!(changes.next().is_none());
        }
    }
}
