//! Several coupons on one invoice: each takes its part of what the ones before have left.

use super::discount::line_discounts;
use super::document::{Line, Source};
use crate::world::catalogue::{Catalogue, CouponNumber, PriceNumber, Reduction};
use crate::world::discount::{CustomerDiscount, Discount};
use crate::world::money::Minor;
use crate::world::subscription::Item;

/// A coupon at work on an invoice.
pub(super) struct Applied {
    pub source: Source,
    /// The item that it works on; all of them without one.
    item: Option<u16>,
    coupon: CouponNumber,
    reduction: Reduction,
}

impl Applied {
    pub fn own(discount: &Discount, catalogue: &Catalogue) -> Self {
        let reduction = catalogue.coupon(discount.coupon).reduction;
        Self { source: Source::Own(discount.number), item: discount.item, coupon: discount.coupon, reduction }
    }

    pub fn customer(discount: &CustomerDiscount, catalogue: &Catalogue) -> Self {
        let reduction = catalogue.coupon(discount.coupon).reduction;
        Self { source: Source::Customer(discount.number), item: None, coupon: discount.coupon, reduction }
    }

    fn works_on(&self, item: u16, price: PriceNumber, catalogue: &Catalogue) -> bool {
        let product = catalogue.price(price).product;
        self.item.is_none_or(|only| only == item) && catalogue.coupon(self.coupon).is_for(product)
    }
}

/// Writes on each line what each coupon takes off it.
pub(super) fn take_off(applied: &[Applied], lines: &mut [Line], catalogue: &Catalogue) {
    for one in applied {
        let works_on = |line: &&mut Line| one.works_on(line.item, line.price, catalogue);
        let mut chosen: Vec<&mut Line> = lines.iter_mut().filter(works_on).collect();
        let left: Vec<Minor> = chosen.iter().map(|line| line.amount - line.discount()).collect();
        for (line, off) in chosen.iter_mut().zip(line_discounts(Some(one.reduction), &left)) {
            line.discounts.push((one.source, off));
        }
    }
}

/// The share of an item that percentages leave, as a fraction.
pub(super) fn kept_by_percentages(applied: &[Applied], item: &Item, catalogue: &Catalogue) -> (i128, i128) {
    let working = applied.iter().filter(|one| one.works_on(item.number, item.price, catalogue));
    working.fold((1, 1), |(kept, whole), one| match one.reduction {
        Reduction::Percent(hundredths) => (kept * i128::from(10_000 - hundredths), whole * 10_000),
        Reduction::Fixed(..) => (kept, whole),
    })
}
