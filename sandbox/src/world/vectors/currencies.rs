//! Currencies with no, two and three decimals.

use super::script::{Script, at};
use crate::world::money::Currency::{Bhd, Isk, Jpy, Krw, Kwd, Usd};

pub(super) fn write(script: &mut Script) {
    for (name, currency, minor) in [
        ("F5 yen", Jpy, 12_000),
        ("F5 won", Krw, 130_000),
        ("F5 Kuwaiti dinar", Kwd, 30_500),
        ("F5 Bahraini dinar", Bhd, 12_340),
        ("F5 króna", Isk, 590_000),
        ("F6 billed in dollars", Usd, 10_000),
    ] {
        let mut case = script.customer(name, currency);
        let price = case.monthly(minor);
        case.subscribes(at("2025-05-10 12:00"), &[(price, 1)]);
    }
}
