//! A server that answers as Chargebee does.

#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]

#[path = "../../../sdk/tests/stage/mod.rs"]
mod shared;

pub use shared::{NOW, Stage};

pub async fn answering(answers: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Stage {
    let configure = |url: &str| {
        let settings =
            format!("site = 'acme-test'\napi_key = 'test_x'\nbase_url = '{url}'\nrequests_per_second = 1000");
        mrr_connector_chargebee::configure(settings.parse().unwrap()).unwrap()
    };
    Stage::with(configure, move |target, _| answers(target)).await
}

pub fn list(noun: &str, records: &[&str], next: Option<&str>) -> (u16, String) {
    let wrapped: Vec<String> = records.iter().map(|record| format!(r#"{{"{noun}":{record}}}"#)).collect();
    let next = next.map(|next| format!(r#","next_offset":"{next}""#)).unwrap_or_default();
    (200, format!(r#"{{"list":[{}]{next}}}"#, wrapped.join(",")))
}
