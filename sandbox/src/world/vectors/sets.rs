//! Sets of customers of which some come, go and change.

use super::script::{Case, Script, at, moved_to};
use crate::world::clock::Moment;
use crate::world::money::Currency::Eur;
use crate::world::money::Minor;
use crate::world::subscription::Act;

pub(super) fn write(script: &mut Script) {
    several(script, "V1", "at 5", 5, at("2025-01-10 12:00"), 500);
    several(script, "V1", "at 30", 2, at("2025-02-10 12:00"), 3_000);

    let before = at("2024-12-10 12:00");
    let within = at("2025-01-15 12:00");
    from(script, "V7", "V7 gone", before, 1_000).then(within, Act::EndedAtOnce);
    changes(script, "V7", "V7 less", before, &[(2_000, before), (1_000, within)]);
    changes(script, "V7", "V7 more", before, &[(7_000, before), (8_000, within)]);

    changes(script, "V8", "V8 more", before, &[(10_000, before), (11_000, within)]);
    from(script, "V8", "V8 new", within, 1_000);

    let october = at("2025-10-10 12:00");
    several(script, "V9", "stays", 89, october, 1_000);
    for n in 1..=10 {
        let start = october.plus_seconds(100 + n);
        from(script, "V9", &format!("V9 leaves {n}"), start, 1_000)
            .then(at("2025-11-20 12:00").plus_seconds(n), Act::EndedAtOnce);
    }
    let mut case = from(script, "V9", "V9 comes back", october, 1_000);
    let again = case.monthly(1_000);
    case.then(at("2025-11-15 12:00"), Act::EndedAtOnce).subscribes(at("2025-11-25 12:00"), &[(again, 1)]);
    from(script, "V9", "V9 joins and leaves", at("2025-11-05 12:00"), 1_000)
        .then(at("2025-11-18 12:00"), Act::EndedAtOnce);

    // Twenty at the beginning of each month; one of them leaves, and another one comes.
    several(script, "V10", "stays", 14, at("2025-06-10 12:00"), 10_000);
    for n in 0..6 {
        from(script, "V10", &format!("V10 leaves {}", n + 1), at("2025-06-10 13:00").plus_seconds(n.into()), 10_000)
            .then(at("2025-07-15 12:00").plus_months(n), Act::EndedAtOnce);
        from(script, "V10", &format!("V10 comes {}", n + 1), at("2025-07-20 12:00").plus_months(n), 10_000);
    }

    several(script, "V12", "monthly", 100, at("2025-11-10 12:00"), 10_000);
    for n in 1..=50 {
        let mut case = script.customer_of("V12", &format!("V12 annual {n}"), Eur);
        let year = case.yearly(60_000);
        case.subscribes(at("2025-11-10 13:00").plus_seconds(n), &[(year, 1)]);
    }

    let (february, march) = (at("2025-02-15 12:00"), at("2025-03-15 12:00"));
    changes(script, "V23", "V23 up and down", before, &[(10_000, before), (15_000, february), (12_000, march)]);

    from(script, "V24", "V24 stays", before, 10_000);
    from(script, "V24", "V24 comes and goes", february, 5_000).then(march, Act::EndedAtOnce);

    from(script, "V25", "V25 billed in euro", before, 10_000);
}

/// A customer who pays so much a month.
fn from<'a>(script: &'a mut Script, product: &str, name: &str, start: Moment, cents: Minor) -> Case<'a> {
    let mut case = script.customer_of(product, name, Eur);
    let price = case.monthly(cents);
    case.subscribes(start, &[(price, 1)]);
    case
}

/// So many such customers, one after the other.
fn several(script: &mut Script, product: &str, what: &str, count: i64, start: Moment, cents: Minor) {
    for n in 1..=count {
        from(script, product, &format!("{product} {what} {n}"), start.plus_seconds(n), cents);
    }
}

/// A customer who pays so much a month, and something else from each later moment on.
fn changes(script: &mut Script, product: &str, name: &str, start: Moment, prices: &[(Minor, Moment)]) {
    let mut case = from(script, product, name, start, prices[0].0);
    for &(cents, moment) in &prices[1..] {
        let price = case.monthly(cents);
        case.then(moment, moved_to(price));
    }
}
