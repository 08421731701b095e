//! Coupons and discounts on a subscription.
//!
//! Chargebee has no coupons on customers: whoever gives one puts it on each subscription that has none. What works on one
//! item alone is a discount of that item.

use serde_json::{Value, json};

use super::Seen;
use super::amount::cents;
use crate::world::catalogue::{Coupon, CouponNumber, Duration, Reduction};
use crate::world::clock::Moment;
use crate::world::contract::Contract;
use crate::world::money::Currency;
use crate::world::subscription::{Item, Subscription};

/// What is on a subscription.
#[derive(Default)]
pub(super) struct Reductions {
    pub coupons: Vec<Value>,
    pub discounts: Vec<Value>,
    /// The same in the world's own terms: coupon, the item that it is for, and how much of an amount.
    pub working: Vec<(CouponNumber, Option<u16>)>,
}

impl Seen<'_> {
    pub(super) fn reductions(&self, subscription: &Subscription, contract: &Contract) -> Reductions {
        let mut found = Reductions::default();
        for discount in &contract.discounts {
            self.add(
                &mut found,
                subscription,
                contract,
                (discount.coupon, discount.item, discount.start, discount.end),
            );
        }
        // Whoever ended keeps what it had.
        let at = subscription.ended().map_or(self.view.at, |ended| ended.plus_seconds(-1).min(self.view.at));
        let inherited = self.account.discount_at(at).filter(|discount| discount.is_for(subscription));
        if let Some(discount) = inherited.filter(|_| contract.discounts.is_empty()) {
            self.add(&mut found, subscription, contract, (discount.coupon, None, discount.start, discount.end));
        }
        found
    }

    fn add(
        &self,
        found: &mut Reductions,
        subscription: &Subscription,
        contract: &Contract,
        (number, item, start, end): (CouponNumber, Option<u16>, Moment, Option<Moment>),
    ) {
        let catalogue = &self.view.company.catalogue;
        let coupon = catalogue.coupon(number);
        found.working.push((number, item));
        let meant = |item: &&Item| coupon.is_for(catalogue.price(item.price).product);
        let mut alone = |item: &Item| {
            let index = found.discounts.len();
            let id = self.discount_id(subscription, number, item.number);
            let on = self.view.price_of(item);
            found.discounts.push(discount(
                &id,
                index,
                Some(&on),
                coupon,
                self.view.coupon_id(number),
                None,
                (start, end),
            ));
        };
        if let Some(only) = item {
            contract.items.iter().filter(|item| item.number == only).for_each(&mut alone);
            return;
        }
        if let (false, Reduction::Fixed(currency, off)) = (coupon.products.is_empty(), coupon.reduction) {
            // A coupon would take the amount off each of its items; it is meant to come off once, behind all shares.
            let whole = |item: &Item| catalogue.price(item.price).charge(item.quantity).rounded();
            let most: i64 = contract.items.iter().filter(meant).map(|item| cents(whole(item), currency)).sum();
            if most > 0 {
                let index = found.discounts.len();
                let id = self.discount_id(subscription, number, 0);
                let part = Some(most.min(cents(off, currency)));
                let coupon_id = self.view.coupon_id(number);
                found.discounts.push(discount(&id, index, None, coupon, coupon_id, part, (start, end)));
            }
            return;
        }
        let mut told = json!({"coupon_id": self.view.coupon_id(number), "applied_count": 1, "object": "coupon"});
        if let Some(end) = end {
            told["apply_till"] = json!(end.0);
        }
        found.coupons.push(told);
    }
}

impl Seen<'_> {
    /// Whether a coupon is shown as discounts of items: one on an item alone, or an amount that comes off some once.
    pub(super) fn is_of_items(&self, number: CouponNumber, only: Option<u16>) -> bool {
        let coupon = self.view.company.catalogue.coupon(number);
        only.is_some() || (!coupon.products.is_empty() && matches!(coupon.reduction, Reduction::Fixed(..)))
    }

    /// The id of a discount of an item.
    pub(super) fn discount_id(&self, subscription: &Subscription, number: CouponNumber, item: u16) -> String {
        format!("{}-{}-{item}", self.id_of(subscription), number.0)
    }
}

fn discount(
    id: &str,
    index: usize,
    item_price: Option<&str>,
    coupon: &Coupon,
    coupon_id: String,
    part: Option<i64>,
    (start, end): (Moment, Option<Moment>),
) -> Value {
    let mut told = json!({
        "id": id,
        "apply_on": if item_price.is_some() { "specific_item_price" } else { "invoice_amount" },
        "included_in_mrr": true,
        "created_at": start.0,
        "coupon_id": coupon_id,
        "index": index,
        "object": "discount",
    });
    if let Some(item_price) = item_price {
        told["item_price_id"] = json!(item_price);
    }
    match coupon.reduction {
        Reduction::Percent(hundredths) => {
            told["type"] = json!("percentage");
            told["percentage"] = percentage(hundredths);
        }
        Reduction::Fixed(currency, off) => {
            told["type"] = json!("fixed_amount");
            told["amount"] = json!(part.unwrap_or_else(|| cents(off, currency)));
            told["currency_code"] = json!(Currency::code(currency));
        }
    }
    told["duration_type"] = json!(duration_type(coupon.duration));
    if let Some(end) = end {
        told["apply_till"] = json!(end.0);
    }
    told
}

pub(super) fn duration_type(duration: Duration) -> &'static str {
    match duration {
        Duration::Forever => "forever",
        Duration::Once => "one_time",
        Duration::Months(_) => "limited_period",
    }
}

/// Hundredths of a percent as a number with two decimals.
pub(super) fn percentage(hundredths: u32) -> Value {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    serde_json::from_str(&text).unwrap_or_default()
}
