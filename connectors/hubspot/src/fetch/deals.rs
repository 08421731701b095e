//! Deals made whole: their lines are records of their own at HubSpot, and are put into them.

use std::collections::BTreeMap;

use mrr_connector_sdk::{Http, SourceError, json};
use serde_json::json;

use super::batch;
use super::list::{after, take_apart};
use crate::config::Config;
use crate::model::Associations;
use crate::streams;

/// The deals of a page, each with its lines in the place of their ids. Every other byte stays.
pub(super) async fn completed(
    http: &Http,
    config: &Config,
    deals: Vec<String>,
    archived: bool,
) -> Result<Vec<String>, SourceError> {
    let mut of_deals = Vec::with_capacity(deals.len());
    for deal in &deals {
        of_deals.push(lines_of(http, config, deal).await?);
    }
    let mut ids: Vec<&str> = of_deals.iter().flatten().map(String::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    let lines = lines(http, config, &ids, archived).await?;
    let whole = deals.into_iter().zip(&of_deals).map(|(deal, ids)| match ids.is_empty() {
        true => deal,
        // What can't be taken apart is found to be so where it is read.
        false => put(&deal, ids, &lines).unwrap_or(deal),
    });
    Ok(whole.collect())
}

/// The ids of a deal's lines: HubSpot names some twice, and cuts long lists.
async fn lines_of(http: &Http, config: &Config, deal: &str) -> Result<Vec<String>, SourceError> {
    let Ok(fields) = json::Object::of(deal) else { return Ok(Vec::new()) };
    let Ok(of) = Associations::of(&fields) else { return Ok(Vec::new()) };
    let id = fields.get("id").and_then(|id| id.string().ok());
    match id.filter(|_| of.lines_cut) {
        Some(id) => {
            let mut all = of.lines;
            all.extend(all_lines(http, config, &id).await?);
            all.sort_unstable();
            all.dedup();
            Ok(all)
        }
        None => Ok(of.lines),
    }
}

/// The ids of all lines of a deal, from the list that is for them.
async fn all_lines(http: &Http, config: &Config, deal: &str) -> Result<Vec<String>, SourceError> {
    let mut found: Vec<String> = Vec::new();
    let mut input = json!({"id": deal});
    loop {
        let (targets, next) =
            targets(http, config, ("deals", "line_items"), &json!([input])).await?.remove(deal).unwrap_or_default();
        found.extend(targets);
        let Some(next) = next else { break };
        if input["after"] == next.as_str() {
            let detail = format!("the lines of deal {deal} go on at `{next}` again, so the list has no end");
            return Err(SourceError::InvalidBody { at: http.at(&config.associations_path), detail });
        }
        input["after"] = next.into();
    }
    Ok(found)
}

/// What a record is associated with, and where its list goes on.
type Target = (Vec<String>, Option<String>);

/// The same, by record.
pub(crate) type Targets = BTreeMap<String, Target>;

/// Reads associations of several records; those that have none are left out.
pub(crate) async fn targets(
    http: &Http,
    config: &Config,
    (from, to): (&str, &str),
    inputs: &serde_json::Value,
) -> Result<Targets, SourceError> {
    let path = format!("{}/{from}/{to}/batch/read", config.associations_path);
    let answer = http.post(&path, &[], &json!({"inputs": inputs}).to_string()).await?;
    let list = take_apart(http, &path, answer)?;
    let read = |text: &String| -> Result<(String, Target), json::Unreadable> {
        let result = json::Object::of(text)?;
        let id = result.need("from")?.object()?.need("id")?.number_text()?.into_owned();
        let to = result.need("to")?.list()?;
        let to = to.iter().map(|to| Ok(to.object()?.need("toObjectId")?.number_text()?.into_owned()));
        Ok((id, (to.collect::<Result<_, _>>()?, after(&result)?)))
    };
    list.records.iter().map(read).collect::<Result<_, _>>().map_err(|error| SourceError::InvalidBody {
        at: http.at(&path),
        detail: format!("in the associations {error}"),
    })
}

/// The lines with these ids, by id. One that is gone is left out.
async fn lines(
    http: &Http,
    config: &Config,
    ids: &[&str],
    archived: bool,
) -> Result<BTreeMap<String, String>, SourceError> {
    let mut found = BTreeMap::new();
    for ids in ids.chunks(streams::asked("line_items", config).most()) {
        found.extend(batch::read(http, config, "line_items", ids, archived).await?.0);
    }
    Ok(found)
}

fn put(deal: &str, ids: &[String], lines: &BTreeMap<String, String>) -> Option<String> {
    let fields = json::Object::of(deal).ok()?;
    let associations = fields.get("associations")?.object().ok()?;
    let whole: Vec<&str> = ids.iter().filter_map(|id| lines.get(id).map(String::as_str)).collect();
    let whole = format!(r#"{{"results":[{}]}}"#, whole.join(","));
    let parts = associations.entries().map(|(name, node)| {
        let value = if Associations::are_lines(name) { whole.as_str() } else { node.text() };
        format!("{}:{value}", serde_json::Value::from(name))
    });
    json::replace(deal, "associations", &format!("{{{}}}", parts.collect::<Vec<_>>().join(","))).ok()
}
