//! The company itself and its customers.

use serde_json::{Value, json};

use super::with;
use crate::stripe::book::{Book, InUse};

impl Book {
    /// `GET /v1/account`.
    pub(in crate::stripe) fn render_company(&self) -> Value {
        json!({
            "id": self.ids.company(),
            "object": "account",
            "business_profile": {"name": "Sandbox Ltd", "support_email": null, "url": null},
            "business_type": "company",
            "capabilities": {"card_payments": "active", "transfers": "active"},
            "charges_enabled": true,
            "controller": {"type": "account"},
            "country": "DE",
            "created": self.company.horizon.begin.0,
            "default_currency": "eur",
            "details_submitted": true,
            "email": "owner@sandbox.example",
            "metadata": {},
            "payouts_enabled": true,
            "settings": {
                "branding": {"icon": null, "logo": null, "primary_color": null, "secondary_color": null},
                "card_payments": {
                    "statement_descriptor_prefix": null,
                    "statement_descriptor_prefix_kana": null,
                    "statement_descriptor_prefix_kanji": null
                },
                "dashboard": {"display_name": "Sandbox", "timezone": "Etc/UTC"},
                "payments": {
                    "statement_descriptor": null,
                    "statement_descriptor_kana": null,
                    "statement_descriptor_kanji": null
                }
            },
            "type": "standard"
        })
    }

    /// A customer with its balance at virtual now.
    pub(in crate::stripe) fn render_customer(&self, number: u32) -> Value {
        let account = self.account(number);
        if account.deleted.is_some() {
            return json!({"id": self.ids.customer(number), "object": "customer", "deleted": true});
        }
        let customer = &account.customer;
        let ledger = self.ledger(number);
        let noted = customer.crm_id.as_ref().map_or(json!({}), |id| json!({"hubspot_company_id": id}));
        let rendered = json!({
            "id": self.ids.customer(number),
            "object": "customer",
            "address": null,
            "balance": ledger.balance,
            // Stripe sets the currency with the first billing.
            "currency": (!ledger.invoices.is_empty()).then(|| super::currency(customer.currency)),
            "customer_account": null,
            "created": customer.created.0,
            "default_source": null,
            "delinquent": false,
            "description": null,
            // What happens in the second of virtual now is not seen yet, the end of a coupon like anything else.
            "discount": account.discount_at(self.company.horizon.now.plus_seconds(-1)).map(|discount| {
                self.render_discount(InUse { account: number, subscription: None, number: discount.number })
            }),
            "email": customer.email,
            "invoice_prefix": self.ids.invoice_prefix(number),
            "invoice_settings": {
                "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null
            },
            "livemode": false,
            "metadata": noted,
            "name": customer.name,
            "next_invoice_sequence": ledger.invoices.len() + 1,
            "phone": null,
            "preferred_locales": [],
            "shipping": null,
            "tax_exempt": "none",
            "test_clock": self.ids.clock_of(number)
        });
        with(rendered, [("address", self.render_address(number))])
    }

    pub(super) fn render_address(&self, number: u32) -> Value {
        let customer = &self.account(number).customer;
        json!({
            "city": customer.city, "country": customer.country, "line1": null, "line2": null,
            "postal_code": null, "state": null
        })
    }
}
