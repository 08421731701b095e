//! From units to money: per unit, in packages, in tiers, by usage.

use super::money::{Fine, Minor};

/// What so many units cost for one interval.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tariff {
    /// Each unit the same.
    PerUnit(Fine),
    /// So much for each package; a package that is begun is paid in full.
    Package {
        /// For one package.
        amount: Fine,
        /// Units in it.
        size: u32,
    },
    /// By tiers; the last one has no upper bound.
    Tiered(Tiers, Vec<Tier>),
    /// For each unit used, billed after the interval in which it was.
    Metered(Fine),
}

/// How tiers are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tiers {
    /// Each unit costs what the tier that it falls into says.
    Graduated,
    /// All units cost what the tier of the last one says.
    Volume,
}

/// One tier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tier {
    /// The last unit in it; none for the last tier.
    pub up_to: Option<u32>,
    /// For each unit.
    pub unit: Fine,
    /// Once, when the tier is entered.
    pub flat: Minor,
}

impl Tariff {
    /// What so many units cost, exactly.
    pub fn charge(&self, units: u32) -> Fine {
        match self {
            Self::PerUnit(amount) | Self::Metered(amount) => Fine(amount.0 * i64::from(units)),
            Self::Package { amount, size } => Fine(amount.0 * i64::from(units.div_ceil(*size))),
            Self::Tiered(Tiers::Graduated, tiers) => graduated(tiers, units),
            Self::Tiered(Tiers::Volume, tiers) => {
                let reached = tiers.iter().find(|tier| tier.up_to.is_none_or(|last| units <= last));
                reached.map_or(Fine(0), |tier| tier.charge(units))
            }
        }
    }

    /// Whether usage is billed, which nobody has agreed to in advance.
    pub fn is_metered(&self) -> bool {
        matches!(self, Self::Metered(_))
    }
}

impl Tier {
    fn charge(&self, units: u32) -> Fine {
        Fine(self.unit.0 * i64::from(units) + Fine::of_minor(self.flat).0)
    }
}

fn graduated(tiers: &[Tier], units: u32) -> Fine {
    let mut below = 0;
    let mut sum = 0;
    for tier in tiers {
        let last = tier.up_to.unwrap_or(u32::MAX).min(units);
        if last > below {
            sum += tier.charge(last - below).0;
            below = last;
        }
    }
    Fine(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiers() -> Vec<Tier> {
        let tier = |up_to, cents, flat| Tier { up_to, unit: Fine::of_minor(cents), flat };
        vec![tier(Some(5), 1_000, 0), tier(Some(20), 800, 500), tier(None, 600, 0)]
    }

    #[test]
    fn graduated_tiers_add_up_and_flat_parts_count_when_entered() {
        let charges = [1, 5, 6, 20, 22].map(|units| Tariff::Tiered(Tiers::Graduated, tiers()).charge(units).rounded());
        assert_eq!(charges, [1_000, 5_000, 6_300, 17_500, 18_700]);
    }

    #[test]
    fn volume_tiers_price_all_units_alike() {
        let charges = [1, 5, 6, 20, 21].map(|units| Tariff::Tiered(Tiers::Volume, tiers()).charge(units).rounded());
        assert_eq!(charges, [1_000, 5_000, 5_300, 16_500, 12_600]);
    }

    #[test]
    fn packages_are_paid_whole_and_fractions_of_cents_add_up() {
        let package = Tariff::Package { amount: Fine::of_minor(900), size: 10 };
        assert_eq!([1, 10, 11].map(|units| package.charge(units).rounded()), [900, 900, 1_800]);
        assert_eq!(Tariff::PerUnit(Fine(12_500)).charge(3).to_string(), "3.75");
    }
}
