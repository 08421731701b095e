//! The world as it was: what had not happened yet is taken out of every history.

use super::Company;
use super::account::Account;
use super::catalogue::Catalogue;
use super::clock::Moment;

impl Company {
    /// The company as somebody saw it at a moment, which becomes its now. All that happens at that second or later is
    /// unknown; plans that were already made are not.
    pub fn as_of(&self, now: Moment) -> Self {
        let mut company = self.clone();
        company.horizon.now = now;
        company.catalogue.forget_since(now);
        company.accounts.iter_mut().for_each(|account| account.forget_since(now));
        company
    }
}

impl Account {
    fn forget_since(&mut self, now: Moment) {
        self.subscriptions.retain(|subscription| subscription.created() < now);
        for subscription in &mut self.subscriptions {
            subscription.history.retain(|change| change.at < now);
        }
        self.discounts.retain(|discount| discount.start < now);
        for discount in &mut self.discounts {
            discount.removed = discount.removed.filter(|&removed| removed < now);
        }
        self.deleted = self.deleted.filter(|&deleted| deleted < now);
    }
}

impl Catalogue {
    /// Numbers are places, so nothing is taken out; what was created later is for the face to leave out.
    fn forget_since(&mut self, now: Moment) {
        for price in &mut self.prices {
            price.retired = price.retired.filter(|&retired| retired < now);
        }
        for coupon in &mut self.coupons {
            coupon.deleted = coupon.deleted.filter(|&deleted| deleted < now);
        }
    }
}
