//! What charges come to after discounts.
//!
//! Amounts come from outside and can be of any size, so every step is checked: `None` is a charge
//! whose net amount can't be calculated.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::fact::{Charge, Discount, DiscountScope, DiscountValue};
use crate::money::allocate;

/// Weights are taken to this many decimals at most.
const FINEST: u32 = 12;

/// What one billing of each charge costs after discounts: those on one item first, then those on
/// the contract or on some of its items, each group in its own order. Percentages are exact and not rounded to the cent.
pub(super) fn net_amounts(charges: &[&Charge], discounts: &[&Discount]) -> Vec<Option<Decimal>> {
    let mut net: Vec<Option<Decimal>> = charges.iter().map(|charge| Some(charge.amount)).collect();
    let on_items = discounts.iter().filter(|discount| matches!(discount.scope, DiscountScope::Item { .. }));
    let on_more = discounts.iter().filter(|discount| !matches!(discount.scope, DiscountScope::Item { .. }));
    for discount in on_items.chain(on_more) {
        let reached: Vec<usize> = (0..charges.len()).filter(|&index| discount.reaches(charges[index])).collect();
        match &discount.value {
            DiscountValue::Percent(percent) => {
                let left = Decimal::ONE_HUNDRED.checked_sub(*percent).map(|left| left.max(Decimal::ZERO));
                for index in reached {
                    net[index] = share(net[index], left);
                }
            }
            DiscountValue::Amount { amount, currency, decimals } => {
                let shortest = reached.iter().map(|&index| charges[index].interval).min();
                let reached: Vec<usize> = reached
                    .into_iter()
                    .filter(|&index| charges[index].currency == *currency && Some(charges[index].interval) == shortest)
                    .filter(|&index| net[index].is_some())
                    .collect();
                let before: Vec<Decimal> = reached.iter().filter_map(|&index| net[index]).collect();
                let after = take_off(*amount, *decimals, &before);
                for (place, &index) in reached.iter().enumerate() {
                    net[index] = after.as_ref().map(|after| after[place]);
                }
            }
        }
    }
    net
}

/// So many percent of an amount.
fn share(amount: Option<Decimal>, percent: Option<Decimal>) -> Option<Decimal> {
    amount?.checked_mul(percent?.checked_div(Decimal::ONE_HUNDRED)?)
}

/// Takes a fixed amount off some charges, in proportion to what they cost, to the last of the
/// amount's decimals, and never more than they cost.
fn take_off(amount: Decimal, decimals: u32, charges: &[Decimal]) -> Option<Vec<Decimal>> {
    let costs: Vec<Decimal> = charges.iter().map(|charge| charge.max(&Decimal::ZERO)).copied().collect();
    let total = costs.iter().try_fold(Decimal::ZERO, |sum, cost| sum.checked_add(*cost))?;
    if amount >= total {
        return Some(charges.iter().map(|charge| *charge.min(&Decimal::ZERO)).collect());
    }
    // Weights in the finest unit that any of them has, so that proportions are exact.
    let finest = charges.iter().map(Decimal::scale).max().unwrap_or(0).min(FINEST);
    let weights: Vec<i128> = costs.iter().map(|cost| whole(*cost, finest)).collect::<Option<_>>()?;
    let amount = whole(amount, decimals)?;
    // The largest product in the allocation.
    weights.iter().try_fold(0_i128, |sum, weight| sum.checked_add(*weight))?.checked_mul(amount)?;
    let parts = allocate(amount, &weights);
    let left = |(charge, part): (&Decimal, i128)| {
        let part = Decimal::try_from_i128_with_scale(part, decimals).ok()?;
        charge.checked_sub(part).map(|left| left.max(Decimal::ZERO))
    };
    charges.iter().zip(parts).map(left).collect()
}

/// A value in units of its last decimal.
fn whole(value: Decimal, decimals: u32) -> Option<i128> {
    let units = Decimal::try_from_i128_with_scale(10_i128.checked_pow(decimals)?, 0).ok()?;
    value.checked_mul(units)?.round_dp(0).to_i128()
}
