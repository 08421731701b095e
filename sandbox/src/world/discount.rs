//! Coupons in use: attached to a subscription, to one of its items, or to a customer.

use super::catalogue::CouponNumber;
use super::clock::Moment;
use super::subscription::Subscription;

/// A coupon attached to a subscription or to one of its items.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Discount {
    /// Number within the subscription; never used again.
    pub number: u16,
    /// Which coupon.
    pub coupon: CouponNumber,
    /// The item that it works on; the whole subscription without one.
    pub item: Option<u16>,
    /// When it was attached.
    pub start: Moment,
    /// When it will stop working, known from the start.
    pub end: Option<Moment>,
}

/// A coupon attached to a customer: it works on every subscription that has none of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CustomerDiscount {
    /// Number within the account.
    pub number: u16,
    /// Which coupon.
    pub coupon: CouponNumber,
    /// When it was attached.
    pub start: Moment,
    /// When it will stop working, known from the start.
    pub end: Option<Moment>,
    /// When it was taken away.
    pub removed: Option<Moment>,
}

impl CustomerDiscount {
    /// When it stopped or will stop, in whichever way comes first.
    pub fn until(&self) -> Option<Moment> {
        self.end.into_iter().chain(self.removed).min()
    }

    /// Whether a subscription was entered before it stopped: one that was backdated never had what its customer had
    /// lost by then, and no bill says otherwise.
    pub fn is_for(&self, subscription: &Subscription) -> bool {
        self.until().is_none_or(|until| subscription.created() < until)
    }

    /// Whether it works at a moment.
    pub fn works_at(&self, moment: Moment) -> bool {
        self.start <= moment && self.until().is_none_or(|until| moment < until)
    }
}
