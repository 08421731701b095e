//! Refunds and credit notes.

use serde_json::{Value, json};

use super::currency;
use super::invoice::credit_note_amount;
use crate::stripe::book::{Book, Of};
use crate::stripe::page::list;

impl Book {
    /// The refund of all that was paid for an invoice.
    pub(in crate::stripe) fn render_refund(&self, of: Of) -> Value {
        let invoice = self.invoice(of);
        let account = self.account(of.account);
        json!({
            "id": self.ids.refund(of.account, invoice.subscription, invoice.sequence),
            "object": "refund",
            "amount": invoice.due,
            "balance_transaction": null,
            "charge": self.ids.charge(of.account, invoice),
            "created": invoice.refunded.map(|at| at.0),
            "currency": currency(account.customer.currency),
            "metadata": {},
            "payment_intent": self.ids.payment_intent(of.account, invoice),
            "reason": "requested_by_customer",
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": "succeeded",
            "transfer_reversal": null
        })
    }

    /// The one line of a credit note.
    pub(in crate::stripe) fn render_credit_note_line(&self, of: Of) -> Value {
        let invoice = self.invoice(of);
        let note = self.ids.credit_note(of.account, invoice.subscription, invoice.sequence);
        let amount = credit_note_amount(invoice);
        json!({
            "id": format!("cnli_{}", note.trim_start_matches("cn_")),
            "object": "credit_note_line_item",
            "amount": amount, "description": "Goodwill", "discount_amount": 0, "discount_amounts": [],
            "livemode": false, "metadata": {}, "pretax_credit_amounts": [], "quantity": 1, "tax_rates": [],
            "taxes": [], "type": "custom_line_item", "unit_amount": amount,
            "unit_amount_decimal": amount.to_string()
        })
    }

    /// A credit note over a part of what was paid for an invoice.
    pub(in crate::stripe) fn render_credit_note(&self, of: Of) -> Value {
        let invoice = self.invoice(of);
        let account = self.account(of.account);
        let id = self.ids.credit_note(of.account, invoice.subscription, invoice.sequence);
        let amount = credit_note_amount(invoice);
        let created = invoice.credited.map(|at| at.0);
        let number = format!("{}-{:04}-CN-01", self.ids.invoice_prefix(of.account), invoice.account_sequence);
        let line = self.render_credit_note_line(of);
        json!({
            "id": id,
            "object": "credit_note",
            "amount": amount, "amount_shipping": 0, "created": created,
            "currency": currency(account.customer.currency),
            "customer": self.ids.customer(of.account),
            "customer_account": null, "customer_balance_transaction": null,
            "discount_amount": 0, "discount_amounts": [], "effective_at": created,
            "invoice": self.invoice_id(of),
            "lines": list(&format!("/v1/credit_notes/{id}/lines"), vec![line], false),
            "livemode": false, "memo": null, "metadata": {}, "number": number, "out_of_band_amount": amount,
            "pdf": "", "post_payment_amount": amount, "pre_payment_amount": 0, "pretax_credit_amounts": [],
            "reason": "order_change", "refunds": [], "shipping_cost": null, "status": "issued",
            "subtotal": amount, "subtotal_excluding_tax": amount, "total": amount, "total_excluding_tax": amount,
            "total_taxes": [], "type": "post_payment", "voided_at": null
        })
    }
}
