//! How long is contracted for, and how long is paid for at once.

use super::script::{Script, at};
use crate::world::cycle::Interval::Quarter;
use crate::world::money::Currency::Eur;
use crate::world::money::Fine;
use crate::world::subscription::Act;
use crate::world::tariff::Tariff;

pub(super) fn write(script: &mut Script) {
    let mut case = script.customer("V4 three months at once", Eur);
    let price = case.price(Quarter, Tariff::PerUnit(Fine::of_minor(9_000)));
    case.subscribes(at("2025-02-10 12:00"), &[(price, 1)]);

    let mut case = script.customer("V16 one month across the end of March", Eur);
    let price = case.monthly(10_000);
    case.subscribes(at("2025-03-29 12:00"), &[(price, 1)]).ends_with_period(at("2025-04-10 12:00"));

    // 20 seats at 30 are 600 for the three months.
    let mut case = script.customer("V17 a quarter with 20 seats", Eur);
    let seat = case.price(Quarter, Tariff::PerUnit(Fine::of_minor(3_000)));
    case.subscribes(at("2024-07-01 12:00"), &[(seat, 20)]).ends_with_period(at("2024-09-10 12:00"));

    // An annual price and a date on which it ends, in the middle of the second year.
    for (name, start, end) in [
        ("V19 a term that is over", "2024-03-10 12:00", "2025-09-10 12:00"),
        ("V19 a term that runs", "2025-03-10 12:00", "2026-09-10 12:00"),
    ] {
        let mut case = script.customer(name, Eur);
        let price = case.yearly(10_000);
        let start = at(start);
        case.subscribes(start, &[(price, 1)]).ends_on(at(end), start.plus_seconds(1_800));
    }

    let mut case = script.customer("V22 599.95 a year", Eur);
    let price = case.yearly(59_995);
    case.subscribes(at("2025-03-10 12:00"), &[(price, 1)]);

    // A refund is a record of its own; the credit note for it is what the bill shows.
    let mut case = script.customer("V28 refunded and canceled later", Eur);
    let price = case.yearly(120_000);
    case.subscribes(at("2024-12-10 12:00"), &[(price, 1)])
        .then(at("2025-01-15 12:00"), Act::Refunded)
        .then(at("2025-01-15 12:05"), Act::Credited)
        .then(at("2025-07-20 12:00"), Act::EndedAtOnce);
}
