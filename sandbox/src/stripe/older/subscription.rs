//! Subscriptions that have their period themselves.

use serde_json::Value;

use super::{Older, drop_fields};

impl Older<'_> {
    pub(super) fn old_subscription(&self, subscription: &mut Value) {
        let first = &subscription["items"]["data"][0];
        let period = ["current_period_start", "current_period_end"].map(|field| (field, first[field].clone()));
        // A subscription of a single item showed its plan and quantity once more.
        let single = subscription["items"]["data"].as_array().is_some_and(|items| items.len() == 1);
        let alone = ["plan", "quantity"].map(|field| (field, first[field].clone()));
        for (field, value) in period {
            subscription[field] = value;
        }
        for (field, value) in alone {
            subscription[field] = if single { value } else { Value::Null };
        }
        subscription["discount"] = self.first_discount(&subscription["discounts"]);
        for item in subscription["items"]["data"].as_array_mut().into_iter().flatten() {
            drop_fields(item, &["current_period_start", "current_period_end"]);
            item["price"]["recurring"]["aggregate_usage"] = Value::Null;
            item["plan"]["aggregate_usage"] = Value::Null;
        }
    }
}
