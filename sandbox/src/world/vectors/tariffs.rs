//! How often is billed, and how units become an amount.

use super::script::{Script, at};
use crate::world::cycle::Interval::{Day, FourWeeks, Month, Quarter, TwoYears, Week};
use crate::world::money::Currency::Eur;
use crate::world::money::Fine;
use crate::world::tariff::{Tariff, Tier, Tiers};

pub(super) fn write(script: &mut Script) {
    let start = at("2025-06-10 12:00");
    for (name, interval, minor) in [
        ("F7 weekly", Week, 1_000),
        ("F7 every 4 weeks", FourWeeks, 4_000),
        ("F7 every 3 months", Quarter, 10_000),
        ("F7 every 2 years", TwoYears, 59_995),
    ] {
        let mut case = script.customer(name, Eur);
        let price = case.price(interval, Tariff::PerUnit(Fine::of_minor(minor)));
        case.subscribes(start, &[(price, 1)]);
    }
    let mut case = script.customer("F7 daily", Eur);
    let price = case.price(Day, Tariff::PerUnit(Fine::of_minor(100)));
    case.subscribes(at("2025-12-20 12:00"), &[(price, 1)]);

    let tier = |up_to, cents, flat| Tier { up_to, unit: Fine::of_minor(cents), flat };
    for (name, tariff, units) in [
        ("F8 graduated", Tariff::Tiered(Tiers::Graduated, vec![tier(Some(5), 1_000, 0), tier(None, 800, 500)]), 7),
        ("F8 volume", Tariff::Tiered(Tiers::Volume, vec![tier(Some(10), 900, 0), tier(None, 700, 0)]), 12),
        ("F8 package", Tariff::Package { amount: Fine::of_minor(700), size: 10 }, 25),
        ("F8 half a cent", Tariff::PerUnit(Fine(5_000)), 1_001),
    ] {
        let mut case = script.customer(name, Eur);
        let price = case.price(Month, tariff);
        case.subscribes(start, &[(price, units)]);
    }

    let mut case = script.customer("F8 metered beside a plan", Eur);
    let plan = case.monthly(2_000);
    let usage = case.also_buys("F8 usage").price(Month, Tariff::Metered(Fine(3_500)));
    case.subscribes(start, &[(plan, 1), (usage, 0)]);
}
