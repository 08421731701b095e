//! What happened to an account between two looks at it: its customer, coupons, subscriptions and schedules.

use serde_json::Value;

use super::Happening;
use super::documents;
use super::scene::Scene;
use crate::delivery::fold;
use crate::stripe::expand::Kind;

/// All that happened, in no order that means anything.
pub(super) fn compare(before: &Scene, after: &Scene) -> Vec<Happening> {
    let mut all = customer(before.customer.as_ref(), after.customer.as_ref());
    for discount in after.discounts.iter().filter(|discount| !before.discounts.contains(discount)) {
        let object = after.book.render_discount(*discount);
        all.push(Happening::shown("customer.discount.created", Kind::Discount, &object));
    }
    for discount in before.discounts.iter().filter(|discount| !after.discounts.contains(discount)) {
        let object = before.book.render_discount(*discount);
        all.push(Happening::shown("customer.discount.deleted", Kind::Discount, &object));
    }
    for (number, now) in &after.subscriptions {
        subscription(before.subscriptions.get(number), now, &mut all);
    }
    for (number, now) in &after.schedules {
        schedule(before.schedules.get(number), now, &mut all);
    }
    documents::compare(before, after, &mut all);
    all
}

fn customer(before: Option<&Value>, after: Option<&Value>) -> Vec<Happening> {
    match (before, after) {
        (None, Some(now)) => vec![Happening::shown("customer.created", Kind::Customer, now)],
        (Some(was), None) => vec![Happening::shown("customer.deleted", Kind::Customer, was)],
        (Some(was), Some(now)) if was != now => {
            vec![Happening::changed("customer.updated", Kind::Customer, was, now)]
        }
        _ => Vec::new(),
    }
}

/// An end is told by `deleted` alone; a pause of the service itself, which is not one of collecting, beside the update.
fn subscription(before: Option<&Value>, now: &Value, all: &mut Vec<Happening>) {
    let kind = Kind::Subscription;
    let Some(was) = before else {
        return begin(now, all);
    };
    if was == now {
        return;
    }
    match (was["status"].as_str(), now["status"].as_str()) {
        (then, Some("canceled")) if then != Some("canceled") => {
            all.push(Happening::shown("customer.subscription.deleted", kind, now));
            return;
        }
        (then, Some("paused")) if then != Some("paused") => {
            all.push(Happening::shown("customer.subscription.paused", kind, now));
        }
        (Some("paused"), Some("active")) => all.push(Happening::shown("customer.subscription.resumed", kind, now)),
        _ => {}
    }
    all.push(Happening::changed("customer.subscription.updated", kind, was, now));
}

/// Many subscriptions begin incomplete and become active within the second, when the first payment has gone through.
fn begin(now: &Value, all: &mut Vec<Happening>) {
    let kind = Kind::Subscription;
    let (created, updated) = ("customer.subscription.created", "customer.subscription.updated");
    let by_card = fold(now["id"].as_str().unwrap_or_default()).is_multiple_of(2);
    if now["status"] != "active" || !by_card {
        return all.push(Happening::shown(created, kind, now));
    }
    let mut incomplete = now.clone();
    incomplete["status"] = "incomplete".into();
    all.push(Happening::shown(created, kind, &incomplete));
    all.push(Happening::changed(updated, kind, &incomplete, now));
}

fn schedule(before: Option<&Value>, now: &Value, all: &mut Vec<Happening>) {
    let kind = Kind::Schedule;
    let Some(was) = before else {
        all.push(Happening::shown("subscription_schedule.created", kind, now));
        return;
    };
    if was == now {
        return;
    }
    all.push(match (was["status"].as_str(), now["status"].as_str()) {
        (then, Some("released")) if then != Some("released") => {
            Happening::shown("subscription_schedule.released", kind, now)
        }
        (then, Some("canceled")) if then != Some("canceled") => {
            Happening::shown("subscription_schedule.canceled", kind, now)
        }
        _ => Happening::changed("subscription_schedule.updated", kind, was, now),
    });
}
