//! Coupons: which, where they are attached, how long they work, and who takes them away.

use super::{Account, Act, Catalogue, Cycle, Discount, Horizon, Item, Moment, Tale};
use crate::random::Random;
use crate::world::catalogue::{CouponNumber, Duration, Reduction};
use crate::world::clock::DAY;
use crate::world::discount::CustomerDiscount;
use crate::world::money::Currency;

/// The coupons that can be attached at a moment, of those that the full repertoire adds.
fn usable(catalogue: &Catalogue, currency: Currency, at: Moment) -> Vec<CouponNumber> {
    let fits = |n: &usize| {
        let coupon = &catalogue.coupons[*n];
        let of = !matches!(coupon.reduction, Reduction::Fixed(of, _) if of != currency);
        of && coupon.created <= at && coupon.deleted.is_none_or(|deleted| at < deleted)
    };
    (0..catalogue.coupons.len()).filter(fits).map(CouponNumber).collect()
}

fn months_on(duration: Duration, start: Moment) -> Option<Moment> {
    match duration {
        Duration::Months(months) => Some(start.plus_months(months)),
        Duration::Forever | Duration::Once => None,
    }
}

/// One customer in twelve has a coupon of its own, at first or later, and some lose it again.
pub(super) fn of_the_customer(random: &mut Random, account: &mut Account, catalogue: &Catalogue, horizon: Horizon) {
    if !random.per_mille(80) {
        return;
    }
    let mut start = account.customer.created;
    if random.per_mille(500) {
        start = start.plus_seconds(random.between(5, 200) * DAY + random.between(60, 7_200));
    }
    let mut coupons = usable(catalogue, account.customer.currency, start);
    coupons.retain(|&coupon| catalogue.coupon(coupon).duration != Duration::Once);
    if start >= horizon.now || coupons.is_empty() {
        return;
    }
    let coupon = *random.one_of(&coupons);
    let removed = start.plus_seconds(random.between(40, 400) * DAY + random.between(60, 7_200));
    account.discounts.push(CustomerDiscount {
        number: 0,
        coupon,
        start,
        end: months_on(catalogue.coupon(coupon).duration, start),
        removed: (random.per_mille(400) && removed < horizon.now).then_some(removed),
    });
}

impl Tale<'_> {
    /// None, one, or two on top of each other; on the subscription or on its first item.
    pub(super) fn first_discounts(&mut self, at: Moment, items: &[Item]) -> Vec<Discount> {
        let count = match self.random.below(1000) {
            0..60 => 2,
            60..300 => 1,
            _ => 0,
        };
        let mut discounts: Vec<Discount> = Vec::new();
        for _ in 0..count {
            discounts.extend(self.draw_discount(at, items, &discounts));
        }
        // Percentages work before amounts, and items before the whole, so that the order decides nothing else.
        discounts.sort_by_key(|discount| (discount.item.is_none(), self.is_fixed(discount.coupon)));
        discounts
    }

    fn is_fixed(&self, coupon: CouponNumber) -> bool {
        matches!(self.catalogue.coupon(coupon).reduction, Reduction::Fixed(..))
    }

    fn draw_discount(&mut self, at: Moment, items: &[Item], beside: &[Discount]) -> Option<Discount> {
        let mut coupons = usable(self.catalogue, self.subscription.currency, at);
        let fixed_beside = beside.iter().any(|discount| self.is_fixed(discount.coupon));
        coupons.retain(|&coupon| {
            let once = self.catalogue.coupon(coupon).duration == Duration::Once;
            // A coupon that works once would hide the customer's own for a while that nobody documents.
            let hides = once && !self.account.discounts.is_empty();
            let second_fixed = fixed_beside && self.is_fixed(coupon);
            !hides && !second_fixed && beside.iter().all(|other| other.coupon != coupon)
        });
        if coupons.is_empty() {
            return None;
        }
        let coupon = *self.random.one_of(&coupons);
        let item = items.first().filter(|_| self.random.per_mille(200)).map(|item| item.number);
        // One for some products picks the items itself.
        let item = item.filter(|_| self.catalogue.coupon(coupon).products.is_empty());
        let number = self.next_discount;
        self.next_discount += 1;
        let end = months_on(self.catalogue.coupon(coupon).duration, at);
        Some(Discount { number, coupon, item, start: at, end })
    }

    /// When a discount will be gone of itself: a coupon for one billing right after the billing that uses it up.
    pub(super) fn discount_end(&self, discount: &Discount, cycle: Cycle) -> Option<(Moment, u16)> {
        let once = self.catalogue.coupon(discount.coupon).duration == Duration::Once;
        let used = if cycle.anchor >= discount.start { cycle.anchor } else { cycle.period_at(discount.start).to };
        let end = if once { Some(used.plus_seconds(1)) } else { discount.end };
        end.map(|end| (end, discount.number))
    }

    /// A coupon comes or goes in the middle of a subscription's life.
    pub(super) fn change_coupon(&mut self, at: Moment) {
        let forever = |discount: &&Discount| self.catalogue.coupon(discount.coupon).duration != Duration::Once;
        if let Some(number) = self.contract.discounts.iter().find(forever).map(|discount| discount.number) {
            return self.push(at, Act::DiscountEnded { number });
        }
        let items = self.contract.items.clone();
        if let Some(discount) = self.draw_discount(at, &items, &[])
            && self.contract.discounts.is_empty()
        {
            let end = self.discount_end(&discount, self.contract.cycle);
            self.push(at, Act::Discounted(discount));
            if let Some((end, number)) = end {
                self.plan(end, Act::DiscountEnded { number });
            }
        }
    }
}
