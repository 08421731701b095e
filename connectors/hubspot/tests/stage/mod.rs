//! A server that answers as HubSpot does.

#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]

#[path = "../../../sdk/tests/stage/mod.rs"]
mod shared;

use revenue::calendar::Zone;
pub use shared::{NOW, Stage};

/// The answers depend on the path with its query, and on the body of a POST.
pub async fn answering(answers: impl Fn(&str, &str) -> (u16, String) + Send + Sync + 'static) -> Stage {
    let configure = |url: &str| {
        let settings = format!(
            "access_token = 'pat-canary'\nbase_url = '{url}'\nrequests_per_second = 1000\nsearches_per_second = 1000\n\
             foreign_ids = {{ stripe = 'stripe_customer_id' }}\nattributes = {{ segment = 'customer_tier' }}"
        );
        mrr_connector_hubspot::configure(settings.parse().unwrap(), Zone::UTC).unwrap()
    };
    Stage::with(configure, answers).await
}

/// A list as HubSpot answers it.
pub fn list(records: &[&str], after: Option<&str>) -> (u16, String) {
    let paging = after.map(|after| format!(r#","paging":{{"next":{{"after":"{after}","link":"x"}}}}"#));
    (200, format!(r#"{{"results":[{}]{}}}"#, records.join(","), paging.unwrap_or_default()))
}
