//! Chargebee's own figure: the recurring part of the estimate of the next renewal, a month, rounded for each item.
//!
//! Coupons for one billing are left out, and so are those for a limited period on what is billed less often than
//! monthly.

use super::Seen;
use super::amount::decimals;
use super::reductions::Reductions;
use crate::world::catalogue::{Duration, Reduction};
use crate::world::contract::Contract;
use crate::world::money::{Fine, divide_half_up};
use crate::world::subscription::Subscription;

/// Parts of a [`Fine`] in which amounts are held on the way.
const PARTS: i128 = 1_000_000;

impl Seen<'_> {
    /// In cents.
    pub(super) fn renewal_mrr(
        &self,
        subscription: &Subscription,
        contract: &Contract,
        reductions: &Reductions,
        status: &str,
    ) -> i64 {
        if !matches!(status, "active" | "non_renewing") {
            return 0;
        }
        let catalogue = &self.view.company.catalogue;
        let (billings, years) = contract.cycle.interval.billings();
        let monthly = billings >= 12 * years;
        let counts = |duration| match duration {
            Duration::Forever => true,
            Duration::Once => false,
            Duration::Months(_) => monthly,
        };
        let priced = contract.items.iter().filter(|item| !catalogue.price(item.price).tariff.is_metered());
        let mut items: Vec<_> = priced
            .map(|item| (item, i128::from(catalogue.price(item.price).charge(item.quantity).0) * PARTS))
            .collect();
        let working = reductions.working.iter().filter(|(coupon, _)| counts(catalogue.coupon(*coupon).duration));
        for (number, only) in working {
            let coupon = catalogue.coupon(*number);
            let mut off = match coupon.reduction {
                Reduction::Fixed(_, amount) => i128::from(Fine::of_minor(amount).0) * PARTS,
                Reduction::Percent(_) => 0,
            };
            for (item, left) in &mut items {
                let product = catalogue.price(item.price).product;
                if only.is_some_and(|only| only != item.number) || !coupon.is_for(product) {
                    continue;
                }
                match coupon.reduction {
                    Reduction::Percent(hundredths) => *left = *left * i128::from(10_000 - hundredths) / 10_000,
                    Reduction::Fixed(..) => {
                        let part = off.min(*left);
                        (off, *left) = (off - part, *left - part);
                    }
                }
            }
        }
        let currency = subscription.currency;
        let parts = PARTS * i128::from(Fine::SCALE) * 10_i128.pow(currency.exponent() - decimals(currency));
        let month = |left: i128| divide_half_up(left * i128::from(billings), parts * 12 * i128::from(years));
        items.into_iter().map(|(_, left)| month(left)).sum()
    }
}
