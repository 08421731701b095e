//! Amounts as Chargebee writes them: in cents, whatever ISO 4217 says of three decimals, and in whole units of
//! currencies that have no cents.

use crate::world::money::{Currency, Fine, Minor, divide_half_up};

/// Decimals of Chargebee's amounts in a currency.
pub(super) fn decimals(currency: Currency) -> u32 {
    if currency.exponent() == 0 { 0 } else { 2 }
}

/// An amount in cents, to the nearest.
pub(super) fn cents(amount: Minor, currency: Currency) -> i64 {
    fine_cents(Fine::of_minor(amount), currency)
}

/// A price in cents, to the nearest.
pub(super) fn fine_cents(amount: Fine, currency: Currency) -> i64 {
    let parts = i128::from(Fine::SCALE) * 10_i128.pow(currency.exponent() - decimals(currency));
    divide_half_up(i128::from(amount.0), parts)
}

/// The exact amount in the major unit, where cents don't hold it: sites with multi-decimal pricing have it beside.
pub(super) fn in_decimal(amount: Fine, currency: Currency) -> Option<String> {
    let parts = i128::from(Fine::SCALE) * 10_i128.pow(currency.exponent() - decimals(currency));
    if i128::from(amount.0) % parts == 0 {
        return None;
    }
    let whole = i128::from(Fine::SCALE) * 10_i128.pow(currency.exponent());
    let places = 4 + currency.exponent() as usize;
    let (units, rest) = (i128::from(amount.0) / whole, i128::from(amount.0) % whole);
    Some(format!("{units}.{rest:0places$}").trim_end_matches('0').to_owned())
}
