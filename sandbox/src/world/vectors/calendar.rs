//! Days that months lack, and days of 23 and of 25 hours.

use super::script::{Script, at, in_berlin, units};
use crate::world::money::Currency::Eur;
use crate::world::subscription::Act;

pub(super) fn write(script: &mut Script) {
    for (name, start) in [
        ("F1 monthly, anchored on the 31st", "2024-01-31 12:00"),
        ("F1 monthly, anchored on the 30th", "2024-01-30 12:00"),
        ("F1 monthly, anchored on 29 February", "2024-02-29 12:00"),
    ] {
        let mut case = script.customer(name, Eur);
        let price = case.monthly(3_100);
        case.subscribes(at(start), &[(price, 1)]);
    }
    let mut case = script.customer("F1 annual, anchored on 29 February", Eur);
    let price = case.yearly(36_600);
    case.subscribes(at("2024-02-29 12:00"), &[(price, 1)]);

    let mut case = script.customer("F1 annual from 29 February, ended after a year", Eur);
    let price = case.yearly(36_600);
    case.subscribes(at("2024-02-29 12:00"), &[(price, 1)])
        .then(at("2024-12-01 12:00"), Act::EndRequested)
        .then(at("2025-02-28 12:00"), Act::EndedWithPeriod);

    // The clocks of Berlin went forward in the night to 30 March and back in the night to 26 October.
    let mut case = script.customer("F2 a seat at each edge", Eur);
    let seat = case.monthly(1_000);
    case.subscribes(at("2025-02-10 12:00"), &[(seat, 1)]);
    for (n, moment) in EDGES.iter().enumerate() {
        case.then(in_berlin(moment), units(n as u32 + 2));
    }
    for (name, start, end) in [
        ("F2 from 00:30 on 30 March to 23:30 on 26 October", "2025-03-30 00:30", "2025-10-26 23:30"),
        ("F2 from 23:30 on 30 March to 00:30 on 26 October", "2025-03-30 23:30", "2025-10-26 00:30"),
        ("F2 from 23:30 on 26 October to 00:30 on 27 October", "2025-10-26 23:30", "2025-10-27 00:30"),
    ] {
        let mut case = script.customer(name, Eur);
        let price = case.monthly(2_000);
        case.subscribes(in_berlin(start), &[(price, 1)]).then(in_berlin(end), Act::EndedAtOnce);
    }
}

const EDGES: [&str; 8] = [
    "2025-03-29 23:30",
    "2025-03-30 00:30",
    "2025-03-30 23:30",
    "2025-03-31 00:30",
    "2025-10-25 23:30",
    "2025-10-26 00:30",
    "2025-10-26 23:30",
    "2025-10-27 00:30",
];
