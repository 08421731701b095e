//! Invoice items: in this world always prorations, billed or waiting to be.

use serde_json::{Value, json};

use super::{currency, with};
use crate::stripe::book::{Book, Of};

impl Book {
    /// An invoice item.
    pub(in crate::stripe) fn render_invoice_item(&self, of: Of) -> Value {
        let proration = self.proration(of);
        let subscription = self.account(of.account).subscription(proration.subscription);
        let invoice = proration.invoice.map(|n| self.invoice_id(Of { account: of.account, thing: n as u32 }));
        let what = if proration.amount < 0 { "Unused" } else { "Remaining" };
        let rendered = json!({
            "id": self.ids.invoice_item(of.account, proration.subscription, proration.sequence),
            "object": "invoiceitem",
            "amount": proration.amount,
            "currency": currency(subscription.currency),
            "customer": self.ids.customer(of.account),
            "customer_account": null,
            "date": proration.period.from.0,
            "description": format!("{what} time after {}", proration.period.from.utc().format("%d %b %Y")),
            "discountable": false,
            "discounts": [],
            "invoice": invoice,
            "livemode": false,
            "metadata": {},
            "net_amount": proration.amount,
            "parent": {
                "subscription_details": {
                    "subscription": self.ids.subscription(of.account, proration.subscription),
                    "subscription_item": self.ids.item(of.account, proration.subscription, proration.item)
                },
                "type": "subscription_details"
            },
            "period": {"end": proration.period.to.0, "start": proration.period.from.0},
            "pricing": null,
            "proration": true,
            "proration_details": {"credited_items": null, "discount_amounts": []},
            "quantity": proration.quantity,
            "quantity_decimal": proration.quantity.to_string(),
            "tax_rates": [],
            "test_clock": self.ids.clock_of(of)
        });
        let pricing = self.render_pricing(proration.price, proration.amount, proration.quantity);
        with(rendered, [("pricing", pricing)])
    }
}
