//! The definition of movements, period by period, as it is written down.
//!
//! Accounts with a charge below zero take this way, because what they add up to depends on the
//! rates of each period; for all others it is what the tests hold the fast way against.

use super::{Ends, Movements};
use crate::metric::{Membership, MetricError};
use crate::money::{Amount, Currency, Exchange, RunRate};
use crate::timeline::Steps;

/// Adds one account, given as its currencies, to the periods' sums.
pub(in crate::metric) fn add(
    sums: &mut [Movements],
    account: &[Steps<'_>],
    exchange: &Exchange,
    membership: Membership<'_>,
) -> Result<(), MetricError> {
    if sums.is_empty() {
        return Ok(());
    }
    let days = exchange.days();
    let first_day = account.iter().filter_map(|steps| steps.first_day()).min();
    let at = |day_index: usize, rate_index: usize| -> Result<Amount, MetricError> {
        let mut total = Amount::ZERO;
        for steps in account {
            let rate = exchange.convert(steps.at(days[day_index]), steps.currency, rate_index)?;
            total = total.checked_add(rate)?;
        }
        Ok(total)
    };
    let none = account.iter().find(|steps| steps.currency == Currency::NONE);
    let free = |day: usize| none.is_some_and(|steps| steps.at(days[day]) != RunRate::ZERO);
    let mut opening = at(0, 0)?;
    for (period, sums) in sums.iter_mut().enumerate() {
        let closing = at(period + 1, period + 1)?;
        if opening != Amount::ZERO || closing != Amount::ZERO {
            let ends = Ends {
                opening,
                // Converted anew only where somebody may look at it.
                opening_at_closing: if opening == Amount::ZERO { opening } else { at(period, period + 1)? },
                closing,
                free: [free(period), free(period + 1)],
                belonged: membership.on(days[period]),
                belongs: membership.on(days[period + 1]),
                had_before: first_day.is_some_and(|first| first <= days[period]),
            };
            sums.classify(&ends)?;
        }
        opening = closing;
    }
    Ok(())
}
