//! ISO 4217 currencies and how many decimals their minor unit has.

use std::fmt;
use std::str::FromStr;

/// A currency by its ISO 4217 code, kept in upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Text that is not an ISO 4217 code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a currency code: write three letters as ISO 4217 has them, such as EUR")]
pub struct CurrencyError(pub String);

/// Currencies in use whose minor unit is not a hundredth (ISO 4217, amendment 176).
/// A source's own exceptions to this table belong to its connector.
const EXPONENTS: &[(&str, u32)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// Codes whose minor unit is a hundredth. A code in neither table is refused: guessing a
/// hundredth would be wrong by a factor of a hundred for the next currency without decimals.
const HUNDREDTHS: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL \
    BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP \
    GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK \
    LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR \
    NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN \
    SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW \
    ZWG HRK CUC SLL ZWL";

impl Currency {
    /// ISO 4217's code for no currency. In timelines it marks the days on which an account pays
    /// nothing and is a customer all the same; whatever its amount, it is worth nothing.
    pub const NONE: Self = Self(*b"XXX");

    /// How many decimals the minor unit has: 2 for EUR, 0 for JPY, 3 for KWD.
    /// `None` for a code that is no currency in use.
    pub fn exponent(self) -> Option<u32> {
        let code = self.as_str();
        EXPONENTS
            .iter()
            .find(|(known, _)| *known == code)
            .map(|(_, exponent)| *exponent)
            .or_else(|| HUNDREDTHS.split_ascii_whitespace().any(|known| known == code).then_some(2))
    }

    /// The code in upper case, as ISO 4217 writes it.
    pub fn as_str(&self) -> &str {
        // Only ASCII letters get in.
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// The three bytes of the code, for packing.
    pub fn to_bytes(self) -> [u8; 3] {
        self.0
    }

    /// The reverse of [`Currency::to_bytes`].
    #[inline]
    pub fn from_bytes(bytes: [u8; 3]) -> Result<Self, CurrencyError> {
        if bytes.iter().all(u8::is_ascii_alphabetic) {
            Ok(Self(bytes.map(|byte| byte.to_ascii_uppercase())))
        } else {
            Err(CurrencyError(String::from_utf8_lossy(&bytes).into_owned()))
        }
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || CurrencyError(text.chars().take(20).collect());
        let bytes: [u8; 3] = text.as_bytes().try_into().map_err(|_| refused())?;
        Self::from_bytes(bytes).map_err(|_| refused())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Currency;

    #[test]
    fn exponents_follow_iso_4217() {
        for (code, expect) in [("eur", Some(2)), ("JPY", Some(0)), ("kwd", Some(3)), ("CLF", Some(4)), ("QQQ", None)] {
            assert_eq!(code.parse::<Currency>().unwrap().exponent(), expect, "{code}");
        }
    }

    #[test]
    fn text_that_is_no_code_is_refused() {
        for text in ["", "EU", "EURO", "E1R", "€€€"] {
            assert!(text.parse::<Currency>().is_err(), "{text}");
        }
    }
}
