//! Invoices and their lines.

use serde_json::{Value, json};

use super::{currency, decimal_quotient, with};
use crate::billing::{Invoice, Line, Reason};
use crate::stripe::NESTED_LIMIT;
use crate::stripe::book::{Book, Of};
use crate::stripe::page::list;
use crate::world::catalogue::ProductKind;

impl Book {
    /// An invoice with the first of its lines.
    pub(in crate::stripe) fn render_invoice(&self, of: Of) -> Value {
        let invoice = self.invoice(of);
        let account = self.account(of.account);
        let subscription = &account.subscriptions[usize::from(invoice.subscription)];
        let id = self.invoice_id(of);
        let lines = (0..invoice.lines.len().min(NESTED_LIMIT)).map(|n| self.render_line(of, n)).collect();
        let lines = list(&format!("/v1/invoices/{id}/lines"), lines, invoice.lines.len() > NESTED_LIMIT);
        let discounts = self.discount_ids(of.account, subscription);
        let discount_amounts: Vec<Value> =
            discounts.iter().map(|id| json!({"amount": invoice.discount(), "discount": id})).collect();
        let paid = if invoice.paid { invoice.due } else { 0 };
        let (subtotal, total) = (invoice.subtotal(), invoice.total());
        let rendered = json!({
            "id": id,
            "object": "invoice",
            "account_country": "DE",
            "account_name": "Sandbox Ltd",
            "account_tax_ids": null,
            "amount_due": invoice.due,
            "amount_overpaid": 0,
            "amount_paid": paid,
            "amount_paid_off_stripe": 0,
            "amount_remaining": invoice.due - paid,
            "amount_shipping": 0,
            "application": null,
            "attempt_count": i32::from(invoice.due > 0),
            "attempted": true,
            "auto_advance": false,
            "automatic_tax": {
                "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null
            },
            "automatically_finalizes_at": null,
            "billing_reason": reason(invoice.reason),
            "collection_method": "charge_automatically",
            "created": invoice.at.0,
            "currency": currency(subscription.currency),
            "custom_fields": null,
            "customer": self.ids.customer(of.account),
            "customer_account": null,
            "customer_address": null,
            "customer_email": account.customer.email,
            "customer_name": account.customer.name,
            "customer_phone": null,
            "customer_shipping": null,
            "customer_tax_exempt": "none",
            "customer_tax_ids": [],
            "default_payment_method": null,
            "default_source": null,
            "default_tax_rates": [],
            "description": null,
            "discounts": discounts,
            "due_date": null,
            "effective_at": invoice.at.0,
            "ending_balance": invoice.ending_balance,
            "footer": null,
            "from_invoice": null,
            "hosted_invoice_url": null,
            "invoice_pdf": null,
            "issuer": {"type": "self"},
            "last_finalization_error": null,
            "latest_revision": null,
            "lines": null,
            "livemode": false,
            "metadata": {},
            "next_payment_attempt": null,
            "number": format!("{}-{:04}", self.ids.invoice_prefix(of.account), invoice.account_sequence),
            "on_behalf_of": null,
            "parent": null,
            "payment_settings": {
                "default_mandate": null, "payment_method_options": null, "payment_method_types": null
            },
            "period_end": invoice.closes.to.0,
            "period_start": invoice.closes.from.0,
            "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0,
            "receipt_number": null,
            "rendering": null,
            "shipping_cost": null,
            "shipping_details": null,
            "starting_balance": invoice.starting_balance,
            "statement_descriptor": null,
            "status": if invoice.paid { "paid" } else { "open" },
            "status_transitions": {
                "finalized_at": invoice.at.0,
                "marked_uncollectible_at": null,
                "paid_at": invoice.paid.then_some(invoice.at.0),
                "voided_at": null
            },
            "subtotal": subtotal,
            "subtotal_excluding_tax": subtotal,
            "test_clock": null,
            "total": total,
            "total_discount_amounts": discount_amounts,
            "total_excluding_tax": total,
            "total_pretax_credit_amounts": [],
            "total_taxes": [],
            "webhooks_delivered_at": invoice.at.0
        });
        let parent = self.render_invoice_parent(of, invoice);
        with(rendered, [("customer_address", self.render_address(of.account)), ("lines", lines), ("parent", parent)])
    }

    /// The line at a place of an invoice.
    pub(in crate::stripe) fn render_line(&self, of: Of, n: usize) -> Value {
        let invoice = self.invoice(of);
        let line = &invoice.lines[n];
        let subscription = &self.account(of.account).subscriptions[usize::from(invoice.subscription)];
        let subscription_id = self.ids.subscription(of.account, invoice.subscription);
        let discounts = self.discount_ids(of.account, subscription);
        let discount_amounts: Vec<Value> = if line.proration.is_some() {
            Vec::new()
        } else {
            discounts.iter().map(|id| json!({"amount": line.discount, "discount": id})).collect()
        };
        let invoice_item = line.proration.map(|number| {
            let proration = self.proration(Of { account: of.account, thing: number as u32 });
            self.ids.invoice_item(of.account, proration.subscription, proration.sequence)
        });
        let rendered = json!({
            "id": self.ids.line(of.account, invoice.subscription, invoice.sequence, n),
            "object": "line_item",
            "amount": line.amount,
            "currency": currency(subscription.currency),
            "description": self.describe(line),
            "discount_amounts": discount_amounts,
            "discountable": line.proration.is_none(),
            "discounts": [],
            "invoice": self.invoice_id(of),
            "livemode": false,
            "metadata": {},
            "parent": {
                "invoice_item_details": null,
                "subscription_item_details": {
                    "invoice_item": invoice_item,
                    "proration": line.proration.is_some(),
                    "proration_details": {"credited_items": null},
                    "subscription": subscription_id,
                    "subscription_item": self.ids.item(of.account, invoice.subscription, line.item)
                },
                "type": "subscription_item_details"
            },
            "period": {"end": line.period.to.0, "start": line.period.from.0},
            "pretax_credit_amounts": [],
            "pricing": null,
            "quantity": line.quantity,
            "quantity_decimal": line.quantity.to_string(),
            "subscription": subscription_id,
            "subtotal": line.amount,
            "taxes": []
        });
        with(rendered, [("pricing", self.render_pricing(line.price, line.amount, line.quantity))])
    }

    /// What a line or an invoice item was priced by. On a proration the unit amount is the prorated one: amount and
    /// quantity always agree, and the list price is the price's own.
    pub(super) fn render_pricing(
        &self,
        price: crate::world::catalogue::PriceNumber,
        amount: i64,
        quantity: u32,
    ) -> Value {
        json!({
            "price_details": {
                "price": self.ids.price(price),
                "product": self.ids.product(self.company.catalogue.price(price).product)
            },
            "type": "price_details",
            "unit_amount_decimal": decimal_quotient(amount, quantity)
        })
    }

    fn render_invoice_parent(&self, of: Of, invoice: &Invoice) -> Value {
        json!({
            "quote_details": null,
            "subscription_details": {
                "metadata": {},
                "subscription": self.ids.subscription(of.account, invoice.subscription)
            },
            "type": "subscription_details"
        })
    }

    fn describe(&self, line: &Line) -> String {
        let catalogue = &self.company.catalogue;
        let product = &catalogue.products[catalogue.price(line.price).product.0];
        let what = match product.kind {
            ProductKind::Plan => format!("{} × {} plan", line.quantity, product.name),
            ProductKind::AddOn => format!("{} × {}", line.quantity, product.name),
        };
        let day = line.period.from.utc().format("%d %b %Y");
        match line.proration {
            None => what,
            Some(_) if line.amount < 0 => format!("Unused time on {what} after {day}"),
            Some(_) => format!("Remaining time on {what} after {day}"),
        }
    }
}

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Started => "subscription_create",
        Reason::Renewed => "subscription_cycle",
        Reason::Amended | Reason::Ended => "subscription_update",
    }
}
