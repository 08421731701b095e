//! What is contracted for later: phases of schedules, and ends that are named before.

use super::script::{Script, at};
use crate::world::money::Currency::Eur;

pub(super) fn write(script: &mut Script) {
    for (name, years) in [
        ("V18 second year begun", ["2024-01-10 12:00", "2025-01-10 12:00", "2026-01-10 12:00"]),
        ("V18 second year ahead", ["2025-02-10 12:00", "2026-02-10 12:00", "2027-02-10 12:00"]),
    ] {
        let [first, second, over] = years.map(at);
        let mut case = script.customer(name, Eur);
        let (low, high) = (case.monthly(1_000), case.monthly(10_000));
        case.subscribes(first, &[(low, 1)]).is_planned(&[(second, high, 1)], over);
    }

    // 120 at 60. Twenty of them get 60 more by schedules, half of them by price and half by quantity. Ten have two
    // subscriptions, of 50 and of 10, and the one of 50 ends: for half of them with its period, for half on a date.
    for n in 1..=120 {
        let what = match n {
            1..=10 => "dearer later",
            11..=20 => "second seat later",
            21..=25 => "less with the period",
            26..=30 => "less on a date",
            _ => "stays",
        };
        let mut case = script.customer_of("V11", &format!("V11 {what} {n}"), Eur);
        let [small, large, whole, double] = [1_000, 5_000, 6_000, 12_000].map(|cents| case.monthly(cents));
        let start = at("2025-11-10 12:00").plus_seconds(n);
        let (may, over) = (start.plus_months(6), start.plus_months(12));
        match n {
            1..=10 => case.subscribes(start, &[(whole, 1)]).is_planned(&[(may, double, 1)], over),
            11..=20 => case.subscribes(start, &[(whole, 1)]).is_planned(&[(may, whole, 2)], over),
            21..=30 => {
                let asked = at("2025-12-15 12:00").plus_seconds(n);
                case.subscribes(start, &[(small, 1)]).subscribes(start, &[(large, 1)]);
                if n <= 25 { case.ends_with_period(asked) } else { case.ends_on(at("2026-06-20 12:00"), asked) }
            }
            _ => case.subscribes(start, &[(whole, 1)]),
        };
    }
}
