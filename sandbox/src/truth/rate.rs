//! The annual run rate of a contract.

use std::ops::AddAssign;

use super::policy::Policy;
use crate::world::catalogue::{Catalogue, Coupon, CouponNumber, ProductNumber, Reduction};
use crate::world::contract::Contract;
use crate::world::cycle::Interval;
use crate::world::money::{Currency, Fine, Minor, Rate, divide_half_even};
use crate::world::subscription::Item;

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

/// Parts of a minor unit in which a year's amount is held while it is worked out: fine enough for two percentages on a
/// fraction of a cent over two years to stay exact.
const EXACT_PER_MINOR: i128 = 100_000_000_000_000;

/// The whole that shares are parts of.
const WHOLE: i128 = 100_000_000;

/// What a contract brings in a year as it stands; nothing while it is not owed for. The customer's own coupon works
/// where the contract has none.
pub fn contract_rate(
    contract: &Contract,
    inherited: Option<CouponNumber>,
    currency: Currency,
    catalogue: &Catalogue,
    policy: &Policy,
) -> RunRate {
    if !policy.counts(contract) {
        return RunRate::default();
    }
    let interval = contract.cycle.interval;
    let inherited = inherited.filter(|_| contract.discounts.is_empty());
    // A coupon for one billing changes that bill and nothing that recurs.
    let recurring = |number: CouponNumber| {
        let coupon = catalogue.coupon(number);
        policy.reducing.reduces(coupon.duration).then_some(coupon)
    };
    let on_whole: Vec<&Coupon> = contract
        .discounts
        .iter()
        .filter(|discount| discount.item.is_none())
        .map(|discount| discount.coupon)
        .chain(inherited)
        .filter_map(recurring)
        .collect();
    let mut gross = Rate::default();
    let mut nets: Vec<(ProductNumber, Rate)> = Vec::new();
    for item in &contract.items {
        let Some(full) = yearly(item, catalogue) else { continue };
        let product = catalogue.price(item.price).product;
        let own = contract.discounts.iter().filter(|discount| discount.item == Some(item.number));
        let own: Vec<&Coupon> = own.filter_map(|discount| recurring(discount.coupon)).collect();
        // Percentages before amounts, items before the whole: the order in which the world attaches them.
        let mut net = full * percent_kept(&own, product) / WHOLE;
        net = (net - own.iter().map(|coupon| fixed(coupon, interval)).sum::<i128>()).max(0);
        net = net * percent_kept(&on_whole, product) / WHOLE;
        gross += to_rate(full, currency);
        nets.push((product, to_rate(net, currency)));
    }
    // Once per billing of the whole subscription, however many items it has, and never below nothing. From which of the
    // items that it is for an amount is taken makes no difference to their sum.
    for coupon in on_whole {
        let mut off = to_rate(fixed(coupon, interval), currency).0;
        for (_, net) in nets.iter_mut().filter(|(product, _)| coupon.is_for(*product)) {
            let part = off.min(net.0);
            (off, net.0) = (off - part, net.0 - part);
        }
    }
    let mut net = Rate::default();
    nets.into_iter().for_each(|(_, left)| net += left);
    RunRate { net, gross }
}

/// A year of an item in those parts; none for usage, which nobody has agreed to. Two years share one billing, and
/// half of a ten-thousandth is a whole number of parts.
fn yearly(item: &Item, catalogue: &Catalogue) -> Option<i128> {
    let price = catalogue.price(item.price);
    if price.tariff.is_metered() {
        return None;
    }
    let (billings, years) = price.interval.billings();
    let parts = EXACT_PER_MINOR / i128::from(Fine::SCALE);
    Some(i128::from(price.tariff.charge(item.quantity).0) * i128::from(billings) * parts / i128::from(years))
}

/// The share of an item of a product that all percentages leave, of [`WHOLE`]. Each takes its part of what the one
/// before has left.
fn percent_kept(coupons: &[&Coupon], product: ProductNumber) -> i128 {
    let working = coupons.iter().filter(|coupon| coupon.is_for(product));
    working.fold(WHOLE, |kept, coupon| match coupon.reduction {
        Reduction::Percent(hundredths) => kept * i128::from(10_000 - hundredths) / 10_000,
        Reduction::Fixed(..) => kept,
    })
}

/// What a fixed amount takes off in a year, in parts.
fn fixed(coupon: &Coupon, interval: Interval) -> i128 {
    let (billings, years) = interval.billings();
    let off: Minor = match coupon.reduction {
        Reduction::Fixed(_, amount) => amount,
        Reduction::Percent(_) => 0,
    };
    i128::from(off) * EXACT_PER_MINOR * i128::from(billings) / i128::from(years)
}

/// To millionths of the major unit, half to even, which is the only rounding there is.
fn to_rate(parts: i128, currency: Currency) -> Rate {
    Rate(divide_half_even(parts, EXACT_PER_MINOR * 10_i128.pow(currency.exponent()) / 1_000_000))
}
