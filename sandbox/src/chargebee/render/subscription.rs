//! Subscriptions.

use serde_json::{Map, Value, json};

use super::amount::{fine_cents, in_decimal};
use super::names::{is_plan, period};
use super::{Catalog, Seen};
use crate::world::clock::Moment;
use crate::world::contract::{Contract, Standing};
use crate::world::cycle::Period;
use crate::world::subscription::{Act, Item, Opening, PauseBehavior, Subscription};
use crate::world::tariff::{Tariff, Tier};

/// How one stands.
struct Status {
    name: &'static str,
    /// Its end, which may be to come.
    cancelled: Option<Moment>,
    /// Since when it is paused.
    paused: Option<Moment>,
}

impl Seen<'_> {
    /// None before there is one: Chargebee makes none before its first payment has gone through.
    pub fn subscription(&self, subscription: &Subscription) -> Option<Value> {
        self.under(subscription, subscription.contract())
    }

    /// What it would be under another contract than its own.
    pub(super) fn under(&self, subscription: &Subscription, contract: Contract) -> Option<Value> {
        if contract.standing == Standing::Incomplete {
            return None;
        }
        let waited = matches!(subscription.history[0].act, Act::Started { opening: Opening::Incomplete, .. });
        let paid =
            if waited { last(subscription, |act| matches!(act, Act::Stood(Standing::Active)), true) } else { None };
        let started = paid.unwrap_or(subscription.started());
        let created = paid.unwrap_or(subscription.created());
        let status = status(subscription, &contract, self.view.at);
        let term = contract.cycle.period_at(self.view.at.min(subscription.ended().unwrap_or(self.view.at)));
        let mut fields = Map::new();
        let mut put = |name: &str, value: Value| {
            fields.insert(name.to_owned(), value);
        };
        let (count, unit) = period(contract.cycle.interval);
        put("id", json!(self.id_of(subscription)));
        put("billing_period", json!(count));
        put("billing_period_unit", json!(unit));
        put("auto_collection", json!("on"));
        put("customer_id", json!(self.view.ids.customer(self.account.number)));
        put("status", json!(status.name));
        put("currency_code", json!(subscription.currency.code()));
        put("created_at", json!(created.0));
        put("started_at", json!(started.0));
        if let Some(Period { from, to }) = contract.trial {
            put("trial_start", json!(from.0));
            put("trial_end", json!(to.0));
        }
        if status.name != "in_trial" {
            put("activated_at", json!(contract.trial.map_or(started, |trial| trial.to).0));
            put("current_term_start", json!(term.from.0));
            put("current_term_end", json!(status.cancelled.filter(|_| !contract.in_force).unwrap_or(term.to).0));
        }
        if let Some(at) = status.cancelled {
            put("cancelled_at", json!(at.0));
            if status.name == "cancelled" && contract.standing == Standing::Unpaid {
                put("cancel_reason", json!("not_paid"));
            }
        } else if status.name != "paused" {
            let next = contract.trial.filter(|_| status.name == "in_trial").map_or(term.to, |trial| trial.to);
            put("next_billing_at", json!(next.0));
        }
        if let Some(at) = status.paused {
            put("pause_date", json!(at.0));
            let resumed = contract.collection_paused.and_then(|pause| pause.until);
            if let Some(resumed) = resumed {
                put("resume_date", json!(resumed.0));
            }
        }
        let late = contract.in_force && contract.standing == Standing::PastDue;
        put("due_invoices_count", json!(u8::from(late)));
        if late && let Some(since) = last(subscription, |act| matches!(act, Act::Stood(Standing::PastDue)), false) {
            put("due_since", json!(since.0));
        }
        let ahead = self.ahead(subscription).next();
        put("has_scheduled_changes", json!(ahead.is_some()));
        if let Some(phase) = ahead.filter(|_| self.is_one_change(subscription)) {
            put("changes_scheduled_at", json!(phase.from.0));
        }
        put("has_scheduled_advance_invoices", json!(false));
        put("deleted", json!(false));
        put("decommissioned", json!(false));
        put("object", json!("subscription"));
        let reductions = self.reductions(subscription, &contract);
        put("mrr", json!(self.renewal_mrr(subscription, &contract, &reductions, status.name)));
        if !reductions.coupons.is_empty() {
            put("coupons", Value::Array(reductions.coupons));
        }
        if !reductions.discounts.is_empty() {
            put("discounts", Value::Array(reductions.discounts));
        }
        match self.view.catalog {
            Catalog::V2 => {
                let items = contract.items.iter().map(|item| self.subscription_item(subscription, item));
                put("subscription_items", Value::Array(items.collect()));
                let tiers = contract.items.iter().flat_map(|item| self.item_tiers(subscription, item));
                let tiers: Vec<Value> = tiers.collect();
                if !tiers.is_empty() {
                    put("item_tiers", Value::Array(tiers));
                }
            }
            Catalog::V1 => self.plan_and_addons(subscription, &contract, &mut fields),
        }
        Some(Value::Object(fields))
    }

    pub(super) fn id_of(&self, subscription: &Subscription) -> String {
        self.view.ids.subscription(self.account.number, subscription.number).replacen("sub_1", "", 1)
    }

    fn subscription_item(&self, subscription: &Subscription, item: &Item) -> Value {
        let tariff = &self.view.company.catalogue.price(item.price).tariff;
        let currency = subscription.currency;
        let kind = if is_plan(item.number) { "plan" } else { "addon" };
        let mut fields = json!({
            "item_price_id": self.view.price_of(item),
            "item_type": kind,
            "free_quantity": 0,
            "object": "subscription_item",
        });
        if tariff.is_metered() {
            fields["metered_quantity"] = json!("0");
            return fields;
        }
        fields["quantity"] = json!(item.quantity);
        if let Tariff::PerUnit(unit) = tariff {
            fields["unit_price"] = json!(fine_cents(*unit, currency));
            if let Some(exact) = in_decimal(*unit, currency) {
                fields["unit_price_in_decimal"] = json!(exact);
                fields["quantity_in_decimal"] = json!(item.quantity.to_string());
            }
        }
        let amount = tariff.charge(item.quantity);
        fields["amount"] = json!(fine_cents(amount, currency));
        if let Some(exact) = in_decimal(amount, currency) {
            fields["amount_in_decimal"] = json!(exact);
        }
        fields
    }

    fn item_tiers(&self, subscription: &Subscription, item: &Item) -> Vec<Value> {
        let Tariff::Tiered(_, tiers) = &self.view.company.catalogue.price(item.price).tariff else { return Vec::new() };
        let mut first = 1;
        let mut tell = |(index, tier): (usize, &Tier)| {
            let mut told = json!({
                "item_price_id": self.view.price_of(item),
                "starting_unit": first,
                "price": fine_cents(tier.unit, subscription.currency),
                "index": index,
                "object": "item_tier",
            });
            if let Some(last) = tier.up_to {
                told["ending_unit"] = json!(last);
                first = last + 1;
            }
            told
        };
        tiers.iter().enumerate().map(&mut tell).collect()
    }

    /// What catalog 1.0 has in place of items.
    fn plan_and_addons(&self, subscription: &Subscription, contract: &Contract, fields: &mut Map<String, Value>) {
        let currency = subscription.currency;
        let mut addons = Vec::new();
        for item in &contract.items {
            let tariff = &self.view.company.catalogue.price(item.price).tariff;
            let amount = tariff.charge(item.quantity);
            let unit = match tariff {
                Tariff::PerUnit(unit) => Some(*unit),
                _ => None,
            };
            let mut told = Map::new();
            let (id, prefix) = (self.view.price_of(item), if is_plan(item.number) { "plan_" } else { "" });
            told.insert(format!("{prefix}quantity"), json!(item.quantity));
            told.insert(format!("{prefix}amount"), json!(fine_cents(amount, currency)));
            if let Some(exact) = in_decimal(amount, currency) {
                told.insert(format!("{prefix}amount_in_decimal"), json!(exact));
            }
            if let Some(unit) = unit {
                told.insert(format!("{prefix}unit_price"), json!(fine_cents(unit, currency)));
            }
            if prefix.is_empty() {
                told.insert("id".into(), json!(id));
                told.insert("object".into(), json!("addon"));
                addons.push(Value::Object(told));
            } else {
                fields.insert("plan_id".into(), json!(id));
                fields.insert("plan_free_quantity".into(), json!(0));
                fields.extend(told);
            }
        }
        if !addons.is_empty() {
            fields.insert("addons".into(), Value::Array(addons));
        }
    }
}

/// When an act of a kind happened last, or first.
fn last(subscription: &Subscription, wanted: impl Fn(&Act) -> bool, first: bool) -> Option<Moment> {
    let mut moments = subscription.history.iter().filter(|change| wanted(&change.act)).map(|change| change.at);
    if first { moments.next() } else { moments.next_back() }
}

fn status(subscription: &Subscription, contract: &Contract, at: Moment) -> Status {
    let stood = |standing| last(subscription, |act| *act == Act::Stood(standing), false);
    let plain = |name| Status { name, cancelled: None, paused: None };
    if !contract.in_force {
        // Whose payments were given up before was cancelled then.
        let cancelled =
            stood(Standing::Unpaid).filter(|_| contract.standing == Standing::Unpaid).or(subscription.ended());
        return Status { cancelled, ..plain("cancelled") };
    }
    let requested = contract.end_requested.map(|at| contract.period_at(at).to);
    let end = requested.into_iter().chain(contract.end_planned.map(|(_, end)| end)).min();
    let voided = contract.collection_paused.filter(|pause| pause.behavior == PauseBehavior::Void);
    match contract.standing {
        Standing::Unpaid => Status { cancelled: stood(Standing::Unpaid), ..plain("cancelled") },
        Standing::Paused => Status { paused: stood(Standing::Paused), ..plain("paused") },
        Standing::Trialing => Status { cancelled: end, ..plain("in_trial") },
        _ if voided.is_some() => {
            let paused = last(subscription, |act| matches!(act, Act::CollectionPaused { .. }), false);
            Status { paused: paused.or(Some(at)), ..plain("paused") }
        }
        _ => match end {
            Some(end) => Status { cancelled: Some(end), ..plain("non_renewing") },
            None => plain("active"),
        },
    }
}
