//! Older shapes: the objects of events as other API versions render them.
//!
//! Each step goes from one version to the one before it, so that a shape is described where it was given up.

mod discount;
mod invoice;
mod subscription;
mod version;

use std::collections::HashMap;

use serde_json::{Map, Value};

pub use version::{Listed, Version};

use super::book::{Book, InUse};
use super::expand::Kind;
use super::ids::Ids;
use crate::world::Company;
use crate::world::catalogue::{CouponNumber, PriceNumber};

/// What ids in objects stand for, because older shapes show more than the id.
pub(super) struct Names {
    prices: HashMap<String, PriceNumber>,
    coupons: HashMap<String, CouponNumber>,
}

impl Names {
    pub fn of(company: &Company) -> Self {
        let ids = Ids::of(company);
        let prices = (0..company.catalogue.prices.len()).map(PriceNumber);
        let coupons = (0..company.catalogue.coupons.len()).map(CouponNumber);
        Self {
            prices: prices.map(|number| (ids.price(number), number)).collect(),
            coupons: coupons.map(|number| (ids.coupon(number), number)).collect(),
        }
    }
}

/// Renders objects of the served version in an older one.
pub(super) struct Older<'a> {
    /// The account as it stood.
    pub book: &'a Book,
    pub names: &'a Names,
    pub version: Version,
}

impl Older<'_> {
    /// Turns an object into its older shape.
    pub fn turn(&self, kind: Kind, object: &mut Value) {
        if self.version < Version::Dahlia {
            self.before_dahlia(kind, object);
        }
        if self.version < Version::Clover {
            self.before_clover(kind, object);
        }
        if self.version < Version::Basil {
            self.before_basil(kind, object);
        }
    }

    /// Lines had no decimal quantity and no subtotal.
    fn before_dahlia(&self, kind: Kind, object: &mut Value) {
        match kind {
            Kind::Invoice => each_line(object, |line| drop_fields(line, &["quantity_decimal", "subtotal"])),
            Kind::InvoiceItem => drop_fields(object, &["quantity_decimal"]),
            Kind::Subscription => drop_fields(object, &["billing_schedules", "managed_payments"]),
            _ => {}
        }
    }

    /// Discounts embedded their coupon, and there was one mode of billing.
    fn before_clover(&self, kind: Kind, object: &mut Value) {
        match kind {
            Kind::Customer => self.embed_coupon(&mut object["discount"]),
            Kind::Discount => self.embed_coupon(object),
            Kind::Subscription | Kind::Schedule => drop_fields(object, &["billing_mode"]),
            _ => {}
        }
    }

    /// Subscriptions had the period, invoices their subscription, and lines their price.
    fn before_basil(&self, kind: Kind, object: &mut Value) {
        match kind {
            Kind::Subscription => self.old_subscription(object),
            Kind::Invoice => self.old_invoice(object),
            Kind::InvoiceItem => self.old_invoice_item(object),
            Kind::Charge => old_charge(object),
            Kind::CreditNote => rename(object, "total_taxes", "tax_amounts"),
            Kind::Plan => object["aggregate_usage"] = Value::Null,
            Kind::Price => object["recurring"]["aggregate_usage"] = Value::Null,
            _ => {}
        }
    }

    /// A price and its plan, as lines and invoice items embedded them.
    fn price_and_plan(&self, id: &Value) -> Option<[Value; 2]> {
        let number = *self.names.prices.get(id.as_str()?)?;
        let mut both = [self.book.render_price(number), self.book.render_plan(number)];
        both[0]["recurring"]["aggregate_usage"] = Value::Null;
        both[1]["aggregate_usage"] = Value::Null;
        Some(both)
    }

    /// A coupon in use of the one account of the book.
    fn in_use(&self, id: &str) -> Option<InUse> {
        let account = self.book.company.accounts.first()?;
        let in_use = |subscription, number| InUse { account: account.number, subscription, number };
        let own = account.subscriptions.iter().flat_map(|subscription| {
            subscription.all_discounts().map(|discount| in_use(Some(subscription.number), discount.number))
        });
        let customers = account.discounts.iter().map(|discount| in_use(None, discount.number));
        own.chain(customers).find(|in_use| self.book.ids.in_use(*in_use) == id)
    }
}

fn fields(object: &mut Value) -> Option<&mut Map<String, Value>> {
    object.as_object_mut()
}

fn drop_fields(object: &mut Value, names: &[&str]) {
    if let Some(fields) = fields(object) {
        names.iter().for_each(|name| drop(fields.shift_remove(*name)));
    }
}

fn rename(object: &mut Value, from: &str, to: &str) {
    if let Some(fields) = fields(object)
        && let Some(value) = fields.shift_remove(from)
    {
        fields.insert(to.into(), value);
    }
}

/// Charges named the invoice that they paid.
fn old_charge(charge: &mut Value) {
    charge["invoice"] = charge["id"].as_str().map(|id| id.replacen("ch_", "in_", 1)).into();
}

fn each_line(invoice: &mut Value, then: impl FnMut(&mut Value)) {
    invoice["lines"]["data"].as_array_mut().into_iter().flatten().for_each(then);
}
