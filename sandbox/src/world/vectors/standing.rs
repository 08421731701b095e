//! Trials, late payments, pauses, and subscriptions that take each other's place.

use super::script::{Script, at};
use crate::world::contract::Standing;
use crate::world::money::Currency::Eur;
use crate::world::subscription::{Act, PauseBehavior};

pub(super) fn write(script: &mut Script) {
    for n in 1..=14 {
        let standing = if n <= 5 { "active" } else { "past due" };
        let name = if n <= 6 { format!("V21 {standing} {n}") } else { format!("V21 trialing {n}") };
        let mut case = script.customer_of("V21", &name, Eur);
        let price = case.monthly(4_900);
        if n <= 6 {
            case.subscribes(at("2025-10-20 12:00"), &[(price, 1)]);
        } else {
            case.subscribes(at("2025-12-20 12:00"), &[(price, 1)]).on_trial(at("2026-01-10 12:00"));
        }
        if n == 6 {
            case.then(at("2025-12-20 14:00"), Act::Stood(Standing::PastDue));
        }
    }

    for (name, after) in [("F3 replaced in the same second", 10_000), ("F3 replaced by more", 12_000)] {
        let mut case = script.customer(name, Eur);
        let (before, after) = (case.monthly(10_000), case.monthly(after));
        let instant = at("2025-06-15 10:00");
        case.subscribes(at("2025-02-10 12:00"), &[(before, 1)])
            .then(instant, Act::EndedAtOnce)
            .subscribes(instant, &[(after, 1)]);
    }

    let mut case = script.customer("F3 trial to paid", Eur);
    let price = case.monthly(3_000);
    let until = at("2025-05-24 12:00");
    case.subscribes(at("2025-05-10 12:00"), &[(price, 1)]).on_trial(until).then(until, Act::Stood(Standing::Active));

    // Nobody records when a pause began; this one began on the day up to which was paid.
    let mut case = script.customer("F3 paused at the end of its period", Eur);
    let price = case.monthly(7_000);
    case.subscribes(at("2025-03-10 12:00"), &[(price, 1)])
        .then(at("2025-09-10 09:00"), Act::CollectionPaused { until: None, behavior: PauseBehavior::Void });

    // This one is seen by whoever syncs in December.
    let mut case = script.customer("F3 paused for ten days", Eur);
    let price = case.monthly(8_000);
    case.subscribes(at("2025-03-25 12:00"), &[(price, 1)])
        .then(at("2025-12-08 10:00"), Act::CollectionPaused { until: None, behavior: PauseBehavior::Void })
        .then(at("2025-12-18 10:00"), Act::CollectionResumed);
}
