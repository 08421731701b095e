//! Whether the properties that are mapped are there. HubSpot itself passes over those that are not.

use mrr_connector_sdk::{Http, SourceError, json};

use crate::config::Config;
use crate::fetch::read;

/// How many names that are like a wrong one are told.
const NEAREST: usize = 3;

/// What is wrong with the mapping, in a sentence; `None` when nothing is.
pub(super) async fn mapped(http: &Http, config: &Config) -> Result<Option<String>, SourceError> {
    let list = read(http, "/crm/v3/properties/companies", &[]).await?;
    let name = |text: &String| json::Object::of(text).ok()?.get("name")?.string().ok();
    let known: Vec<String> = list.records.iter().filter_map(name).collect();
    let attributes = config.attributes.iter().map(|(name, property)| (format!("attribute `{name}`"), property));
    let foreign = config.foreign_ids.iter().map(|(system, property)| (format!("ids of `{system}`"), property));
    let wrong: Vec<String> = attributes
        .chain(foreign)
        .filter(|(_, property)| !known.contains(property))
        .map(|(of, property)| format!("companies have no property `{property}` ({of}); {}", instead(property, &known)))
        .collect();
    Ok((!wrong.is_empty()).then(|| wrong.join("; ")))
}

fn instead(property: &str, known: &[String]) -> String {
    let mut near: Vec<(usize, &String)> =
        known.iter().map(|name| (strsim::damerau_levenshtein(name, property), name)).collect();
    near.sort();
    let near = near.iter().filter(|(distance, name)| *distance <= 2 + name.len() / 3).take(NEAREST);
    let near: Vec<String> = near.map(|(_, name)| format!("`{name}`")).collect();
    match near.is_empty() {
        true => "write the internal name of one that there is".to_owned(),
        false => format!("did you mean {}?", near.join(" or ")),
    }
}
