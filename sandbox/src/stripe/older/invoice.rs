//! Invoices that name their subscription and charge, with lines that embed their price.

use serde_json::{Value, json};

use super::{Older, drop_fields, each_line};

impl Older<'_> {
    pub(super) fn old_invoice(&self, invoice: &mut Value) {
        let subscription = invoice["parent"]["subscription_details"]["subscription"].take();
        let paid = invoice["status"] == "paid";
        let collected = paid && invoice["amount_paid"] != 0;
        let tail = invoice["id"].as_str().unwrap_or_default().trim_start_matches("in_").to_owned();
        let payment = |prefix: &str| if collected { json!(format!("{prefix}_{tail}")) } else { Value::Null };
        let discount = self.first_discount(&invoice["discounts"]);
        drop_fields(invoice, &["parent", "total_taxes", "amount_overpaid"]);
        for (field, value) in [
            ("application_fee_amount", Value::Null),
            ("charge", payment("ch")),
            ("discount", discount),
            ("paid", paid.into()),
            ("paid_out_of_band", false.into()),
            ("payment_intent", payment("pi")),
            ("quote", Value::Null),
            ("subscription", subscription),
            ("subscription_details", json!({"metadata": {}})),
            ("tax", Value::Null),
            ("total_tax_amounts", json!([])),
            ("transfer_data", Value::Null),
        ] {
            invoice[field] = value;
        }
        each_line(invoice, |line| self.old_line(line));
    }

    /// A proration was the line of an invoice item.
    fn old_line(&self, line: &mut Value) {
        let details = line["parent"]["subscription_item_details"].take();
        let proration = details["proration"] == true;
        let unit_amount = line["pricing"]["unit_amount_decimal"].clone();
        self.embed_price(line);
        drop_fields(line, &["parent", "pricing", "taxes"]);
        for (field, value) in [
            ("amount_excluding_tax", line["amount"].clone()),
            ("proration", details["proration"].clone()),
            ("proration_details", json!({"credited_items": null})),
            ("subscription", details["subscription"].clone()),
            ("subscription_item", details["subscription_item"].clone()),
            ("tax_amounts", json!([])),
            ("tax_rates", json!([])),
            ("type", if proration { "invoiceitem" } else { "subscription" }.into()),
            ("unit_amount_excluding_tax", unit_amount),
        ] {
            line[field] = value;
        }
        if proration {
            line["invoice_item"] = details["invoice_item"].clone();
        }
    }

    pub(super) fn old_invoice_item(&self, item: &mut Value) {
        let details = item["parent"]["subscription_details"].take();
        let unit_amount = item["pricing"]["unit_amount_decimal"].clone();
        self.embed_price(item);
        drop_fields(item, &["parent", "pricing", "net_amount", "proration_details"]);
        item["subscription"] = details["subscription"].clone();
        item["subscription_item"] = details["subscription_item"].clone();
        let whole: Option<i64> = unit_amount.as_str().and_then(|text| text.parse().ok());
        item["unit_amount"] = whole.into();
        item["unit_amount_decimal"] = unit_amount;
    }

    fn embed_price(&self, of: &mut Value) {
        if let Some([price, plan]) = self.price_and_plan(&of["pricing"]["price_details"]["price"]) {
            of["price"] = price;
            of["plan"] = plan;
        }
    }
}
