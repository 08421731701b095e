//! What invoices are paid by: one payment each, if anything is due.

use serde_json::{Value, json};

use super::{currency, with};
use crate::billing::{Invoice, State};
use crate::stripe::book::{Book, Of};
use crate::stripe::page::list;

impl Book {
    /// Puts the payments into a rendered invoice; they are shown only to those who ask for them.
    pub(in crate::stripe) fn add_payments(&self, invoice: &mut Value) {
        let Some(of) = invoice["id"].as_str().and_then(|id| self.invoices.get(id)) else { return };
        let payments = self.render_invoice_payment(of).into_iter().collect();
        invoice["payments"] = list("/v1/invoice_payments", payments, false);
    }

    /// The payment of an invoice, also one that waits or was called off.
    fn render_invoice_payment(&self, of: Of) -> Option<Value> {
        let invoice = self.invoice(of);
        let settled = |state| invoice.settled.filter(|_| invoice.state == state).map(|at| at.0);
        let status = match invoice.state {
            _ if invoice.due == 0 => return None,
            State::Draft => return None,
            State::Paid => "paid",
            State::Void => "canceled",
            State::Open | State::Uncollectible => "open",
        };
        let (payment, charge) = (self.ids.payment_intent(of.account, invoice), self.ids.charge(of.account, invoice));
        Some(json!({
            "id": charge.replacen("ch_", "inpay_", 1),
            "object": "invoice_payment",
            "amount_paid": (invoice.state == State::Paid).then_some(invoice.due),
            "amount_requested": invoice.due,
            "created": invoice.at.0,
            "currency": currency(self.account(of.account).subscription(invoice.subscription).currency),
            "invoice": self.invoice_id(of),
            "is_default": true,
            "livemode": false,
            "payment": {"payment_intent": payment, "type": "payment_intent"},
            "status": status,
            "status_transitions": {"canceled_at": settled(State::Void), "paid_at": settled(State::Paid)}
        }))
    }

    /// The charge with an id.
    pub(super) fn find_charge(&self, id: &str) -> Option<Value> {
        let of = self.invoices.get(&format!("in_{}", id.strip_prefix("ch_")?))?;
        is_charged(self.invoice(of)).then(|| self.render_charge(of))
    }

    /// The charge by which an invoice was paid.
    pub(in crate::stripe) fn render_charge(&self, of: Of) -> Value {
        let invoice = self.invoice(of);
        let account = self.account(of.account);
        let refunded = if invoice.refunded.is_some() { invoice.due } else { 0 };
        let rendered = json!({
            "id": self.ids.charge(of.account, invoice),
            "object": "charge",
            "amount": invoice.due,
            "amount_captured": invoice.due,
            "amount_refunded": refunded,
            "application": null,
            "application_fee": null,
            "application_fee_amount": null,
            "balance_transaction": null,
            "billing_details": null,
            "calculated_statement_descriptor": null,
            "captured": true,
            "created": invoice.at.0,
            "currency": currency(account.subscription(invoice.subscription).currency),
            "customer": self.ids.customer(of.account),
            "description": "Subscription update",
            "disputed": false,
            "failure_balance_transaction": null,
            "failure_code": null,
            "failure_message": null,
            "fraud_details": {},
            "livemode": false,
            "metadata": {},
            "on_behalf_of": null,
            "outcome": null,
            "paid": true,
            "payment_intent": self.ids.payment_intent(of.account, invoice),
            "payment_method": null,
            "payment_method_details": null,
            "receipt_email": null,
            "receipt_number": null,
            "receipt_url": null,
            "refunded": invoice.refunded.is_some(),
            "review": null,
            "shipping": null,
            "source_transfer": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": null,
            "status": "succeeded",
            "transfer_data": null,
            "transfer_group": null
        });
        let (email, name) = (&account.customer.email, &account.customer.name);
        let details = json!({"address": null, "email": email, "name": name, "phone": null, "tax_id": null});
        with(rendered, [("billing_details", details)])
    }
}

/// Whether money was taken for an invoice, also if it went back later.
fn is_charged(invoice: &Invoice) -> bool {
    invoice.due > 0 && (invoice.state == State::Paid || invoice.refunded.is_some())
}
