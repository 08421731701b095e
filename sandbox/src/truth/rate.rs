//! The annual run rate of a contract.

use std::ops::AddAssign;

use crate::world::catalogue::{Catalogue, CouponNumber, Reduction};
use crate::world::money::{Currency, Rate, divide_half_even};
use crate::world::subscription::{Contract, Item};

/// Run rates with and without reductions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RunRate {
    /// After reductions.
    pub net: Rate,
    /// Before them.
    pub gross: Rate,
}

impl AddAssign for RunRate {
    fn add_assign(&mut self, other: Self) {
        self.net += other.net;
        self.gross += other.gross;
    }
}

/// What a contract brings in a year as it stands; nothing when it is not in force.
pub fn contract_rate(
    contract: &Contract,
    coupon: Option<CouponNumber>,
    currency: Currency,
    catalogue: &Catalogue,
) -> RunRate {
    if !contract.in_force {
        return RunRate::default();
    }
    let gross_of = |item: &Item| {
        let price = catalogue.price(item.price);
        let minor = i128::from(price.amount) * i128::from(item.quantity) * i128::from(price.interval.billings_a_year());
        Rate::of_minor(minor, currency)
    };
    let gross: Rate = contract.items.iter().map(gross_of).sum();
    let net = match coupon.map(|number| catalogue.coupon(number).reduction) {
        None => gross,
        // Exact to a millionth of the major unit, and rounded for each item: 33.33 % is not a number of cents.
        Some(Reduction::Percent(hundredths)) => {
            let kept = i128::from(10_000 - hundredths);
            contract.items.iter().map(|item| Rate(divide_half_even(gross_of(item).0 * kept, 10_000))).sum()
        }
        // Once per billing of the whole subscription, however many items it has, and never below nothing.
        Some(Reduction::Fixed(_, amount)) => {
            let billings = contract.cycle.interval.billings_a_year();
            let off = Rate::of_minor(i128::from(amount) * i128::from(billings), currency);
            Rate((gross.0 - off.0).max(0))
        }
    };
    RunRate { net, gross }
}
