//! Schedules: past, running and future phases of a subscription.

use serde_json::{Value, json};

use super::{currency, with};
use crate::stripe::book::{Book, Of};
use crate::world::clock::Moment;
use crate::world::schedule::{Phase, Schedule};
use crate::world::subscription::{Item, Subscription};

/// How a schedule stands, and since when.
fn standing(subscription: &Subscription, schedule: &Schedule, now: Moment) -> (&'static str, Option<Moment>) {
    let end = schedule.phases.last().map_or(now, |phase| phase.to);
    match subscription.ended() {
        Some(ended) if ended < end => ("canceled", Some(ended)),
        _ if end < now => ("released", Some(end)),
        _ => ("active", None),
    }
}

impl Book {
    /// A schedule.
    pub(in crate::stripe) fn render_schedule(&self, of: Of) -> Value {
        let subscription = self.subscription(of);
        let Some(schedule) = &subscription.schedule else { return Value::Null };
        let now = self.company.horizon.now;
        let (status, since) = standing(subscription, schedule, now);
        let id = self.ids.subscription(of.account, subscription.number);
        let at = |wanted: &str| since.filter(|_| status == wanted).map(|at| at.0);
        let running = schedule.phases.iter().find(|phase| status == "active" && phase.from < now && now <= phase.to);
        let rendered = json!({
            "id": self.ids.schedule(of.account, subscription.number),
            "object": "subscription_schedule",
            "application": null,
            "billing_mode": {"flexible": null, "type": "classic"},
            "canceled_at": at("canceled"),
            "completed_at": null,
            "created": subscription.created().0,
            "current_phase": running.map(|phase| json!({"end_date": phase.to.0, "start_date": phase.from.0})),
            "customer": self.ids.customer(of.account),
            "customer_account": null,
            "default_settings": {
                "application_fee_percent": null,
                "automatic_tax": super::no_automatic_tax(),
                "billing_cycle_anchor": "automatic",
                "billing_thresholds": null,
                "collection_method": "charge_automatically",
                "default_payment_method": null,
                "description": null,
                "invoice_settings": {
                    "account_tax_ids": null, "days_until_due": null, "issuer": {"type": "self"}
                },
                "on_behalf_of": null,
                "transfer_data": null
            },
            "end_behavior": "release",
            "livemode": false,
            "metadata": {},
            "phases": null,
            "released_at": at("released"),
            "released_subscription": (status == "released").then_some(&id),
            "status": status,
            "subscription": (status != "released").then_some(&id),
            "test_clock": self.ids.clock_of(of)
        });
        let phases = schedule.phases.iter().map(|phase| self.render_phase(subscription, phase)).collect();
        with(rendered, [("phases", phases)])
    }

    fn render_phase(&self, subscription: &Subscription, phase: &Phase) -> Value {
        json!({
            "add_invoice_items": [],
            "application_fee_percent": null,
            "billing_cycle_anchor": null,
            "billing_thresholds": null,
            "collection_method": null,
            "currency": currency(subscription.currency),
            "default_payment_method": null,
            "default_tax_rates": [],
            "description": null,
            "discounts": [],
            "end_date": phase.to.0,
            "invoice_settings": null,
            "items": phase.items.iter().map(|item| self.render_phase_item(item)).collect::<Vec<_>>(),
            "metadata": {},
            "on_behalf_of": null,
            "proration_behavior": "none",
            "start_date": phase.from.0,
            "transfer_data": null,
            "trial_end": null
        })
    }

    fn render_phase_item(&self, item: &Item) -> Value {
        let mut rendered = json!({
            "billing_thresholds": null, "discounts": [], "metadata": {}, "price": self.price_id(item.price),
            "tax_rates": []
        });
        if !self.company.catalogue.price(item.price).tariff.is_metered() {
            rendered["quantity"] = item.quantity.into();
        }
        rendered
    }

    /// The id of the schedule that a subscription still follows.
    pub(super) fn current_schedule(&self, of: Of, subscription: &Subscription) -> Option<String> {
        let schedule = subscription.schedule.as_ref()?;
        let (status, _) = standing(subscription, schedule, self.company.horizon.now);
        (status != "released").then(|| self.ids.schedule(of.account, subscription.number))
    }
}
