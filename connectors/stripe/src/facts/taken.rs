//! What a coupon takes off that stands nowhere any more. Who deletes a coupon takes nothing from those who have it,
//! but a discount on an item that is gone is named by bills alone, with no more of its coupon than the id: Stripe
//! expands four levels, and the coupon of a line's discount would be the fifth. What it took off stands on each bill.

use std::collections::{BTreeMap, BTreeSet};

use revenue::fact::Duration;
use rust_decimal::{Decimal, RoundingStrategy};

use super::contract::Contract;
use crate::model::{Applied, Coupon, Line, Taken};

/// A coupon as bills tell it.
pub(super) struct Told {
    pub(super) coupon: Coupon,
    /// Whether it can't be read in another way.
    pub(super) sure: bool,
}

impl Contract<'_> {
    /// The coupon that took off what the bills say; `None` where they don't agree, or where there is one alone: it may
    /// have been for one billing only, which is no recurring discount.
    pub(super) fn coupon_by_bills(&self, applied: &Applied, id: &str) -> Option<Told> {
        let periods = self.bills.lines.iter().filter(|line| line.is_period());
        let of_line = |line| of(line, &applied.id).map(|taken| (line, taken));
        let taken: Vec<(&Line, &Taken)> = periods.filter_map(of_line).collect();
        let bills: BTreeSet<&str> = taken.iter().map(|(line, _)| line.origin.as_str()).collect();
        let (first, _) = taken.first()?;
        if bills.len() < 2 && applied.end.is_none() {
            return None;
        }
        let (whole, parts) = (percent(&taken, 0), || percent(&taken, 2));
        let amount = amount(&taken).map(|amount| (first.currency, amount));
        let sure = whole.is_none() || amount.is_none();
        // A share of whole percents is no accident, and neither is the same amount each time.
        let percent = if whole.is_none() && amount.is_none() { Some(parts()?) } else { whole };
        let amounts = amount.filter(|_| percent.is_none()).into_iter().collect();
        let duration = if applied.end.is_some() { Duration::Repeating } else { Duration::Forever };
        let coupon = Coupon { id: id.to_owned(), percent, amounts, duration, products: Vec::new() };
        Some(Told { coupon, sure })
    }
}

fn of<'a>(line: &'a Line, discount: &str) -> Option<&'a Taken> {
    line.taken.iter().find(|taken| taken.discount == discount)
}

/// The share of so many decimals that was taken off every line, to the minor unit that Stripe rounds to.
fn percent(taken: &[(&Line, &Taken)], decimals: u32) -> Option<Decimal> {
    let (_, largest) = taken.iter().max_by_key(|(_, taken)| taken.from)?;
    let share = largest.amount.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(largest.from)?;
    let share = share.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero).normalize();
    let off =
        |taken: &Taken| taken.from.checked_mul(share)?.checked_div(Decimal::ONE_HUNDRED)?.checked_sub(taken.amount);
    let fits = |taken: &Taken| off(taken).is_some_and(|off| off.abs() < Decimal::ONE);
    let possible = Decimal::ZERO < share && share <= Decimal::ONE_HUNDRED;
    (possible && taken.iter().all(|(_, taken)| fits(taken))).then_some(share)
}

/// The amount that was taken off every bill, as far as there was as much to take it off.
fn amount(taken: &[(&Line, &Taken)]) -> Option<Decimal> {
    let mut bills: BTreeMap<&str, (Decimal, Decimal)> = BTreeMap::new();
    for (line, taken) in taken {
        let (amount, from) = bills.entry(&line.origin).or_default();
        *amount = amount.checked_add(taken.amount)?;
        *from = from.checked_add(taken.from)?;
    }
    let most = bills.values().map(|(amount, _)| *amount).max()?;
    bills.values().all(|(amount, from)| *amount == most.min(*from)).then_some(most)
}
