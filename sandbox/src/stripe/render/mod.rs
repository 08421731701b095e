//! One file for each kind of object: from the world to Stripe's JSON.

mod aftermath;
mod catalogue;
mod currencies;
mod customer;
mod invoice;
mod invoice_item;
mod payment;
mod schedule;
mod subscription;
mod tariff;

pub(super) use currencies::shown;
pub(super) use invoice::invoice_status;
pub(super) use subscription::status_of;

use std::collections::HashMap;

use serde_json::{Value, json};

use super::book::{Book, Of};
use super::expand::Kind;
use crate::world::money::Currency;
use crate::world::subscription::Item;

impl Book {
    /// The object that an id stands for inside of another one, where a deleted coupon lives on.
    pub(super) fn find_even_deleted(&self, kind: Kind, id: &str) -> Option<Value> {
        let deleted = || self.deleted_coupons.get(id).filter(|_| kind == Kind::Coupon);
        self.find(kind, id).or_else(|| deleted().map(|&coupon| self.render_coupon(coupon)))
    }

    /// The object with an id, as it looks on its own.
    pub(super) fn find(&self, kind: Kind, id: &str) -> Option<Value> {
        match kind {
            Kind::Customer => {
                let number = self.customers.get(id).or_else(|| self.deleted_customers.get(id).copied());
                number.map(|account| self.render_customer(account))
            }
            Kind::Product => self.products.get(id).map(|product| self.render_product(product)),
            Kind::Price => self.prices.get(id).map(|price| self.render_price(price)),
            Kind::Coupon => self.coupons.get(id).map(|coupon| self.render_coupon(coupon)),
            Kind::Discount => self.discounts.get(id).map(|of| self.render_discount(of)),
            Kind::Subscription => self.subscriptions.get(id).map(|of| self.render_subscription(of)),
            Kind::Invoice => self.invoices.get(id).map(|of| self.render_invoice(of)),
            Kind::InvoiceItem => self.invoice_items.get(id).map(|of| self.render_invoice_item(of)),
            Kind::Schedule => self.schedules.get(id).map(|of| self.render_schedule(of)),
            Kind::Refund => self.refunds.get(id).map(|of| self.render_refund(of)),
            Kind::CreditNote => self.credit_notes.get(id).map(|of| self.render_credit_note(of)),
            Kind::Charge => self.find_charge(id),
            Kind::SubscriptionItem => self.find_item(id),
            Kind::TestClock => self.render_clock().filter(|_| id == self.ids.clock()),
            Kind::Line | Kind::CreditNoteLine | Kind::Plan | Kind::Event => None,
        }
    }

    /// An item that a subscription has, or ended with. One that was removed is gone.
    fn find_item(&self, id: &str) -> Option<Value> {
        let &(of, number) = self.items.get_or_init(|| self.items_by_id()).get(id)?;
        self.subscription(of).contract().item(number).map(|item| self.render_item(of, item))
    }

    fn items_by_id(&self) -> HashMap<String, (Of, u16)> {
        let mut items = HashMap::new();
        for account in &self.company.accounts {
            for subscription in &account.subscriptions {
                let of = Of { account: account.number, thing: u32::from(subscription.number) };
                for Item { number, .. } in subscription.contract().items {
                    items.insert(self.ids.item(account.number, subscription.number, number), (of, number));
                }
            }
        }
        items
    }
}

/// Moves parts into the fields that `json!` has left null. Inside of `json!` they would be copied, at every level
/// again, and that was two thirds of the time of a page.
fn with<const N: usize>(mut object: Value, parts: [(&str, Value); N]) -> Value {
    for (field, part) in parts {
        object[field] = part;
    }
    object
}

/// Stripe's spelling of a currency.
fn currency(currency: Currency) -> String {
    currency.code().to_lowercase()
}

/// Nothing is taxed automatically.
fn no_automatic_tax() -> Value {
    json!({"disabled_reason": null, "enabled": false, "liability": null})
}

/// A quotient of minor units as a decimal with up to twelve digits after the point, rounded half up.
fn decimal_quotient(dividend: i64, divisor: u32) -> String {
    const SCALE: i128 = 1_000_000_000_000;
    let (dividend, divisor) = (i128::from(dividend), i128::from(divisor.max(1)));
    let scaled = (dividend.abs() * SCALE * 2 + divisor) / (divisor * 2);
    let sign = if dividend < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:012}", scaled / SCALE, scaled % SCALE);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn quotients_are_decimals_of_up_to_twelve_digits() {
        assert_eq!(super::decimal_quotient(-1_000, 3), "-333.333333333333");
        assert_eq!(super::decimal_quotient(2_999, 1), "2999");
        assert_eq!(super::decimal_quotient(5, 2), "2.5");
        assert_eq!(super::decimal_quotient(0, 7), "0");
    }
}
