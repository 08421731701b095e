//! Subscriptions and their items.

use serde_json::{Value, json};

use super::{currency, no_automatic_tax, with};
use crate::stripe::NESTED_LIMIT;
use crate::stripe::book::{Book, Of};
use crate::stripe::page::list;
use crate::world::cycle::Period;
use crate::world::subscription::{Item, Subscription};

impl Book {
    /// The period that runs at virtual now, or the last one of a subscription that has ended.
    pub(in crate::stripe) fn current_period(&self, subscription: &Subscription) -> Period {
        // A period's first second is in it and its end is not, so the last second of service decides.
        let moment = subscription.ended().unwrap_or(self.company.horizon.now).plus_seconds(-1);
        subscription.contract().cycle.period_at(moment)
    }

    /// A subscription with the first of its items.
    pub(in crate::stripe) fn render_subscription(&self, of: Of) -> Value {
        let subscription = self.subscription(of);
        let contract = subscription.contract();
        let id = self.ids.subscription(of.account, subscription.number);
        let ended = subscription.ended();
        let period = self.current_period(subscription);
        let at_period_end = contract.end_requested.is_some();
        let canceled_at = contract.end_requested.or(ended);
        let items = contract.items.iter().take(NESTED_LIMIT).map(|item| self.render_item(of, item)).collect();
        let items_url = format!("/v1/subscription_items?subscription={id}");
        let items = list(&items_url, items, contract.items.len() > NESTED_LIMIT);
        let subscription = json!({
            "id": id,
            "object": "subscription",
            "application": null,
            "application_fee_percent": null,
            "automatic_tax": no_automatic_tax(),
            "billing_cycle_anchor": contract.cycle.anchor.0,
            "billing_cycle_anchor_config": null,
            "billing_mode": {"flexible": null, "type": "classic"},
            "billing_schedules": [],
            "billing_thresholds": null,
            "cancel_at": at_period_end.then(|| ended.unwrap_or(period.to).0),
            "cancel_at_period_end": at_period_end,
            "canceled_at": canceled_at.map(|at| at.0),
            "cancellation_details": {
                "comment": null,
                "feedback": null,
                "reason": canceled_at.map(|_| "cancellation_requested")
            },
            "collection_method": "charge_automatically",
            "created": subscription.started().0,
            "currency": currency(subscription.currency),
            "customer": self.ids.customer(of.account),
            "customer_account": null,
            "days_until_due": null,
            "default_payment_method": null,
            "default_source": null,
            "default_tax_rates": [],
            "description": null,
            "discounts": self.discount_ids(of.account, subscription),
            "ended_at": ended.map(|at| at.0),
            "invoice_settings": {"account_tax_ids": null, "issuer": {"type": "self"}},
            "items": null,
            "latest_invoice": self.latest_invoice(of, subscription),
            "livemode": false,
            "managed_payments": null,
            "metadata": {},
            "next_pending_invoice_item_invoice": null,
            "on_behalf_of": null,
            "pause_collection": null,
            "payment_settings": {
                "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off"
            },
            "pending_invoice_item_interval": null,
            "pending_setup_intent": null,
            "pending_update": null,
            "schedule": null,
            "start_date": if self.unreadable == Some(of) { json!("a while ago") } else { json!(subscription.started().0) },
            "status": if ended.is_some() { "canceled" } else { "active" },
            "test_clock": null,
            "transfer_data": null,
            "trial_end": null,
            "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
            "trial_start": null
        });
        with(subscription, [("items", items)])
    }

    /// An item; since 2025 it is the item that knows the running period, and the subscription does not.
    pub(in crate::stripe) fn render_item(&self, of: Of, item: &Item) -> Value {
        let subscription = self.subscription(of);
        let period = self.current_period(subscription);
        let rendered = json!({
            "id": self.ids.item(of.account, subscription.number, item.number),
            "object": "subscription_item",
            "billing_thresholds": null,
            "created": item.added.0,
            "current_period_end": period.to.0,
            "current_period_start": period.from.0,
            "discounts": [],
            "metadata": {},
            "plan": null,
            "price": null,
            "quantity": item.quantity,
            "subscription": self.ids.subscription(of.account, subscription.number),
            "tax_rates": []
        });
        with(rendered, [("plan", self.render_plan(item.price)), ("price", self.render_price(item.price))])
    }

    /// The ids of a subscription's discounts: one or none.
    pub(super) fn discount_ids(&self, account: u32, subscription: &Subscription) -> Vec<String> {
        subscription.coupon.iter().map(|_| self.ids.discount(account, subscription.number)).collect()
    }

    fn latest_invoice(&self, of: Of, subscription: &Subscription) -> Option<String> {
        let invoices = &self.ledgers[of.account as usize].invoices;
        let latest = invoices.iter().rposition(|invoice| invoice.subscription == subscription.number)?;
        Some(self.invoice_id(Of { account: of.account, thing: latest as u32 }))
    }
}
