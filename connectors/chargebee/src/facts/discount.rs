//! What takes something off.

use revenue::fact::{Discount, DiscountScope, DiscountValue, Doubt, Duration, Problem};

use super::charge::{Wrong, earlier};
use super::contract::Contract;
use super::history::Entry;
use crate::model::{Coupon, Item, Kind, On, Reduction, Span};

impl Contract<'_> {
    /// The discounts, and when nobody can tell what one takes off.
    pub(super) fn discounts(&self, problems: &mut Vec<Problem>) -> (Vec<Discount>, Vec<Doubt>) {
        let (mut all, mut doubts, mut wrong) = (InOrder::default(), Vec::new(), Wrong::default());
        for (entry, (from, until)) in self.in_force() {
            for (place, reduction) in entry.subscription.reductions.iter().enumerate() {
                let span = (from, earlier(until, reduction.until));
                if span.1.is_some_and(|until| until <= from) {
                    continue;
                }
                match self.applied(entry, reduction, span) {
                    Ok(found) => found.into_iter().for_each(|discount| all.add(place, discount)),
                    Err(message) => {
                        wrong.add(entry, &reduction.path, format!("{message}; the discount is ignored"));
                        doubts.push(self.doubt(from, span.1, message, entry.origin.clone()));
                    }
                }
            }
        }
        wrong.tell(problems);
        (all.all(), doubts)
    }

    pub(super) fn applied(&self, entry: &Entry, reduction: &Reduction, span: Span) -> Result<Vec<Discount>, String> {
        let (value, duration, scopes) = match &reduction.on {
            On::Told { price, value, duration } => {
                let scopes = match price {
                    None => vec![DiscountScope::Contract(self.id.to_owned())],
                    Some(price) => {
                        let item = entry.subscription.items.iter().find(|item| item.price == *price);
                        let of = |item: &Item| DiscountScope::Item { contract: self.id.into(), item: item.key.clone() };
                        item.map(of).into_iter().collect()
                    }
                };
                (value.clone(), *duration, scopes)
            }
            On::Coupon => {
                let coupon = self.coupon(&reduction.id)?;
                let Some(value) = coupon.value.clone() else { return Ok(Vec::new()) };
                let scopes = self.scopes(coupon, &value, entry.subscription.items.iter());
                (value, coupon.duration, scopes)
            }
        };
        Ok(scopes.into_iter().map(|scope| discount(&reduction.id, scope, &value, duration, span)).collect())
    }

    /// A coupon by its id.
    pub(super) fn coupon(&self, id: &str) -> Result<&Coupon, String> {
        match self.book.coupon(id) {
            Some(Ok(coupon)) => Ok(coupon),
            Some(Err(error)) => Err(format!("the coupon {id} can't be read: {error}")),
            None => Err(format!("the coupon {id} is not among the coupons")),
        }
    }

    /// What a coupon works on: the whole, or each of the items that it is for.
    pub(super) fn scopes<'i>(
        &self,
        coupon: &Coupon,
        value: &DiscountValue,
        items: impl Iterator<Item = &'i Item>,
    ) -> Vec<DiscountScope> {
        if !coupon.each {
            return vec![DiscountScope::Contract(self.id.to_owned())];
        }
        let kind = |kind| if kind == Kind::Plan { "plan" } else { "addon" };
        let meant = items.filter(|item| coupon.is_for(kind(item.kind), &item.price));
        let keys: Vec<String> = meant.map(|item| item.key.clone()).collect();
        let of = |items: Vec<String>| DiscountScope::Items { contract: self.id.to_owned(), items };
        match value {
            _ if keys.is_empty() => Vec::new(),
            DiscountValue::Percent(_) => vec![of(keys)],
            // An amount comes off each of them.
            DiscountValue::Amount { .. } => keys.into_iter().map(|key| of(vec![key])).collect(),
        }
    }
}

pub(super) fn discount(
    id: &str,
    scope: DiscountScope,
    value: &DiscountValue,
    duration: Duration,
    (from, until): Span,
) -> Discount {
    Discount { id: id.to_owned(), scope, value: value.clone(), duration, from: Some(from), until }
}

/// Discounts in the order in which they work, whenever each was first seen.
#[derive(Default)]
pub(super) struct InOrder(Vec<(usize, Discount)>);

impl InOrder {
    /// Adds a discount by its place among those of its time, or lengthens the one that it goes on from.
    pub(super) fn add(&mut self, place: usize, discount: Discount) {
        let goes_on = |last: &&mut (usize, Discount)| {
            let last = &last.1;
            last.until.is_some()
                && last.until == discount.from
                && (&last.id, &last.scope, &last.value, last.duration)
                    == (&discount.id, &discount.scope, &discount.value, discount.duration)
        };
        match self.0.iter_mut().rev().find(goes_on) {
            Some((_, last)) => last.until = discount.until,
            None => self.0.push((place, discount)),
        }
    }

    pub(super) fn all(mut self) -> Vec<Discount> {
        self.0.sort_by_key(|(place, _)| *place);
        self.0.into_iter().map(|(_, discount)| discount).collect()
    }
}
