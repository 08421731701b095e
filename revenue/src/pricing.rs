//! What a quantity costs: per unit, in packages, or through tiers.

use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;

/// How one billing is priced. Amounts are in whatever unit the source prices in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pricing {
    /// So much for each unit.
    PerUnit(Decimal),
    /// So much for each package; a started one costs its full price, or nothing.
    Package {
        /// The price of a package.
        unit: Decimal,
        /// How many units are in one.
        size: Decimal,
        /// Whether a started package counts.
        round_up: bool,
    },
    /// Each unit costs what the tier that it falls into says, and each tier that is entered its
    /// flat amount.
    Graduated(Vec<Tier>),
    /// All units cost what the tier of the whole quantity says, and its flat amount once.
    Volume(Vec<Tier>),
}

/// A step of a price. Tiers ascend; the last has no end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// The last unit that it is for; `None` for all that are left.
    pub up_to: Option<Decimal>,
    /// What each of its units costs.
    pub unit: Decimal,
    /// What it costs once.
    pub flat: Decimal,
}

/// A quantity that can't be priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// The amount does not fit a decimal.
    #[error("the price times its quantity is too large to be kept")]
    TooLarge,
    /// A package that holds nothing.
    #[error("a package of no units has no price")]
    EmptyPackage,
    /// The tiers end below the quantity, or there are none.
    #[error("the quantity is above the last tier")]
    AboveLastTier,
    /// A tier ends before the one below it.
    #[error("the tiers do not ascend")]
    Descending,
    /// Less than nothing through tiers.
    #[error("a quantity below zero has no tier")]
    Negative,
}

impl Pricing {
    /// What one billing of a quantity costs. Nothing costs nothing, also where the first tier has
    /// a flat amount: no vendor says otherwise, and a contract without a seat has no price.
    pub fn amount(&self, quantity: Decimal) -> Result<Decimal, PricingError> {
        let times = |a: Decimal, b: Decimal| a.checked_mul(b).ok_or(PricingError::TooLarge);
        match self {
            Self::PerUnit(unit) => times(*unit, quantity),
            Self::Package { size, .. } if *size <= Decimal::ZERO => Err(PricingError::EmptyPackage),
            Self::Package { unit, size, round_up } => {
                let toward = match round_up {
                    true => RoundingStrategy::ToPositiveInfinity,
                    false => RoundingStrategy::ToNegativeInfinity,
                };
                let packages = quantity.checked_div(*size).ok_or(PricingError::TooLarge)?;
                times(*unit, packages.round_dp_with_strategy(0, toward))
            }
            Self::Graduated(_) | Self::Volume(_) if quantity < Decimal::ZERO => Err(PricingError::Negative),
            Self::Graduated(_) | Self::Volume(_) if quantity.is_zero() => Ok(Decimal::ZERO),
            Self::Volume(tiers) => {
                ascending(tiers)?;
                let reached = tiers.iter().find(|tier| tier.up_to.is_none_or(|last| quantity <= last));
                let tier = reached.ok_or(PricingError::AboveLastTier)?;
                times(tier.unit, quantity)?.checked_add(tier.flat).ok_or(PricingError::TooLarge)
            }
            Self::Graduated(tiers) => {
                ascending(tiers)?;
                let mut below = Decimal::ZERO;
                let mut total = Decimal::ZERO;
                for tier in tiers {
                    let top = tier.up_to.map_or(quantity, |last| last.min(quantity));
                    let cost = times(tier.unit, top - below)?.checked_add(tier.flat);
                    total = cost.and_then(|cost| total.checked_add(cost)).ok_or(PricingError::TooLarge)?;
                    below = top;
                    if below == quantity {
                        return Ok(total);
                    }
                }
                Err(PricingError::AboveLastTier)
            }
        }
    }
}

fn ascending(tiers: &[Tier]) -> Result<(), PricingError> {
    let ends = || tiers.iter().map(|tier| tier.up_to.unwrap_or(Decimal::MAX));
    let first_above_zero = ends().next().is_none_or(|end| end > Decimal::ZERO);
    let climbs = first_above_zero && ends().zip(ends().skip(1)).all(|(one, next)| one < next);
    if climbs { Ok(()) } else { Err(PricingError::Descending) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// Tiers as `up_to unit flat`, with `-` for no end.
    fn tiers(text: &str) -> Vec<Tier> {
        text.split(", ")
            .map(|tier| {
                let words: Vec<&str> = tier.split(' ').collect();
                Tier { up_to: words[0].parse().ok(), unit: decimal(words[1]), flat: decimal(words[2]) }
            })
            .collect()
    }

    fn check(pricing: &Pricing, cases: &[(&str, &str)]) {
        for (quantity, expect) in cases {
            let amount = pricing.amount(decimal(quantity)).map_or_else(|error| error.to_string(), |a| a.to_string());
            assert_eq!(amount, *expect, "{quantity} of {pricing:?}");
        }
    }

    #[test]
    fn graduated_tiers_price_each_unit_where_it_falls() {
        let three = Pricing::Graduated(tiers("5 700 0, 10 650 100, - 600 200"));
        check(&three, &[("0", "0"), ("1", "700"), ("5", "3500"), ("6", "4250"), ("10", "6850"), ("12", "8250")]);
    }

    #[test]
    fn volume_tiers_price_all_units_alike() {
        let three = Pricing::Volume(tiers("5 700 0, 10 650 100, - 600 200"));
        check(&three, &[("0", "0"), ("5", "3500"), ("6", "4000"), ("11", "6800")]);
    }

    #[test]
    fn packages_round_as_they_say() {
        let up = Pricing::Package { unit: decimal("500"), size: decimal("100"), round_up: true };
        check(&up, &[("0", "0"), ("1", "500"), ("100", "500"), ("101", "1000")]);
        let down = Pricing::Package { unit: decimal("500"), size: decimal("100"), round_up: false };
        check(&down, &[("99", "0"), ("100", "500"), ("199", "500")]);
    }

    #[test]
    fn what_has_no_price_is_an_error() {
        check(&Pricing::Graduated(tiers("5 700 0")), &[("6", "the quantity is above the last tier")]);
        check(&Pricing::Volume(tiers("5 700 0, 3 1 0")), &[("2", "the tiers do not ascend")]);
        check(&Pricing::Volume(Vec::new()), &[("2", "the quantity is above the last tier")]);
        check(&Pricing::Volume(tiers("- 1 0")), &[("-2", "a quantity below zero has no tier")]);
        let none = Pricing::Package { unit: decimal("5"), size: Decimal::ZERO, round_up: true };
        check(&none, &[("2", "a package of no units has no price")]);
        check(&Pricing::PerUnit(Decimal::MAX), &[("2", "the price times its quantity is too large to be kept")]);
    }
}
