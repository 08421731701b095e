//! How many decimals Chargebee's amounts have.

use revenue::money::Currency;

/// Amounts are in cents; those of currencies without a minor unit are in the major unit, and those of currencies with
/// three decimals are in hundredths all the same (apidocs.chargebee.com/docs/api/currencies). `None` for a currency that
/// ISO 4217 does not know.
pub(crate) fn decimals(currency: Currency) -> Option<u32> {
    currency.exponent().map(|exponent| exponent.min(2))
}

#[cfg(test)]
mod tests {
    #[test]
    fn three_decimals_are_two() {
        for (code, expect) in [("EUR", Some(2)), ("JPY", Some(0)), ("KWD", Some(2)), ("QQQ", None)] {
            assert_eq!(super::decimals(code.parse().unwrap()), expect, "{code}");
        }
    }
}
