//! The annual run rate of a contract.

use std::ops::AddAssign;

use crate::world::catalogue::{Catalogue, CouponNumber, Duration, Reduction};
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
) -> RunRate {
    if !contract.counts() {
        return RunRate::default();
    }
    let interval = contract.cycle.interval;
    let inherited = inherited.filter(|_| contract.discounts.is_empty());
    // A coupon for one billing changes that bill and nothing that recurs.
    let reduction_of = |number: CouponNumber| {
        let coupon = catalogue.coupon(number);
        (coupon.duration != Duration::Once).then_some(coupon.reduction)
    };
    let on_whole: Vec<Reduction> = contract
        .discounts
        .iter()
        .filter(|discount| discount.item.is_none())
        .map(|discount| discount.coupon)
        .chain(inherited)
        .filter_map(reduction_of)
        .collect();
    let mut rate = RunRate::default();
    for item in &contract.items {
        let Some(full) = yearly(item, catalogue) else { continue };
        let own = contract.discounts.iter().filter(|discount| discount.item == Some(item.number));
        let own: Vec<Reduction> = own.filter_map(|discount| reduction_of(discount.coupon)).collect();
        // Percentages before amounts, items before the whole: the order in which the world attaches them.
        let mut net = full * percent_kept(&own) / WHOLE;
        net = (net - fixed(&own, interval)).max(0);
        net = net * percent_kept(&on_whole) / WHOLE;
        rate.gross += to_rate(full, currency);
        rate.net += to_rate(net, currency);
    }
    // Once per billing of the whole subscription, however many items it has, and never below nothing.
    let off = to_rate(fixed(&on_whole, interval), currency);
    rate.net = Rate((rate.net.0 - off.0).max(0));
    rate
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

/// The share that all percentages leave, of [`WHOLE`]. Each takes its part of what the one before has left.
fn percent_kept(reductions: &[Reduction]) -> i128 {
    reductions.iter().fold(WHOLE, |kept, reduction| match reduction {
        Reduction::Percent(hundredths) => kept * i128::from(10_000 - hundredths) / 10_000,
        Reduction::Fixed(..) => kept,
    })
}

/// What fixed amounts take off in a year, in parts.
fn fixed(reductions: &[Reduction], interval: Interval) -> i128 {
    let (billings, years) = interval.billings();
    let off = |reduction: &Reduction| match reduction {
        Reduction::Fixed(_, amount) => *amount,
        Reduction::Percent(_) => 0,
    };
    let off: Minor = reductions.iter().map(off).sum();
    i128::from(off) * EXACT_PER_MINOR * i128::from(billings) / i128::from(years)
}

/// To millionths of the major unit, half to even, which is the only rounding there is.
fn to_rate(parts: i128, currency: Currency) -> Rate {
    Rate(divide_half_even(parts, EXACT_PER_MINOR * 10_i128.pow(currency.exponent()) / 1_000_000))
}
