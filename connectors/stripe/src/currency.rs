//! How many decimals Stripe's amounts have.

use std::collections::BTreeMap;
use std::fmt;

use mrr_connector_sdk::SettingsError;
use revenue::money::Currency;

/// Amounts are in the major unit (docs.stripe.com/currencies, zero-decimal).
const ZERO: &str = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF";
/// Amounts are in thousandths (docs.stripe.com/currencies, three-decimal).
const THREE: &str = "BHD JOD KWD OMR TND";
/// No decimals in ISO 4217, but Stripe kept two for compatibility: 5 ISK is 500.
const TWO: &str = "ISK";

/// The exponents of Stripe's amounts, with an admin's corrections before the table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exponents(BTreeMap<String, u32>);

impl Exponents {
    pub(crate) fn with(corrections: BTreeMap<String, u32>) -> Result<Self, SettingsError> {
        let invalid = |remedy: String| SettingsError::Invalid { key: "currency_exponents".into(), remedy };
        let mut table = BTreeMap::new();
        for (code, exponent) in corrections {
            let currency: Currency = code.parse().map_err(|error| invalid(format!("{error}")))?;
            if exponent > 4 {
                return Err(invalid(format!(
                    "{code} = {exponent} is more decimals than any currency has; write 0 to 4"
                )));
            }
            table.insert(currency.as_str().to_owned(), exponent);
        }
        Ok(Self(table))
    }

    /// `None` for a currency of which nobody knows what Stripe's amounts mean: guessing would be
    /// wrong by a factor of ten or a hundred.
    pub(crate) fn of(&self, currency: Currency) -> Option<u32> {
        let code = currency.as_str();
        let listed = |table: &str| table.split(' ').any(|known| known == code);
        match self.0.get(code) {
            Some(exponent) => Some(*exponent),
            None if listed(ZERO) => Some(0),
            None if listed(THREE) => Some(3),
            None if listed(TWO) => Some(2),
            None => currency.exponent().filter(|exponent| *exponent == 2),
        }
    }
}

impl fmt::Display for Exponents {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(code, exponent)| write!(out, "{code}={exponent} "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripes_own_exceptions_come_before_iso_4217() {
        let exponents = Exponents::with([("UGX".to_owned(), 2)].into()).unwrap();
        let cases = [
            ("eur", Some(2)),
            ("jpy", Some(0)),
            ("isk", Some(2)),
            ("ugx", Some(2)),
            ("kwd", Some(3)),
            ("mga", Some(0)),
            ("clf", None),
            ("qqq", None),
        ];
        for (code, expect) in cases {
            assert_eq!(exponents.of(code.parse().unwrap()), expect, "{code}");
        }
    }
}
