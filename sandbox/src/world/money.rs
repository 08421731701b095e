//! Money without binary floats: minor units as integers, run rates in millionths of the major unit.

use std::fmt;
use std::ops::{Add, AddAssign};

/// An amount in the minor unit of its currency (cents).
pub type Minor = i64;

/// The currencies that the company bills in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Currency {
    /// Euro.
    Eur,
    /// United States dollar.
    Usd,
    /// Japanese yen, which has no minor unit.
    Jpy,
    /// Kuwaiti dinar of a thousand fils.
    Kwd,
    /// South Korean won, which has no minor unit.
    Krw,
    /// Bahraini dinar of a thousand fils.
    Bhd,
    /// Icelandic króna. ISO 4217 gives it no minor unit any more; billing systems go on counting in hundredths.
    Isk,
}

impl Currency {
    /// Those that the full repertoire is priced in.
    pub const ALL: [Self; 4] = [Self::Eur, Self::Usd, Self::Jpy, Self::Kwd];

    /// The ISO 4217 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Usd => "USD",
            Self::Jpy => "JPY",
            Self::Kwd => "KWD",
            Self::Krw => "KRW",
            Self::Bhd => "BHD",
            Self::Isk => "ISK",
        }
    }

    /// Digits of the minor unit after the point.
    pub fn exponent(self) -> u32 {
        match self {
            Self::Jpy | Self::Krw => 0,
            Self::Eur | Self::Usd | Self::Isk => 2,
            Self::Kwd | Self::Bhd => 3,
        }
    }
}

/// A price in ten-thousandths of the minor unit, because some units cost less than the smallest coin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Fine(pub i64);

impl Fine {
    /// Parts of one minor unit.
    pub const SCALE: i64 = 10_000;

    /// A whole number of minor units.
    pub fn of_minor(amount: Minor) -> Self {
        Self(amount * Self::SCALE)
    }

    /// As it is billed: to the nearest minor unit, halves away from zero.
    pub fn rounded(self) -> Minor {
        divide_half_up(self.0.into(), Self::SCALE.into())
    }

    /// The amount in minor units, when it is a whole number of them.
    pub fn whole(self) -> Option<Minor> {
        (self.0 % Self::SCALE == 0).then_some(self.0 / Self::SCALE)
    }
}

/// A decimal number of minor units, without zeros that say nothing.
impl fmt::Display for Fine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(whole) = self.whole() {
            return write!(f, "{whole}");
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        let scale = Self::SCALE.unsigned_abs();
        let rest = format!("{:04}", self.0.unsigned_abs() % scale);
        write!(f, "{sign}{}.{}", self.0.unsigned_abs() / scale, rest.trim_end_matches('0'))
    }
}

/// An annual run rate in millionths of the currency's major unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Rate(pub i128);

impl Rate {
    /// Nothing a year.
    pub const ZERO: Self = Self(0);

    /// So many minor units a year.
    pub fn of_minor(amount: i128, currency: Currency) -> Self {
        Self(amount * 10_i128.pow(6 - currency.exponent()))
    }
}

impl Add for Rate {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Rate {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::iter::Sum for Rate {
    fn sum<I: Iterator<Item = Self>>(rates: I) -> Self {
        rates.fold(Self::ZERO, Add::add)
    }
}

/// An exact decimal with at least two and at most six digits after the point.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000);
        let digits = format!("{rest:06}");
        let kept = digits.trim_end_matches('0').len().max(2);
        write!(f, "{sign}{whole}.{}", &digits[..kept])
    }
}

/// Divides and rounds half to even, as run rates are.
pub fn divide_half_even(dividend: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (dividend.div_euclid(divisor), dividend.rem_euclid(divisor));
    let up = match (rest * 2).cmp(&divisor) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => quotient % 2 != 0,
    };
    quotient + i128::from(up)
}

/// Divides and rounds half away from zero, as billing systems round amounts.
pub fn divide_half_up(dividend: i128, divisor: i128) -> Minor {
    let rounded = (dividend.abs() * 2 + divisor) / (divisor * 2);
    Minor::try_from(rounded * dividend.signum()).expect("an invoice amount fits 64 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_print_exactly() {
        assert_eq!(Rate::of_minor(59_995, Currency::Usd).to_string(), "599.95");
        assert_eq!(Rate(1_234_500_000).to_string(), "1234.50");
        assert_eq!(Rate(399_980_004).to_string(), "399.980004");
        assert_eq!(Rate(-1).to_string(), "-0.000001");
        assert_eq!(Rate::ZERO.to_string(), "0.00");
    }

    #[test]
    fn fractions_of_a_cent_print_exactly() {
        assert_eq!([12_500, 20_000, -5, 0].map(|n| Fine(n).to_string()), ["1.25", "2", "-0.0005", "0"]);
        assert_eq!([12_500, 15_000, -15_000].map(|n| Fine(n).rounded()), [1, 2, -2]);
    }

    #[test]
    fn halves_go_to_the_even_neighbour_or_away_from_zero() {
        assert_eq!([5, 15, -5, -15].map(|n| divide_half_even(n, 10)), [0, 2, 0, -2]);
        assert_eq!([5, 15, -5, -15, 14].map(|n| divide_half_up(n, 10)), [1, 2, -1, -2, 1]);
    }
}
