//! One account as it stood at a moment, rendered as far as it is worth comparing.

use std::collections::BTreeMap;

use serde_json::Value;

use super::redemptions::Redemptions;
use crate::stripe::book::{Book, InUse, Of};
use crate::world::Company;
use crate::world::clock::Moment;

/// An account at a moment.
pub(super) struct Scene {
    pub book: Book,
    pub account: u32,
    /// The customer, from its creation until it is deleted.
    pub customer: Option<Value>,
    pub subscriptions: BTreeMap<u16, Value>,
    pub schedules: BTreeMap<u16, Value>,
    /// The coupons in use.
    pub discounts: Vec<InUse>,
}

impl Scene {
    /// The account of a company of one, as somebody saw it at a moment.
    pub fn at(company: &Company, moment: Moment, redemptions: &Redemptions, unreadable: Option<Of>) -> Self {
        let book = Book::unlisted(company.as_of(moment), redemptions.before(moment), unreadable);
        let account = &book.company.accounts[0];
        let (number, deleted) = (account.number, account.deleted.is_some());
        let customer = (account.customer.created < moment && !deleted).then(|| book.render_customer(number));
        let (mut subscriptions, mut schedules, mut discounts) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for subscription in &account.subscriptions {
            let of = Of { account: number, thing: u32::from(subscription.number) };
            subscriptions.insert(subscription.number, book.render_subscription(of));
            if subscription.schedule.is_some() {
                schedules.insert(subscription.number, book.render_schedule(of));
            }
            let in_use = |number| InUse { account: of.account, subscription: Some(subscription.number), number };
            discounts.extend(subscription.contract().discounts.iter().map(|discount| in_use(discount.number)));
        }
        if customer.is_some()
            && let Some(discount) = account.discount_at(moment.plus_seconds(-1))
        {
            discounts.push(InUse { account: number, subscription: None, number: discount.number });
        }
        Self { account: number, customer, subscriptions, schedules, discounts, book }
    }

    /// Something of the account.
    pub fn of(&self, thing: usize) -> Of {
        Of { account: self.account, thing: thing as u32 }
    }
}
