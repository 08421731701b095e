//! Where Stripe is told to send events.

use mrr_connector_sdk::{Http, SourceError, json};

use crate::fetch::{MOST, read};

/// One line an endpoint. Its URL is left out: some hold a secret.
pub(super) async fn webhooks(http: &Http) -> Result<Vec<String>, SourceError> {
    let list = read(http, "/v1/webhook_endpoints", &[("limit", MOST)], None).await?;
    let found: Vec<String> = list.records().filter_map(|record| json::Object::of(record).ok()).map(line).collect();
    Ok(if found.is_empty() { vec!["no endpoint".to_owned()] } else { found })
}

fn line(endpoint: json::Object<'_>) -> String {
    let text = |name: &str| endpoint.get(name).and_then(|node| node.string().ok());
    let id = text("id").unwrap_or_else(|| "an endpoint without an id".into());
    let status = text("status").unwrap_or_else(|| "of unknown status".into());
    let version = text("api_version").unwrap_or_else(|| "the account's own version".into());
    let kinds = endpoint.get("enabled_events").and_then(|node| node.list().ok()).unwrap_or_default();
    let all = kinds.iter().any(|kind| kind.string().is_ok_and(|kind| kind == "*"));
    let kinds = match kinds.len() {
        _ if all => "all kinds of events".to_owned(),
        1 => "1 kind of event".to_owned(),
        many => format!("{many} kinds of events"),
    };
    format!("{id} is {status}, {kinds} in {version}")
}
