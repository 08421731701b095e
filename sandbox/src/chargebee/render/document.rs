//! Invoices and credit notes.

use serde_json::{Value, json};

use super::amount::{cents, fine_cents, in_decimal};
use super::names::is_plan;
use super::{Catalog, Seen};
use crate::billing::{Invoice, Line, Proration, Source, State};
use crate::world::catalogue::CouponNumber;
use crate::world::cycle::Period;
use crate::world::money::{Currency, Fine, Minor};
use crate::world::subscription::Subscription;
use crate::world::tariff::Tariff;

impl Seen<'_> {
    /// What was taken back stands on credit notes, so only what is asked for is on the invoice.
    pub fn invoice(&self, invoice: &Invoice) -> Value {
        let subscription = self.account.subscription(invoice.subscription);
        let currency = subscription.currency;
        let id = self.invoice_id(invoice);
        let asked: Vec<(usize, &Line)> =
            invoice.lines.iter().enumerate().filter(|(_, line)| line.amount >= 0 && !line.trial).collect();
        let total: Minor = asked.iter().map(|(_, line)| line.amount - line.discount()).sum();
        let due = if invoice.state == State::Open { total } else { 0 };
        let mut discounts = Vec::new();
        for (n, line) in &asked {
            for (source, amount) in line.discounts.iter().filter(|(_, amount)| *amount > 0) {
                let mut told = json!({
                    "line_item_id": format!("{id}-{n}"),
                    "discount_amount": cents(*amount, currency),
                    "object": "line_item_discount",
                });
                if let Some((coupon, only)) = self.coupon_of(subscription, *source) {
                    if self.is_of_items(coupon, only) {
                        let level = if only.is_some() { "item_level_discount" } else { "document_level_discount" };
                        told["discount_type"] = json!(level);
                        let item = only.unwrap_or_default();
                        told["entity_id"] = json!(self.discount_id(subscription, coupon, item));
                    } else {
                        let whole = self.view.company.catalogue.coupon(coupon).products.is_empty();
                        let level = if whole { "document_level_coupon" } else { "item_level_coupon" };
                        told["discount_type"] = json!(level);
                        told["coupon_id"] = json!(self.view.coupon_id(coupon));
                    }
                }
                discounts.push(told);
            }
        }
        let items = asked.iter().map(|(n, line)| {
            let of = (line.item, line.price, line.quantity, line.period, line.amount);
            self.line(subscription, &format!("{id}-{n}"), of)
        });
        let mut told = json!({
            "id": id,
            "customer_id": self.view.ids.customer(self.account.number),
            "subscription_id": self.id_of(subscription),
            "recurring": true,
            "status": status(invoice.state),
            "price_type": "tax_exclusive",
            "date": invoice.at.0,
            "due_date": invoice.at.0,
            "net_term_days": 0,
            "currency_code": currency.code(),
            "tax": 0,
            "sub_total": cents(asked.iter().map(|(_, line)| line.amount).sum(), currency),
            "total": cents(total, currency),
            "amount_due": cents(due, currency),
            "term_finalized": true,
            "is_gifted": false,
            "first_invoice": invoice.sequence == 0,
            "has_advance_charges": false,
            "line_items": items.collect::<Vec<_>>(),
            "line_item_discounts": discounts,
            "deleted": false,
            "object": "invoice",
        });
        if let (State::Paid, Some(paid)) = (invoice.state, invoice.settled) {
            told["paid_at"] = json!(paid.0);
        }
        if let (State::Void, Some(voided)) = (invoice.state, invoice.settled) {
            told["voided_at"] = json!(voided.0);
        }
        told
    }

    /// A credit for what was paid ahead and is not used.
    pub fn credit_note(&self, proration: &Proration) -> Value {
        let subscription = self.account.subscription(proration.subscription);
        let currency = subscription.currency;
        let id = format!("CN-{}-{}", self.id_of(subscription), proration.sequence);
        let of = (proration.item, proration.price, proration.quantity, proration.period, -proration.amount);
        json!({
            "id": id,
            "customer_id": self.view.ids.customer(self.account.number),
            "subscription_id": self.id_of(subscription),
            "type": "adjustment",
            "reason_code": "subscription_change",
            "status": "adjusted",
            "price_type": "tax_exclusive",
            "date": proration.period.from.0,
            "currency_code": currency.code(),
            "sub_total": cents(-proration.amount, currency),
            "total": cents(-proration.amount, currency),
            "line_items": [self.line(subscription, &format!("{id}-0"), of)],
            "deleted": false,
            "object": "credit_note",
        })
    }

    fn line(
        &self,
        subscription: &Subscription,
        id: &str,
        (item, price, quantity, period, amount): (u16, crate::world::catalogue::PriceNumber, u32, Period, Minor),
    ) -> Value {
        let tariff = &self.view.company.catalogue.price(price).tariff;
        let currency = subscription.currency;
        let unit = match tariff {
            Tariff::PerUnit(unit) | Tariff::Metered(unit) => *unit,
            _ => Fine(0),
        };
        let kind = match (self.view.catalog, is_plan(item)) {
            (Catalog::V2, true) => "plan_item_price",
            (Catalog::V2, false) => "addon_item_price",
            (Catalog::V1, true) => "plan",
            (Catalog::V1, false) => "addon",
        };
        let mut told = json!({
            "id": id,
            "subscription_id": self.id_of(subscription),
            "date_from": period.from.0,
            "date_to": period.to.0,
            "unit_amount": fine_cents(unit, currency),
            "quantity": quantity,
            "amount": cents(amount, currency),
            "is_taxed": false,
            "tax_amount": 0,
            "discount_amount": 0,
            "item_level_discount_amount": 0,
            "metered": tariff.is_metered(),
            "description": "service",
            "entity_type": kind,
            "entity_id": self.view.item_price_id(price, is_plan(item)),
            "customer_id": self.view.ids.customer(self.account.number),
            "object": "line_item",
        });
        if let Some(exact) = in_decimal(unit, currency) {
            told["unit_amount_in_decimal"] = json!(exact);
            told["quantity_in_decimal"] = json!(quantity.to_string());
        }
        told
    }

    pub fn invoice_id(&self, invoice: &Invoice) -> String {
        let currency: Currency = self.account.subscription(invoice.subscription).currency;
        format!("{}{}-{}-{}", currency.code(), self.account.number, invoice.subscription, invoice.sequence)
    }

    /// The coupon, and the item that it is on if it is on one.
    fn coupon_of(&self, subscription: &Subscription, source: Source) -> Option<(CouponNumber, Option<u16>)> {
        match source {
            Source::Own(number) => {
                let own = subscription.all_discounts().find(|discount| discount.number == number);
                own.map(|discount| (discount.coupon, discount.item))
            }
            Source::Customer(number) => {
                let own = self.account.discounts.iter().find(|discount| discount.number == number);
                own.map(|discount| (discount.coupon, None))
            }
        }
    }
}

fn status(state: State) -> &'static str {
    match state {
        State::Draft => "pending",
        State::Open => "payment_due",
        State::Paid => "paid",
        State::Uncollectible => "not_paid",
        State::Void => "voided",
    }
}
