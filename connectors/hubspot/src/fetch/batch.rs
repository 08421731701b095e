//! `POST /crm/v3/objects/{kind}/batch/read`: several records by their ids.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mrr_connector_sdk::value::filled;
use mrr_connector_sdk::{Http, SourceError, json};
use serde_json::json;

use super::list::take_apart;
use crate::config::Config;
use crate::streams;

/// The records of a kind with these ids, by id, and HubSpot's clock. As many as it takes at a time,
/// and their associations are not among what it says of them. What is not found is left out.
pub(super) async fn read(
    http: &Http,
    config: &Config,
    kind: &str,
    ids: &[&str],
    archived: bool,
) -> Result<(BTreeMap<String, String>, DateTime<Utc>), SourceError> {
    let asked = streams::asked(kind, config);
    let path = format!("{}/{kind}/batch/read", config.objects_path);
    let query: &[(&str, &str)] = if archived { &[("archived", "true")] } else { &[] };
    let inputs: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
    let body = json!({
        "inputs": inputs, "properties": asked.properties, "propertiesWithHistory": asked.with_history,
    });
    let answer = http.post(&path, query, &body.to_string()).await?;
    let list = take_apart(http, &path, answer)?;
    // What can't be taken apart has no id that anybody looks for.
    let named = |record: String| Some((filled(&json::Object::of(&record).ok()?, "id").ok()?, record));
    Ok((list.records.into_iter().filter_map(named).collect(), list.at))
}
