//! What kind of event a change is.

use serde_json::Value;

/// What one record of a stream is called.
pub(in crate::chargebee) fn noun(stream: &str) -> &str {
    stream.strip_suffix('s').unwrap_or(stream)
}

/// The types of the events that tell of a change.
pub(super) fn kinds(stream: &str, before: Option<&Value>, now: &Value) -> Vec<&'static str> {
    match (stream, before) {
        ("subscriptions", _) => subscription(before, now),
        ("customers", None) => vec!["customer_created"],
        ("customers", Some(_)) if now["deleted"] == true => vec!["customer_deleted"],
        ("customers", Some(_)) => vec!["customer_changed"],
        ("invoices", None) => vec!["invoice_generated"],
        ("invoices", Some(_)) => vec!["invoice_updated"],
        ("credit_notes", None) => vec!["credit_note_created"],
        ("credit_notes", Some(_)) => vec!["credit_note_updated"],
        ("items", None) => vec!["item_created"],
        ("items", Some(_)) => vec!["item_updated"],
        ("item_prices", None) => vec!["item_price_created"],
        ("item_prices", Some(_)) => vec!["item_price_updated"],
        ("plans", None) => vec!["plan_created"],
        ("plans", Some(_)) => vec!["plan_updated"],
        ("addons", None) => vec!["addon_created"],
        ("addons", Some(_)) => vec!["addon_updated"],
        ("coupons", None) => vec!["coupon_created"],
        ("coupons", Some(_)) => vec!["coupon_updated"],
        ("ramps", None) => vec!["subscription_ramp_created"],
        _ => Vec::new(),
    }
}

fn subscription(before: Option<&Value>, now: &Value) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    let status = |value: &Value| value["status"].as_str().unwrap_or_default().to_owned();
    let Some(before) = before else {
        let backdated = now["started_at"].as_i64() < now["created_at"].as_i64();
        kinds.push(if backdated { "subscription_created_with_backdating" } else { "subscription_created" });
        return kinds;
    };
    kinds.push(match (status(before).as_str(), status(now).as_str()) {
        ("in_trial", "active") => "subscription_activated",
        (then, "cancelled") if then != "cancelled" => "subscription_cancelled",
        ("cancelled", then) if then != "cancelled" => "subscription_reactivated",
        (then, "paused") if then != "paused" => "subscription_paused",
        ("paused", _) if status(now) != "paused" => "subscription_resumed",
        ("active", "non_renewing") => "subscription_cancellation_scheduled",
        ("non_renewing", "active") => "subscription_scheduled_cancellation_removed",
        _ if is_renewed(before, now) => "subscription_renewed",
        _ if before["has_scheduled_changes"] == false && now["has_scheduled_changes"] == true => {
            "subscription_changes_scheduled"
        }
        _ => "subscription_changed",
    });
    if before["mrr"] != now["mrr"] {
        kinds.push("mrr_updated");
    }
    kinds
}

/// Whether nothing but the term is another.
fn is_renewed(before: &Value, now: &Value) -> bool {
    let term = |name: &str| {
        matches!(
            name,
            "current_term_start" | "current_term_end" | "next_billing_at" | "updated_at" | "resource_version"
        )
    };
    let (Value::Object(before), Value::Object(now)) = (before, now) else { return false };
    let rest = |fields: &serde_json::Map<String, Value>| {
        fields
            .iter()
            .filter(|(name, _)| !term(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<Vec<_>>()
    };
    before["current_term_start"] != now["current_term_start"] && rest(before) == rest(now)
}
