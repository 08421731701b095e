//! A record as JSON.

use serde_json::{Map, Value, json};

use super::object::{Kind, Object};
use super::query::Shown;
use super::{HISTORY, INLINE};

/// What a record shows when nothing is asked for.
fn by_default(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Company => &["name", "domain"],
        Kind::Deal => &["dealname", "amount", "closedate", "dealstage", "pipeline"],
        Kind::LineItem => &["quantity", "amount", "price"],
        Kind::Feedback => &[],
    }
}

/// Properties that there are besides those that some record has.
pub fn is_known(kind: Kind, name: &str) -> bool {
    super::schema::names(kind).any(|known| known == name)
}

/// Renders a record. Names that are no property are left out without a word.
pub fn object(kind: Kind, of: &Object, shown: &Shown) -> Value {
    let mut properties = Map::new();
    let mut names: Vec<&str> = shown.properties.iter().map(String::as_str).collect();
    if names.is_empty() {
        names.extend(by_default(kind));
    }
    for name in names.into_iter().chain(["hs_object_id", "createdate", "hs_lastmodifieddate"]) {
        if is_known(kind, name) {
            // Unset and emptied are not the same here, which says nothing.
            properties.insert(name.to_owned(), of.value(name).map_or(Value::Null, Value::String));
        }
    }
    let mut value = json!({
        "id": of.id.to_string(),
        "properties": properties,
        "createdAt": of.created.iso(),
        "updatedAt": of.updated().iso(),
        "archived": of.archived.is_some(),
    });
    if let Some(at) = of.archived {
        value["archivedAt"] = at.iso().into();
    }
    if !shown.with_history.is_empty() {
        let known = shown.with_history.iter().filter(|name| is_known(kind, name));
        value["propertiesWithHistory"] =
            known.map(|name| (name.clone(), history(of, name))).collect::<Map<_, _>>().into();
    }
    let found: Map<String, Value> =
        shown.associations.iter().filter_map(|to| Some((to.among().to_owned(), inline(kind, of, *to)?))).collect();
    if !found.is_empty() {
        value["associations"] = found.into();
    }
    value
}

/// Newest first, and no longer than HubSpot remembers.
fn history(of: &Object, name: &str) -> Value {
    let entries = of.properties.get(name).map(Vec::as_slice).unwrap_or_default();
    let entry = |(at, value): &(super::stamp::Stamp, String)| json!({"value": value, "timestamp": at.iso(), "sourceType": "CRM_UI", "sourceId": "userId:42", "updatedByUserId": 42});
    entries.iter().rev().take(HISTORY).map(entry).collect()
}

/// Each company stands there twice, as the primary one and without a label.
fn inline(from: Kind, of: &Object, to: Kind) -> Option<Value> {
    let all = of.associations.get(&to)?;
    let mut results = Vec::new();
    for id in all.iter().take(INLINE) {
        let plain = format!("{}_to_{}", from.one(), to.one());
        results.push(json!({"id": id.to_string(), "type": plain}));
        if to == Kind::Company {
            results.push(json!({"id": id.to_string(), "type": format!("{plain}_unlabeled")}));
        }
    }
    let mut list = json!({"results": results});
    if let Some(next) = all.get(INLINE) {
        let link = format!(
            "https://api.hubapi.com/crm/v3/objects/{}/{}/associations/{}?after={next}",
            from.path(),
            of.id,
            to.path()
        );
        list["paging"] = json!({"next": {"after": next.to_string(), "link": link}});
    }
    Some(list)
}
