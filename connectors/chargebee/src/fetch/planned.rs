//! What is planned for a subscription: changes on a day to come, and ramps. Lists only say that there is something, so
//! each subscription that has it is completed with it.

use mrr_connector_sdk::{Http, SourceError, json, path_segment};

use super::list::{MOST, read};
use super::retrieve::one;
use crate::config::Catalog;

const FLAG: &str = "has_scheduled_changes";

/// The record, with `scheduled_changes` behind its own `has_scheduled_changes`: the `subscription` as it will be, and its
/// `ramps`, each in Chargebee's own text. So what is planned comes and goes with the record that says so.
pub(super) async fn complete(http: &Http, catalog: Catalog, payload: String) -> Result<String, SourceError> {
    let Some(id) = planned(&payload) else { return Ok(payload) };
    let path = format!("/api/v2/subscriptions/{}/retrieve_with_scheduled_changes", path_segment(&id));
    // Whoever deleted it meanwhile is in the log.
    let Some((changed, _)) = one(http, &path, "subscription").await? else { return Ok(payload) };
    // Catalog 1.0 has no ramps.
    let ramps = if catalog == Catalog::Items { ramps(http, &id).await? } else { String::new() };
    let whole = format!(r#"true,"scheduled_changes":{{"subscription":{changed},"ramps":[{ramps}]}}"#);
    let fault = |error: json::Unreadable| SourceError::InvalidBody { at: http.at(&path), detail: error.to_string() };
    json::replace(&payload, FLAG, &whole).map_err(fault)
}

/// The id of a subscription that has something planned.
fn planned(payload: &str) -> Option<String> {
    let subscription = json::Object::of(payload).ok()?;
    let has = subscription.get(FLAG)?.boolean().ok()?;
    if has { super::text(&subscription, "id").ok() } else { None }
}

async fn ramps(http: &Http, subscription: &str) -> Result<String, SourceError> {
    let mut all: Vec<String> = Vec::new();
    let mut offset: Option<String> = None;
    loop {
        let query = [("limit", MOST), ("subscription_id[is]", subscription), ("include_deleted", "false")];
        let list = read(http, "ramps", "ramp", &query, offset.as_deref()).await?;
        all.extend(list.elements.into_iter().map(|element| element.payload));
        offset = list.next_offset;
        if offset.is_none() {
            return Ok(all.join(","));
        }
    }
}
