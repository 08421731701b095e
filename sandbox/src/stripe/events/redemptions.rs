//! How often each coupon had been redeemed by a moment, over all accounts.

use crate::world::Company;
use crate::world::catalogue::CouponNumber;
use crate::world::clock::Moment;
use crate::world::subscription::{Act, Subscription};

/// For each coupon the moments at which it was attached, ascending.
pub(super) struct Redemptions(Vec<Vec<Moment>>);

impl Redemptions {
    pub fn of(company: &Company) -> Self {
        let mut all = vec![Vec::new(); company.catalogue.coupons.len()];
        for account in &company.accounts {
            account.discounts.iter().for_each(|discount| all[discount.coupon.0].push(discount.start));
            for (at, coupon) in account.subscriptions.iter().flat_map(attached) {
                all[coupon.0].push(at);
            }
        }
        all.iter_mut().for_each(|moments| moments.sort_unstable());
        Self(all)
    }

    /// How often each coupon was attached before a moment.
    pub fn before(&self, moment: Moment) -> Vec<usize> {
        self.0.iter().map(|moments| moments.partition_point(|&at| at < moment)).collect()
    }

    /// The moments of `[since, until)` at which any coupon was attached.
    pub fn within(&self, since: Moment, until: Moment) -> impl Iterator<Item = Moment> {
        let range = move |moments: &Vec<Moment>| {
            moments.partition_point(|&at| at < since)..moments.partition_point(|&at| at < until)
        };
        self.0.iter().flat_map(move |moments| moments[range(moments)].iter().copied())
    }
}

/// A coupon of a backdated subscription is redeemed when somebody enters it.
fn attached(subscription: &Subscription) -> Vec<(Moment, CouponNumber)> {
    let entered = subscription.created();
    let mut all = Vec::new();
    for change in &subscription.history {
        let discounts = match &change.act {
            Act::Started { discounts, .. } => discounts.as_slice(),
            Act::Discounted(discount) => std::slice::from_ref(discount),
            _ => &[],
        };
        all.extend(discounts.iter().map(|discount| (change.at.max(entered), discount.coupon)));
    }
    all
}
