//! Customers.

use serde_json::{Value, json};

use super::View;
use crate::world::account::Account;

impl View<'_> {
    /// Goes by the merchant's own id, by which the truth goes too.
    pub fn customer(&self, account: &Account) -> Value {
        let customer = &account.customer;
        let mut rendered = json!({
            "id": self.ids.customer(account.number),
            "company": customer.name,
            "email": customer.email,
            "auto_collection": "on",
            "net_term_days": 0,
            "allow_direct_debit": false,
            "created_at": customer.created.0,
            "taxability": "taxable",
            "pii_cleared": "active",
            "billing_address": {
                "company": customer.name,
                "city": customer.city,
                "country": customer.country,
                "validation_status": "not_validated",
                "object": "billing_address",
            },
            "preferred_currency_code": customer.currency.code(),
            "promotional_credits": 0,
            "refundable_credits": 0,
            "excess_payments": 0,
            "unbilled_charges": 0,
            "deleted": account.deleted.is_some(),
            "object": "customer",
        });
        if let Some(id) = &customer.crm_id {
            rendered["cf_hubspot_company_id"] = json!(id);
        }
        rendered
    }
}
