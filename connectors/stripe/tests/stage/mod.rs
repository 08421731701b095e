//! A server that answers as Stripe does.

#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]

#[path = "../../../sdk/tests/stage/mod.rs"]
mod shared;

pub use shared::{Answers, NOW, Stage};

pub async fn answering(answers: Answers) -> Stage {
    let configure = |url: &str| {
        let settings = format!("api_key = 'sk_test_x'\nbase_url = '{url}'\nrequests_per_second = 1000");
        mrr_connector_stripe::configure(settings.parse().unwrap()).unwrap()
    };
    Stage::of(configure, answers).await
}

pub fn list(records: &[&str], has_more: bool) -> (u16, String) {
    (200, format!(r#"{{"object":"list","url":"/v1/x","has_more":{has_more},"data":[{}]}}"#, records.join(",")))
}
