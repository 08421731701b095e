//! One file for each kind of object: from the world to Stripe's JSON.

mod catalogue;
mod customer;
mod invoice;
mod invoice_item;
mod subscription;

use serde_json::{Value, json};

use super::book::Book;
use super::expand::Kind;
use crate::world::money::Currency;

impl Book {
    /// The object with an id, as it looks on its own.
    pub(super) fn find(&self, kind: Kind, id: &str) -> Option<Value> {
        match kind {
            Kind::Customer => self.customers.get(id).map(|account| self.render_customer(account)),
            Kind::Product => self.products.get(id).map(|product| self.render_product(product)),
            Kind::Price => self.prices.get(id).map(|price| self.render_price(price)),
            Kind::Coupon => self.coupons.get(id).map(|coupon| self.render_coupon(coupon)),
            Kind::Discount => self.discounts.get(id).map(|of| self.render_discount(of)),
            Kind::Subscription => self.subscriptions.get(id).map(|of| self.render_subscription(of)),
            Kind::Invoice => self.invoices.get(id).map(|of| self.render_invoice(of)),
            Kind::InvoiceItem => self.invoice_items.get(id).map(|of| self.render_invoice_item(of)),
            Kind::SubscriptionItem | Kind::Schedule | Kind::Line => None,
        }
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
