//! Invoices and their lines.

use serde_json::{Value, json};

use super::{currency, decimal_quotient, with};
use crate::billing::{Invoice, Line, Reason, Source, State};
use crate::stripe::NESTED_LIMIT;
use crate::stripe::book::{Book, InUse, Of};
use crate::stripe::page::list;
use crate::world::catalogue::ProductKind;
use crate::world::subscription::Subscription;

impl Book {
    /// An invoice with the first of its lines.
    pub(in crate::stripe) fn render_invoice(&self, of: Of) -> Value {
        let invoice = self.invoice(of);
        let account = self.account(of.account);
        let subscription = account.subscription(invoice.subscription);
        let id = self.invoice_id(of);
        let lines = (0..invoice.lines.len().min(NESTED_LIMIT)).map(|n| self.render_line(of, n)).collect();
        let lines = list(&format!("/v1/invoices/{id}/lines"), lines, invoice.lines.len() > NESTED_LIMIT);
        let id_of = |&source: &Source| self.source_id(of.account, invoice.subscription, source);
        // A coupon on an item is its lines' own; the invoice names those of the whole.
        let whole = invoice.discounts.iter().filter(|source| !on_item(subscription, **source));
        let discounts: Vec<String> = whole.map(id_of).collect();
        let amount_of = |source: &Source| json!({"amount": invoice.discount_by(*source), "discount": id_of(source)});
        let discount_amounts: Vec<Value> = invoice.discounts.iter().map(amount_of).collect();
        let paid = if invoice.state == State::Paid { invoice.due } else { 0 };
        let settled = |state| invoice.settled.filter(|_| invoice.state == state).map(|at| at.0);
        let draft = invoice.state == State::Draft;
        let sibling = |sequence| self.ids.invoice(of.account, invoice.subscription, sequence);
        let number = format!("{}-{:04}", self.ids.invoice_prefix(of.account), invoice.account_sequence);
        // Nobody has tried to collect a bill that was given up as it was written.
        let given_up = invoice.state == State::Uncollectible && invoice.settled == Some(invoice.at);
        let tried = invoice.due > 0 && !given_up && !matches!(invoice.state, State::Draft | State::Void);
        // Who pays days later has been asked again in between.
        let late = invoice.settled.is_some_and(|settled| settled.0 - invoice.at.0 > 86_400);
        let attempts = if tried && late { 2 } else { i32::from(tried) };
        let credited = if invoice.credited.is_some() { credit_note_amount(invoice) } else { 0 };
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
            "attempt_count": attempts,
            "attempted": !draft,
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
            "effective_at": (!draft).then_some(invoice.at.0),
            "ending_balance": invoice.ending_balance,
            "footer": null,
            "from_invoice": invoice.replaces.map(|n| json!({"action": "revision", "invoice": sibling(n)})),
            "hosted_invoice_url": null,
            "invoice_pdf": null,
            "issuer": {"type": "self"},
            "last_finalization_error": null,
            "latest_revision": invoice.replaced_by.map(sibling),
            "lines": null,
            "livemode": false,
            "metadata": {},
            "next_payment_attempt": null,
            "number": (!draft).then_some(number),
            "on_behalf_of": null,
            "parent": null,
            "payment_settings": {
                "default_mandate": null, "payment_method_options": null, "payment_method_types": null
            },
            "period_end": invoice.closes.to.0,
            "period_start": invoice.closes.from.0,
            "post_payment_credit_notes_amount": credited,
            "pre_payment_credit_notes_amount": 0,
            "receipt_number": null,
            "rendering": null,
            "shipping_cost": null,
            "shipping_details": null,
            "starting_balance": invoice.starting_balance,
            "statement_descriptor": null,
            "status": invoice_status(invoice.state),
            "status_transitions": {
                "finalized_at": (!draft).then_some(invoice.at.0),
                "marked_uncollectible_at": settled(State::Uncollectible),
                "paid_at": settled(State::Paid),
                "voided_at": settled(State::Void)
            },
            "subtotal": subtotal,
            "subtotal_excluding_tax": subtotal,
            "test_clock": self.ids.clock_of(of),
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
        let subscription = self.account(of.account).subscription(invoice.subscription);
        let subscription_id = self.ids.subscription(of.account, invoice.subscription);
        let id_of = |source| self.source_id(of.account, invoice.subscription, source);
        let amount_of = |&(source, amount): &(Source, i64)| json!({"amount": amount, "discount": id_of(source)});
        let discount_amounts: Vec<Value> = line.discounts.iter().map(amount_of).collect();
        let own = line.discounts.iter().map(|(source, _)| *source).filter(|&source| on_item(subscription, source));
        let own: Vec<String> = own.map(id_of).collect();
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
            "discounts": own,
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
                "price": self.price_id(price),
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

    fn source_id(&self, account: u32, subscription: u16, source: Source) -> String {
        self.ids.in_use(match source {
            Source::Own(number) => InUse { account, subscription: Some(subscription), number },
            Source::Customer(number) => InUse { account, subscription: None, number },
        })
    }

    fn describe(&self, line: &Line) -> String {
        let catalogue = &self.company.catalogue;
        let product = &catalogue.products[catalogue.price(line.price).product.0];
        let what = match product.kind {
            ProductKind::Plan => format!("{} × {} plan", line.quantity, product.name),
            ProductKind::AddOn | ProductKind::Special => format!("{} × {}", line.quantity, product.name),
        };
        if line.trial {
            return format!("Trial period for {what}");
        }
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

/// What Stripe calls what has become of an invoice.
pub(in crate::stripe) fn invoice_status(state: State) -> &'static str {
    match state {
        State::Draft => "draft",
        State::Open => "open",
        State::Paid => "paid",
        State::Uncollectible => "uncollectible",
        State::Void => "void",
    }
}

/// A quarter of what was paid, and never nothing.
pub(super) fn credit_note_amount(invoice: &Invoice) -> i64 {
    (invoice.due / 4).max(1)
}

/// Whether a coupon in use works on one item only.
fn on_item(subscription: &Subscription, source: Source) -> bool {
    match source {
        Source::Own(number) => subscription.all_discounts().any(|d| d.number == number && d.item.is_some()),
        Source::Customer(_) => false,
    }
}
