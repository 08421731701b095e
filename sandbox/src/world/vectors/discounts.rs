//! Coupons: for ever, for some months, for one billing, larger than the price, and over several items.

use super::script::{Script, at};
use crate::world::catalogue::Duration::{Forever, Months, Once};
use crate::world::catalogue::Reduction::{Fixed, Percent};
use crate::world::money::Currency::Eur;

const HALF: u32 = 5_000;
const ALL: u32 = 10_000;

pub(super) fn write(script: &mut Script) {
    let start = at("2025-03-10 12:00");
    for (name, reduction, duration) in [
        ("V13 half off for ever", HALF, Forever),
        ("V13 half off, still running", HALF, Months(24)),
        ("V13 half off, run out in September", HALF, Months(6)),
        ("V13 half off once", HALF, Once),
        ("F4 everything off for ever", ALL, Forever),
        ("F4 everything off once", ALL, Once),
    ] {
        let mut case = script.customer(name, Eur);
        let year = case.yearly(120_000);
        case.subscribes(start, &[(year, 1)]).with_coupon(Percent(reduction), duration);
    }

    let mut case = script.customer("V15 plan and add-on", Eur);
    let plan = case.monthly(10_000);
    let add_on = case.also_buys("V15 add-on").monthly(10_000);
    case.subscribes(start, &[(plan, 1), (add_on, 1)]).with_coupon(Fixed(Eur, 5_000), Forever);

    for n in 1..=77 {
        let mut case = script.customer_of("V20", &format!("V20 customer {n}"), Eur);
        let price = case.monthly(1_500);
        case.subscribes(at("2025-10-10 12:00").plus_seconds(n), &[(price, 1)]).with_coupon(Fixed(Eur, 1_400), Once);
    }

    let mut case = script.customer("V26 more off than it costs", Eur);
    let price = case.monthly(10_000);
    case.subscribes(start, &[(price, 1)]).with_coupon(Fixed(Eur, 15_000), Forever);

    let mut case = script.customer("V27 one", Eur);
    let one = case.monthly(10_000);
    let two = case.also_buys("V27 two").monthly(10_000);
    let three = case.also_buys("V27 three").monthly(10_000);
    case.subscribes(start, &[(one, 1), (two, 1), (three, 1)]).with_coupon(Fixed(Eur, 10_000), Forever);
}
