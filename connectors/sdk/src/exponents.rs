//! How many decimals a vendor's amounts have.

use std::collections::BTreeMap;
use std::fmt;

use revenue::money::Currency;
use rust_decimal::Decimal;

use crate::SettingsError;

/// A run rate of larger amounts could not be kept.
const MOST: i64 = 9_000_000_000_000;

/// The exponents of a vendor's amounts, with an admin's corrections (`currency_exponents`) before the vendor's table.
#[derive(Debug, Clone)]
pub struct Exponents {
    /// The vendor's table; `None` for a currency of which nobody knows what its amounts mean: guessing would be wrong by
    /// a factor of ten or a hundred.
    table: fn(Currency) -> Option<u32>,
    corrections: BTreeMap<String, u32>,
}

impl Exponents {
    /// A vendor's table with corrections.
    pub fn new(table: fn(Currency) -> Option<u32>, corrections: BTreeMap<String, u32>) -> Result<Self, SettingsError> {
        let invalid = |remedy: String| SettingsError::Invalid { key: "currency_exponents".into(), remedy };
        let mut checked = BTreeMap::new();
        for (code, exponent) in corrections {
            let currency: Currency = code.parse().map_err(|error| invalid(format!("{error}")))?;
            if exponent > 4 {
                return Err(invalid(format!(
                    "{code} = {exponent} is more decimals than any currency has; write 0 to 4"
                )));
            }
            checked.insert(currency.as_str().to_owned(), exponent);
        }
        Ok(Self { table, corrections: checked })
    }

    /// How many decimals amounts in a currency have.
    pub fn of(&self, currency: Currency) -> Option<u32> {
        self.corrections.get(currency.as_str()).copied().or_else(|| (self.table)(currency))
    }
}

/// What was corrected, for the version of the rules.
impl fmt::Display for Exponents {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.corrections.iter().try_for_each(|(code, exponent)| write!(out, "{code}={exponent} "))
    }
}

/// An amount in the major unit, unless it is too large to be kept.
pub fn major(minor: Decimal, exponent: u32) -> Option<Decimal> {
    let amount = minor.checked_mul(Decimal::new(1, exponent))?;
    (amount.abs() <= Decimal::from(MOST)).then(|| amount.normalize())
}
