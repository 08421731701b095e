//! The examples that the requirements give in words.

use super::script::{Script, at, moved_to};
use crate::world::money::Currency::Eur;
use crate::world::subscription::Act;

pub(super) fn write(script: &mut Script) {
    // A million a month.
    let (before, within) = (at("2024-12-10 12:00"), at("2025-05-15 12:00"));
    for (name, from, to) in [
        ("R group grows", 87_500_000, Some(102_500_000)),
        ("R group shrinks", 10_000_000, Some(7_500_000)),
        ("R group leaves", 2_500_000, None),
    ] {
        let mut case = script.customer_of("R group", name, Eur);
        let price = case.monthly(from);
        let after = to.map(|to| case.monthly(to));
        case.subscribes(before, &[(price, 1)]).then(within, after.map_or(Act::EndedAtOnce, moved_to));
    }

    // Three tenths more in each of three years, of which the third is still a plan.
    let mut case = script.customer("R growth", Eur);
    let [first, second, third, fourth] = [100_000, 130_000, 169_000, 219_700].map(|cents| case.monthly(cents));
    let june = |year: u32| at("2024-06-10 12:00").plus_months(12 * year);
    let planned = [(june(0), second, 1), (june(1), third, 1), (june(2), fourth, 1)];
    case.subscribes(at("2024-01-10 12:00"), &[(first, 1)]).is_planned(&planned, june(3));

    // Two of twenty-five leave in 2025.
    for n in 1..=25 {
        let mut case = script.customer_of("R churn", &format!("R churn {n}"), Eur);
        let price = case.yearly(48_000);
        case.subscribes(at("2024-06-10 12:00").plus_seconds(n), &[(price, 1)]);
        if n <= 2 {
            case.ends_with_period(at("2025-04-20 12:00"));
        }
    }

    let mut case = script.customer("R annual contract", Eur);
    let price = case.yearly(120_000);
    case.subscribes(at("2024-12-10 12:00"), &[(price, 1)]).ends_with_period(at("2025-10-20 12:00"));
}
