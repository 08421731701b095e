//! What comes from outside can be of any size.

use rust_decimal::Decimal;

use super::*;
use crate::fact::{DiscountValue, Duration};

fn charge(item: &str, amount: Decimal, currency: &str) -> Charge {
    Charge {
        contract: "sub".into(),
        item: item.into(),
        usage: false,
        plan: "plan".into(),
        currency: currency.parse().unwrap(),
        amount,
        quantity: Decimal::ONE,
        interval: "1 month".parse().unwrap(),
        from: "2026-01-01T00:00:00Z".parse().unwrap(),
        until: None,
        evidence: Evidence::Observed,
        origin: vec!["subscriptions/sub".into()],
    }
}

fn off(value: DiscountValue) -> Discount {
    Discount {
        id: "off".into(),
        scope: DiscountScope::Contract("sub".into()),
        value,
        duration: Duration::Forever,
        from: None,
        until: None,
    }
}

fn of(charges: Vec<Charge>, discounts: Vec<Discount>) -> (Vec<Segment>, Vec<Problem>) {
    segments(&AccountFacts { charges, discounts, ..AccountFacts::default() }, Zone::UTC)
}

fn amount(amount: Decimal, currency: &str, decimals: u32) -> DiscountValue {
    DiscountValue::Amount { amount, currency: currency.parse().unwrap(), decimals }
}

#[test]
fn an_amount_off_some_items_is_spread_over_just_those() {
    let charges = || ["a", "b", "c"].map(|item| charge(item, Decimal::from(10), "EUR")).to_vec();
    let some = |amount_off: i64| Discount {
        scope: DiscountScope::Items { contract: "sub".into(), items: vec!["a".into(), "c".into()] },
        ..off(amount(Decimal::from(amount_off), "EUR", 2))
    };
    let net = |discounts| -> Vec<RunRate> { of(charges(), discounts).0.into_iter().map(|found| found.net).collect() };
    let monthly = |amount: i64| RunRate::from_billing(Decimal::from(amount), "1 month".parse().unwrap()).unwrap();
    assert_eq!(net(vec![some(6)]), [7, 10, 7].map(monthly));
    assert_eq!(net(vec![some(50)]), [0, 10, 0].map(monthly));
    // In the order in which they are attached: first half of all, then the amount.
    assert_eq!(net(vec![off(DiscountValue::Percent(Decimal::from(50))), some(6)]), [2, 5, 2].map(monthly));
}

#[test]
fn nothing_from_outside_makes_it_panic() {
    let most: Decimal = "9000000000000".parse().unwrap();
    let odd = [
        Decimal::MAX,
        Decimal::MIN,
        most,
        -most,
        Decimal::new(1, 28),
        Decimal::new(900_000_000_000_001, 12),
        Decimal::ZERO,
    ];
    for one in odd {
        for two in odd {
            for three in odd {
                for value in [DiscountValue::Percent(three), amount(three, "EUR", 2), amount(three, "EUR", 40)] {
                    of(vec![charge("a", one, "EUR"), charge("b", two, "EUR")], vec![off(value)]);
                }
            }
        }
    }
}

#[test]
fn a_charge_that_overflows_is_left_out_and_named() {
    let (found, problems) = of(vec![charge("a", Decimal::MAX, "EUR"), charge("b", Decimal::TEN, "EUR")], vec![]);
    assert_eq!(found.iter().map(|segment| segment.item.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(
        problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "subscriptions/sub: item a of contract sub: an annual run rate beyond 9,223,372,036,854 in the major unit can't be kept; the charge is left out"
        ]
    );
    let (found, problems) = of(vec![charge("a", Decimal::TEN, "EUR")], vec![off(DiscountValue::Percent(Decimal::MIN))]);
    assert_eq!(found, []);
    assert!(problems[0].message.starts_with("item a of contract sub: its amount after discounts is too large"));
}

#[test]
fn an_amount_is_spread_to_the_decimals_of_its_source() {
    // ISO 4217 has no decimals for ISK, Stripe's amounts have two.
    let charges = vec![charge("a", Decimal::TEN, "ISK"), charge("b", Decimal::TEN, "ISK")];
    let half = Decimal::new(150, 2);
    let net = |decimals: u32| -> Vec<i64> {
        let (found, problems) = of(charges.clone(), vec![off(amount(half, "ISK", decimals))]);
        assert_eq!(problems, []);
        found.iter().map(|segment| segment.net.0 / 12).collect()
    };
    assert_eq!(net(2), [9_250_000, 9_250_000]);
    assert_eq!(net(0), [9_000_000, 9_000_000]);
}

#[test]
fn what_does_not_count_keeps_what_it_would_come_to() {
    let at = |text: &str| text.parse().unwrap();
    let stood = |standing, from: &str, until: &str| Stood {
        contract: "sub".into(),
        standing,
        from: at(from),
        until: Some(at(until)),
    };
    let off = |duration, percent: i64| Discount { duration, ..off(DiscountValue::Percent(percent.into())) };
    let facts = AccountFacts {
        charges: vec![charge("a", 100.into(), "EUR")],
        discounts: vec![off(Duration::Forever, 10), off(Duration::Repeating, 50), off(Duration::Once, 20)],
        stood: vec![
            stood(Standing::PastDue, "2026-02-01T09:00:00Z", "2026-02-20T00:00:00Z"),
            stood(Standing::Trial, "2026-01-01T00:00:00Z", "2026-01-15T10:00:00Z"),
            stood(Standing::Ending, "2026-02-10T00:00:00Z", "2026-03-01T00:00:00Z"),
        ],
        ..AccountFacts::default()
    };
    let (found, problems) = segments(&facts, Zone::UTC);
    assert_eq!(problems, []);
    let yearly = |monthly: i64| RunRate(monthly * 12_000_000);
    let rates = Rates { list: yearly(100), forever: yearly(90), running: yearly(45), all: yearly(36) };
    assert!(found.iter().all(|segment| segment.rates == rates), "{found:?}");
    let told = found.iter().map(|segment| {
        let standing = segment.standing.map_or("active", Standing::as_str);
        let ending = if segment.ending { ", ending" } else { "" };
        format!("{} {standing}{ending}: {} of {}", segment.days.from.0, segment.net.0, segment.gross.0)
    });
    let day = |text: &str| Zone::UTC.day_of(at(text)).0;
    let expected = [
        format!("{} trial: 0 of 0", day("2026-01-01T00:00:00Z")),
        format!("{} active: 540000000 of 1200000000", day("2026-01-15T00:00:00Z")),
        format!("{} past_due: 540000000 of 1200000000", day("2026-02-01T00:00:00Z")),
        format!("{} past_due, ending: 540000000 of 1200000000", day("2026-02-10T00:00:00Z")),
        format!("{} active, ending: 540000000 of 1200000000", day("2026-02-20T00:00:00Z")),
        format!("{} active: 540000000 of 1200000000", day("2026-03-01T00:00:00Z")),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}
