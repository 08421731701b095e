//! How many decimals Stripe's amounts have.

use revenue::money::Currency;

/// Amounts are in the major unit (docs.stripe.com/currencies, zero-decimal).
const ZERO: &str = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF";
/// Amounts are in thousandths (docs.stripe.com/currencies, three-decimal).
const THREE: &str = "BHD JOD KWD OMR TND";
/// No decimals in ISO 4217, but Stripe kept two for compatibility: 5 ISK is 500.
const TWO: &str = "ISK";

/// `None` for a currency of which nobody knows what Stripe's amounts mean.
pub(crate) fn decimals(currency: Currency) -> Option<u32> {
    let code = currency.as_str();
    let listed = |table: &str| table.split(' ').any(|known| known == code);
    match code {
        _ if listed(ZERO) => Some(0),
        _ if listed(THREE) => Some(3),
        _ if listed(TWO) => Some(2),
        _ => currency.exponent().filter(|exponent| *exponent == 2),
    }
}

#[cfg(test)]
mod tests {
    use mrr_connector_sdk::Exponents;

    #[test]
    fn stripes_own_exceptions_come_before_iso_4217() {
        let exponents = Exponents::new(super::decimals, [("UGX".to_owned(), 2)].into()).unwrap();
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
