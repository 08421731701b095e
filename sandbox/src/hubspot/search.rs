//! `POST /crm/v3/objects/{type}/search`: an index that lags behind, and reaches only so far.

use serde_json::{Value, json};

use super::SEARCHABLE;
use super::object::{Kind, Object};
use super::query::Shown;
use super::refusal::Refusal;
use super::render;
use super::server::Manners;
use super::shelf::Shelf;
use super::stamp::Stamp;
use crate::random::{Purpose, mix};

/// So many seconds back a search need not be in order.
const RECENT: i64 = 300;

/// A record as the index has it.
struct Entry<'a> {
    object: &'a Object,
    modified: Stamp,
}

/// One answer.
pub fn search(shelf: &Shelf, kind: Kind, body: &Value, manners: &Manners) -> Result<Value, Refusal> {
    let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let limit = number(&body["limit"]).unwrap_or(10) as usize;
    if !(1..=200).contains(&limit) {
        return Err(Refusal::invalid("limit must be between 1 and 200"));
    }
    let after = number(&body["after"]).unwrap_or(0) as usize;
    if after + limit > SEARCHABLE {
        return Err(Refusal::invalid("There was a problem with the request."));
    }
    let mut found: Vec<Entry<'_>> = indexed(shelf, kind, manners.search_lag).collect();
    for group in body["filterGroups"].as_array().into_iter().flatten() {
        for filter in group["filters"].as_array().into_iter().flatten() {
            let keep = condition(filter)?;
            found.retain(|entry| keep(entry));
        }
    }
    let sort = &body["sorts"][0]["propertyName"];
    match sort.as_str() {
        None | Some("hs_object_id") => found.sort_by_key(|entry| entry.object.id),
        Some("hs_lastmodifieddate") => found.sort_by_key(|entry| (entry.modified, entry.object.id % 97)),
        Some(other) => return Err(Refusal::invalid(format!("this sandbox does not sort by {other}"))),
    }
    if manners.search_unordered && sort.as_str() == Some("hs_lastmodifieddate") {
        let recent = Stamp((shelf.now.0 - RECENT) * 1000);
        let first = found.partition_point(|entry| entry.modified < recent);
        found[first..].chunks_mut(2).for_each(<[Entry<'_>]>::reverse);
    }
    let total = found.len();
    let names = body["properties"].as_array().into_iter().flatten();
    let shown =
        Shown { properties: names.filter_map(|name| name.as_str().map(str::to_owned)).collect(), ..Shown::default() };
    let results = found.iter().skip(after).take(limit).map(|entry| {
        let mut value = render::object(kind, entry.object, &shown);
        value["properties"]["hs_lastmodifieddate"] = entry.modified.iso().into();
        value
    });
    let mut page = json!({"total": total, "results": results.collect::<Value>()});
    if after + limit < total {
        page["paging"] = json!({"next": {"after": (after + limit).to_string()}});
    }
    Ok(page)
}

/// What the index has, which is later for some than for others; never what was put away.
fn indexed(shelf: &Shelf, kind: Kind, lag: u64) -> impl Iterator<Item = Entry<'_>> {
    shelf.of(kind).filter(|object| object.archived.is_none()).filter_map(move |object| {
        let late = mix(1, Purpose::Crm, &[object.id]) % (lag + 1);
        let known = Stamp((shelf.now.0 - late as i64) * 1000);
        let modified = object.changes().into_iter().rev().find(|at| *at <= known)?;
        Some(Entry { object, modified })
    })
}

type Condition = Box<dyn Fn(&Entry<'_>) -> bool>;

fn condition(filter: &Value) -> Result<Condition, Refusal> {
    let number = |field: &str| -> Result<i64, Refusal> {
        let wrong = || Refusal::invalid(format!("{field} is not a number of milliseconds or an id"));
        filter[field].as_str().and_then(|text| text.parse().ok()).ok_or_else(wrong)
    };
    let of: fn(&Entry<'_>) -> i64 = match filter["propertyName"].as_str() {
        Some("hs_lastmodifieddate") => |entry| entry.modified.0,
        Some("hs_object_id") => |entry| entry.object.id as i64,
        other => return Err(Refusal::invalid(format!("this sandbox does not filter by {other:?}"))),
    };
    let value = number("value")?;
    Ok(match filter["operator"].as_str() {
        Some("EQ") => Box::new(move |entry| of(entry) == value),
        Some("GT") => Box::new(move |entry| of(entry) > value),
        Some("GTE") => Box::new(move |entry| of(entry) >= value),
        Some("LTE") => Box::new(move |entry| of(entry) <= value),
        Some("BETWEEN") => {
            let high = number("highValue")?;
            Box::new(move |entry| (value..=high).contains(&of(entry)))
        }
        other => return Err(Refusal::invalid(format!("this sandbox has no operator {other:?}"))),
    })
}
