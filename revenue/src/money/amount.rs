//! Sums of run rates, exact also after a change of currency, and their twelfth.

use std::fmt;

/// An exact annual amount in 1e-18 of the major unit.
///
/// Six of the eighteen decimals come from [`super::RunRate`] and twelve from an exchange
/// [`super::Rate`], so a product of the two needs no rounding, and a sum of converted amounts is
/// the converted sum. Up to 1.7e20 of the major unit fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(pub i128);

/// An amount that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is out of range: more than 1.7e20 of the major unit")]
pub struct AmountError;

/// How many decimals an [`Amount`] keeps.
const SCALE: usize = 18;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The sum, or an error where it does not fit.
    pub fn checked_add(self, other: Self) -> Result<Self, AmountError> {
        self.0.checked_add(other.0).map(Self).ok_or(AmountError)
    }

    /// The difference, or an error where it does not fit.
    pub fn checked_sub(self, other: Self) -> Result<Self, AmountError> {
        self.0.checked_sub(other.0).map(Self).ok_or(AmountError)
    }

    /// A twelfth, rounded half up at the eighteenth decimal.
    ///
    /// Half up, because it does not depend on where it starts: adding a multiple of twelve to
    /// the amount moves the result by exactly that twelfth, which [`super::monthly_flows`]
    /// relies on.
    pub fn monthly(self) -> Self {
        self.monthly_to(SCALE as u32)
    }

    /// A twelfth, rounded half up to so many decimals, at most eighteen.
    pub fn monthly_to(self, decimals: u32) -> Self {
        let (unit, grain) = twelfth(decimals);
        Self((self.0.div_euclid(unit) + i128::from(self.0.rem_euclid(unit) * 2 >= unit)) * grain)
    }

    /// `self / base` as a decimal with 18 places, rounded half to even; `None` when the base is 0.
    pub fn ratio(self, base: Self) -> Option<Self> {
        if base.0 == 0 {
            return None;
        }
        let negative = (self.0 < 0) != (base.0 < 0);
        let divisor = base.0.unsigned_abs();
        let mut quotient = (self.0.unsigned_abs() / divisor) as i128;
        let mut remainder = self.0.unsigned_abs() % divisor;
        for _ in 0..SCALE {
            // Long division, a digit at a time: ten times a remainder still fits 128 bits as
            // long as the divisor is below 3.4e37, which is 3.4e19 of the major unit.
            remainder = remainder.checked_mul(10)?;
            quotient = quotient.checked_mul(10)?.checked_add((remainder / divisor) as i128)?;
            remainder %= divisor;
        }
        match remainder.cmp(&(divisor - remainder)) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => quotient += quotient % 2,
            std::cmp::Ordering::Greater => quotient += 1,
        }
        Some(Self(if negative { -quotient } else { quotient }))
    }
}

/// Plain decimal notation without trailing zeros, as PostgreSQL's `numeric` reads it.
impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let digits = self.0.unsigned_abs().to_string();
        let digits = format!("{digits:0>width$}", width = SCALE + 1);
        let (whole, fraction) = digits.split_at(digits.len() - SCALE);
        match fraction.trim_end_matches('0') {
            "" => write!(out, "{sign}{whole}"),
            fraction => write!(out, "{sign}{whole}.{fraction}"),
        }
    }
}

/// The reverse of `Display`: plain decimal notation with at most 18 decimals that are not 0.
impl std::str::FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let fraction = fraction.trim_end_matches('0');
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || fraction.len() > SCALE || !plain(whole) || !plain(fraction) {
            return Err(AmountError);
        }
        let digits = format!("{whole}{fraction:0<SCALE$}");
        let value: i128 = digits.parse().map_err(|_| AmountError)?;
        Ok(Self(if negative { -value } else { value }))
    }
}

/// How much a year the last of so many decimals of a month is, and how much that decimal is.
pub(super) fn twelfth(decimals: u32) -> (i128, i128) {
    let grain = 10_i128.pow((SCALE as u32).saturating_sub(decimals));
    (12 * grain, grain)
}

#[cfg(test)]
mod tests {
    use super::Amount;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn twelfths_keep_eighteen_decimals() {
        assert_eq!(amount("599.95").monthly().to_string(), "49.995833333333333333");
        assert_eq!(amount("-599.95").monthly().to_string(), "-49.995833333333333333");
        assert_eq!(amount("1200").monthly().to_string(), "100");
        assert_eq!(amount("0.000000000000000006").monthly().to_string(), "0.000000000000000001");
    }

    #[test]
    fn ratios_are_decimals() {
        assert_eq!(amount("1100000").ratio(amount("1000000")).unwrap().to_string(), "1.1");
        assert_eq!(amount("2").ratio(amount("3")).unwrap().to_string(), "0.666666666666666667");
        assert_eq!(amount("-1").ratio(amount("8")).unwrap().to_string(), "-0.125");
        assert_eq!(amount("1").ratio(Amount::ZERO), None);
    }

    #[test]
    fn text_is_read_exactly_or_refused() {
        for text in ["0", "-0.000001", "170141183460469231731", "12.000000000000000001"] {
            assert_eq!(amount(text).to_string(), text);
        }
        for text in ["", ".5", "1e3", "NaN", "0.0000000000000000001", "999999999999999999999"] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
    }
}
