//! Invoices and credit notes of so many lines that Chargebee cuts them.

use std::collections::BTreeMap;

use mrr_connector_sdk::value::filled;
use mrr_connector_sdk::{Http, SourceError, json, path_segment};

use super::retrieve::body;

/// Where the lines go on that are missing.
const MARK: &str = "line_items_next_offset";

/// The most lines that Chargebee gives at once.
const MOST: &str = "300";

/// The lines, and what is told of them: a page of lines may come with its own part of each.
const LISTS: [&str; 6] = [
    "line_items",
    "line_item_discounts",
    "line_item_taxes",
    "line_item_tiers",
    "line_item_credits",
    "line_item_addresses",
];

/// The document with all of its lines, and null where it said that some are missing. One without an id is left as it is:
/// nobody could ask for more of it.
pub(super) async fn complete(http: &Http, stream: &str, noun: &str, payload: String) -> Result<String, SourceError> {
    let fault = |error: json::Unreadable| SourceError::InvalidBody { at: http.at(stream), detail: error.to_string() };
    let Some((id, first)) = cut(&payload) else { return Ok(payload) };
    let path = format!("/api/v2/{stream}/{}", path_segment(&id));
    let mut lists: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    add(&payload, &mut lists).map_err(fault)?;
    let mut next = Some(first);
    while let Some(offset) = next {
        let query = [("line_items_limit", MOST), ("line_items_offset", offset.as_str())];
        let page = body(&http.get(&path, &query).await?.body, noun).map_err(fault)?;
        add(&page, &mut lists).map_err(fault)?;
        next = cut(&page).map(|(_, next)| next);
        if next.as_deref() == Some(offset.as_str()) {
            let detail = "the lines behind an offset have the same offset again, so they have no end".into();
            return Err(SourceError::InvalidBody { at: http.at(&path), detail });
        }
    }
    let (mut whole, mut more) = (payload.clone(), String::from("null"));
    let document = json::Object::of(&payload).map_err(fault)?;
    for (name, elements) in lists {
        let list = format!("[{}]", elements.join(","));
        if document.get(name).is_some() {
            whole = json::replace(&whole, name, &list).map_err(fault)?;
        } else {
            // The first lines had none of these.
            more.push_str(&format!(r#","{name}":{list}"#));
        }
    }
    json::replace(&whole, MARK, &more).map_err(fault)
}

/// The id of a document that says that lines are missing, and where they go on.
fn cut(payload: &str) -> Option<(String, String)> {
    let document = json::Object::of(payload).ok()?;
    let offset = document.get(MARK)?.string().ok()?;
    Some((filled(&document, "id").ok()?, offset))
}

/// Adds what a page has of each list, once where several pages have the whole of it.
fn add(document: &str, lists: &mut BTreeMap<&'static str, Vec<String>>) -> Result<(), json::Unreadable> {
    let document = json::Object::of(document)?;
    for name in LISTS {
        let Some(list) = document.get(name) else { continue };
        let known = lists.entry(name).or_default();
        for element in list.list()? {
            if !known.iter().any(|known| known == element.text()) {
                known.push(element.text().to_owned());
            }
        }
    }
    Ok(())
}
