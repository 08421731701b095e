//! Subscriptions and their items.

use serde_json::{Value, json};

use super::{currency, no_automatic_tax, with};
use crate::stripe::NESTED_LIMIT;
use crate::stripe::book::{Book, InUse, Of};
use crate::stripe::page::list;
use crate::world::contract::{Contract, Standing};
use crate::world::cycle::Period;
use crate::world::subscription::{Act, Item, PauseBehavior, Subscription, Why};

impl Book {
    /// The period that runs at virtual now, or the last one of a subscription that has ended.
    pub(in crate::stripe) fn current_period(&self, subscription: &Subscription) -> Period {
        // A period's first second is in it and its end is not, so the last second of service decides.
        let moment = subscription.ended().unwrap_or(self.company.horizon.now).plus_seconds(-1);
        subscription.contract().period_at(moment)
    }

    /// A subscription with the first of its items.
    pub(in crate::stripe) fn render_subscription(&self, of: Of) -> Value {
        let subscription = self.subscription(of);
        let contract = subscription.contract();
        let id = self.ids.subscription(of.account, subscription.number);
        let ended = subscription.ended();
        let period = self.current_period(subscription);
        let at_period_end = contract.end_requested.is_some();
        let canceled_at = contract.end_requested.or(contract.end_planned.map(|(asked, _)| asked)).or(ended);
        let cancel_at = contract.end_planned.map(|(_, end)| end.0);
        let pause = contract.collection_paused;
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
            "cancel_at": cancel_at.or(at_period_end.then(|| ended.unwrap_or(period.to).0)),
            "cancel_at_period_end": at_period_end,
            "canceled_at": canceled_at.map(|at| at.0),
            "cancellation_details": {
                "comment": null,
                "feedback": null,
                "reason": canceled_at.and_then(|_| end_reason(subscription))
            },
            "collection_method": "charge_automatically",
            "created": subscription.created().0,
            "currency": currency(subscription.currency),
            "customer": self.ids.customer(of.account),
            "customer_account": null,
            "days_until_due": null,
            "default_payment_method": null,
            "default_source": null,
            "default_tax_rates": [],
            "description": null,
            "discounts": self.discount_ids(of.account, subscription, &contract, None),
            "ended_at": ended.map(|at| at.0),
            "invoice_settings": {"account_tax_ids": null, "issuer": {"type": "self"}},
            "items": null,
            "latest_invoice": self.latest_invoice(of, subscription),
            "livemode": false,
            "managed_payments": null,
            "metadata": {},
            "next_pending_invoice_item_invoice": null,
            "on_behalf_of": null,
            "pause_collection": pause.map(|pause| {
                json!({"behavior": pause_behavior(pause.behavior), "resumes_at": pause.until.map(|at| at.0)})
            }),
            "payment_settings": {
                "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off"
            },
            "pending_invoice_item_interval": null,
            "pending_setup_intent": null,
            "pending_update": null,
            "schedule": self.current_schedule(of, subscription),
            "start_date": if self.unreadable == Some(of) { json!("a while ago") } else { json!(subscription.started().0) },
            "status": status_of(subscription, &contract),
            "test_clock": self.ids.clock_of(of),
            "transfer_data": null,
            "trial_end": contract.trial.map(|trial| trial.to.0),
            "trial_settings": {"end_behavior": {"missing_payment_method": trial_behavior(subscription)}},
            "trial_start": contract.trial.map(|trial| trial.from.0)
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
            "discounts": self.discount_ids(of.account, subscription, &subscription.contract(), Some(item.number)),
            "metadata": {},
            "plan": null,
            "price": null,
            "quantity": item.quantity,
            "subscription": self.ids.subscription(of.account, subscription.number),
            "tax_rates": []
        });
        let mut rendered = rendered;
        if self.company.catalogue.price(item.price).tariff.is_metered()
            && let Some(fields) = rendered.as_object_mut()
        {
            // Shifting keeps the order of what follows.
            fields.shift_remove("quantity");
        }
        with(rendered, [("plan", self.render_plan(item.price)), ("price", self.render_price(item.price))])
    }

    /// The ids of a subscription's own discounts, or of those of one of its items.
    fn discount_ids(
        &self,
        account: u32,
        subscription: &Subscription,
        contract: &Contract,
        item: Option<u16>,
    ) -> Vec<String> {
        let own = contract.discounts.iter().filter(|discount| discount.item == item);
        let in_use = |number| InUse { account, subscription: Some(subscription.number), number };
        own.map(|discount| self.ids.in_use(in_use(discount.number))).collect()
    }

    fn latest_invoice(&self, of: Of, subscription: &Subscription) -> Option<String> {
        let invoices = &self.ledger(of.account).invoices;
        let latest = invoices.iter().rposition(|invoice| invoice.subscription == subscription.number)?;
        Some(self.invoice_id(Of { account: of.account, thing: latest as u32 }))
    }
}

/// What Stripe calls the way in which a subscription stands.
pub(in crate::stripe) fn status_of(subscription: &Subscription, contract: &Contract) -> &'static str {
    if !contract.in_force {
        return if why(subscription) == Some(Why::NeverPaid) { "incomplete_expired" } else { "canceled" };
    }
    match contract.standing {
        Standing::Incomplete => "incomplete",
        Standing::Trialing => "trialing",
        Standing::Active => "active",
        Standing::PastDue => "past_due",
        Standing::Unpaid => "unpaid",
        Standing::Paused => "paused",
    }
}

fn pause_behavior(behavior: PauseBehavior) -> &'static str {
    match behavior {
        PauseBehavior::Void => "void",
        PauseBehavior::KeepAsDraft => "keep_as_draft",
        PauseBehavior::MarkUncollectible => "mark_uncollectible",
    }
}

fn why(subscription: &Subscription) -> Option<Why> {
    subscription.history.iter().rev().find_map(|change| match change.act {
        Act::EndedUncredited(why) => Some(why),
        _ => None,
    })
}

fn end_reason(subscription: &Subscription) -> Option<&'static str> {
    match why(subscription) {
        Some(Why::PaymentFailed) => Some("payment_failed"),
        Some(Why::NeverPaid) => None,
        _ => Some("cancellation_requested"),
    }
}

/// Which of the three it is shows only where a trial ended without a way to pay.
fn trial_behavior(subscription: &Subscription) -> &'static str {
    let trial = subscription.contract().trial;
    let at_end = trial.and_then(|trial| subscription.history.iter().find(|change| change.at == trial.to));
    match at_end.map(|change| &change.act) {
        Some(Act::EndedWithPeriod) => "cancel",
        Some(Act::Stood(Standing::Paused)) => "pause",
        _ => "create_invoice",
    }
}
