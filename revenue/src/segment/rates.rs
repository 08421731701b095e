//! The run rates of a charge under each way to treat discounts.

use rust_decimal::Decimal;

use super::net::net_amounts;
use crate::fact::{Charge, Discount, Duration};
use crate::money::RunRate;

/// Annual run rates of one charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rates {
    /// Before discounts.
    pub list: RunRate,
    /// After those that were granted for as long as the contract.
    pub forever: RunRate,
    /// After those and those that run for several billings: what MRR is by default.
    pub running: RunRate,
    /// After all, also those of one billing.
    pub all: RunRate,
}

/// The rates of charges that are in force together, or why they can't be kept.
pub(super) fn of(charges: &[&Charge], discounts: &[&Discount]) -> Vec<Result<Rates, String>> {
    let after = |reduces: fn(Duration) -> bool| {
        let applied: Vec<&Discount> = discounts.iter().copied().filter(|discount| reduces(discount.duration)).collect();
        (applied.len(), net_amounts(charges, &applied))
    };
    let (running_count, running) = after(|duration| duration != Duration::Once);
    let (forever_count, forever) = after(|duration| duration == Duration::Forever);
    // Mostly there is nothing else to be calculated.
    let forever = if forever_count == running_count { None } else { Some(forever) };
    let all = if discounts.len() == running_count { None } else { Some(net_amounts(charges, discounts)) };
    let rate = |charge: &Charge, amount: Option<Decimal>| {
        let amount = amount.ok_or("its amount after discounts is too large to be calculated with")?;
        RunRate::from_billing(amount, charge.interval).map_err(|error| error.to_string())
    };
    let rates = |(place, charge): (usize, &&Charge)| {
        let running_rate = rate(charge, running[place])?;
        let other = |amounts: &Option<Vec<Option<Decimal>>>| match amounts {
            None => Ok(running_rate),
            Some(amounts) => rate(charge, amounts[place]),
        };
        Ok(Rates {
            list: rate(charge, Some(charge.amount))?,
            forever: other(&forever)?,
            running: running_rate,
            all: other(&all)?,
        })
    };
    charges.iter().enumerate().map(rates).collect()
}
