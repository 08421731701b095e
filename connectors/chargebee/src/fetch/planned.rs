//! What is planned for a subscription: changes on a day to come, and ramps. Lists only say that there is something, so
//! each subscription that has it is completed with it.

use mrr_connector_sdk::value::filled;
use mrr_connector_sdk::{Http, SourceError, json, path_segment};
use revenue::fact::Problem;

use super::list::{MOST, read};
use super::retrieve::one;
use crate::config::Catalog;

const FLAG: &str = "has_scheduled_changes";

/// The record, with `scheduled_changes` behind its own `has_scheduled_changes`: the `subscription` as it will be, and its
/// `ramps`, each in Chargebee's own text. So what is planned comes and goes with the record that says so. What the key
/// may not read, or the site refuses, is a problem beside a record that is as good as ever for the days until then.
pub(super) async fn complete(
    http: &Http,
    catalog: Catalog,
    payload: String,
) -> Result<(String, Option<Problem>), SourceError> {
    let Some(id) = planned(&payload) else { return Ok((payload, None)) };
    let path = format!("/api/v2/subscriptions/{}/retrieve_with_scheduled_changes", path_segment(&id));
    let changed = match unless_refused(one(http, &path, "subscription").await)? {
        // Whoever deleted it meanwhile is in the log.
        Ok(None) => return Ok((payload, None)),
        Ok(Some((changed, _))) => Ok(changed),
        Err(refusal) => Err(refusal),
    };
    // Catalog 1.0 has no ramps.
    let ramps = match catalog {
        Catalog::Items => unless_refused(ramps(http, &id).await)?,
        Catalog::Plans => Ok(String::new()),
    };
    // Where there are ramps only, it may be that there is no other change to tell of.
    let lost = match (&changed, &ramps) {
        (_, Err(refusal)) => Some(refusal.clone()),
        (Err(refusal), Ok(ramps)) if ramps.is_empty() => Some(refusal.clone()),
        _ => None,
    };
    let problem = lost.map(|refusal| Problem {
        stream: "subscriptions".to_owned(),
        record: id.clone(),
        field: FLAG.to_owned(),
        message: format!(
            "says that changes are planned, and not all of them can be read: {refusal}; days to come are as \
                          if nothing else were planned"
        ),
    });
    let changed = changed.map_or(String::new(), |changed| format!(r#""subscription":{changed},"#));
    let ramps = ramps.unwrap_or_default();
    let whole = format!(r#"true,"scheduled_changes":{{{changed}"ramps":[{ramps}]}}"#);
    let fault = |error: json::Unreadable| SourceError::InvalidBody { at: http.at(&path), detail: error.to_string() };
    Ok((json::replace(&payload, FLAG, &whole).map_err(fault)?, problem))
}

/// What was read, or what was said to whoever may not read it.
fn unless_refused<T>(read: Result<T, SourceError>) -> Result<Result<T, String>, SourceError> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(error @ (SourceError::Refused { .. } | SourceError::Forbidden { .. })) => Ok(Err(error.to_string())),
        Err(error) => Err(error),
    }
}

/// The id of a subscription that has something planned.
fn planned(payload: &str) -> Option<String> {
    let subscription = json::Object::of(payload).ok()?;
    let has = subscription.get(FLAG)?.boolean().ok()?;
    if has { filled(&subscription, "id").ok() } else { None }
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
