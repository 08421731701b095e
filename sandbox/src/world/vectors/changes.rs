//! Prices and quantities that change, and bills with negative lines.

use super::script::{Script, at, moved_to, units};
use crate::world::money::Currency::Eur;
use crate::world::subscription::{Act, Edit, Settlement};

pub(super) fn write(script: &mut Script) {
    let mut case = script.customer("V2 annual plan", Eur);
    let plan = case.yearly(200_000);
    case.subscribes(at("2024-11-10 12:00"), &[(plan, 1)]);
    let second = case.also_buys("V2 second plan").monthly(6_000);
    case.subscribes(at("2025-02-10 12:00"), &[(second, 1)]).ends_with_period(at("2025-04-01 12:00"));

    let mut case = script.customer("V3 gone for some months", Eur);
    let (plan, seat) = (case.yearly(200_000), case.monthly(5_000));
    case.subscribes(at("2024-01-10 12:00"), &[(plan, 1)])
        .ends_with_period(at("2024-11-20 12:00"))
        .subscribes(at("2025-05-10 12:00"), &[(seat, 3)]);

    let mut case = script.customer("V14 less", Eur);
    let (dear, cheap) = (case.monthly(10_000), case.monthly(7_000));
    case.subscribes(at("2024-12-10 12:00"), &[(dear, 1)]).then(at("2025-02-15 12:00"), moved_to(cheap));

    let mut case = script.customer("V5 moved to a dearer price", Eur);
    let (cheap, dear) = (case.monthly(10_000), case.monthly(25_000));
    let moved = Act::Amended { edits: vec![Edit::Price { item: 0, price: dear }], settlement: Settlement::NextCycle };
    case.subscribes(at("2025-01-01 10:00"), &[(cheap, 1)]).then(at("2025-02-01 15:00"), moved);

    let mut case = script.customer("V5 replaced by a dearer subscription", Eur);
    let (cheap, dear) = (case.monthly(10_000), case.monthly(25_000));
    case.subscribes(at("2025-01-01 10:00"), &[(cheap, 1)])
        .then(at("2025-01-20 10:00"), Act::EndRequested)
        .then(at("2025-02-01 10:00"), Act::EndedWithPeriod)
        .subscribes(at("2025-02-01 10:05"), &[(dear, 1)]);

    // April has thirty days, so what is left on the 16th is half of the month to the second.
    let mut case = script.customer("V6 second seat", Eur);
    let seat = case.monthly(5_000);
    let second = Act::Amended { edits: vec![Edit::Quantity { item: 0, quantity: 2 }], settlement: Settlement::AtOnce };
    case.subscribes(at("2025-04-01 00:00"), &[(seat, 1)]).then(at("2025-04-16 00:00"), second);

    // What is unused of the dear price is more than what the cheap one costs: the bill itself is negative.
    let mut case = script.customer("F4 negative lines", Eur);
    let (dear, cheap) = (case.monthly(20_000), case.monthly(5_000));
    let down = Act::Amended { edits: vec![Edit::Price { item: 0, price: cheap }], settlement: Settlement::AtOnce };
    case.subscribes(at("2025-05-10 12:00"), &[(dear, 1)]).then(at("2025-05-20 12:00"), down);

    // The credit note comes when everything is paid back already, so nothing remains that it could take off.
    let mut case = script.customer("F4 paid back and credited besides", Eur);
    let price = case.monthly(6_000);
    case.subscribes(at("2025-05-10 12:00"), &[(price, 1)])
        .then(at("2025-07-12 12:00"), Act::Refunded)
        .then(at("2025-07-13 12:00"), Act::Credited);

    let mut case = script.customer("F3 quantity 0", Eur);
    let seat = case.monthly(4_000);
    case.subscribes(at("2025-03-10 12:00"), &[(seat, 2)])
        .then(at("2025-06-16 12:00"), units(0))
        .then(at("2025-09-16 12:00"), units(1));
}
