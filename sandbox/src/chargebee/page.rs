//! Pages: an offset is the place behind a record in an order, written so that nobody takes it apart.

use std::sync::Arc;

use serde_json::{Value, json};

use super::query::Query;
use super::refusal::Refusal;

/// A page of records, wrapped as `wrap` says, and the offset behind it.
pub(super) fn page<'a>(
    query: &Query,
    records: impl Iterator<Item = (i64, &'a str, Arc<Value>)>,
    wrap: impl Fn(&Value) -> Value,
) -> Result<Value, Refusal> {
    let mut all: Vec<(i64, &str, Arc<Value>)> = records.collect();
    let descending = query.sort.as_ref().is_some_and(|(_, descending)| *descending);
    all.sort_by(|a, b| {
        let order = (a.0, a.1).cmp(&(b.0, b.1));
        if descending { order.reverse() } else { order }
    });
    let from = match &query.offset {
        None => 0,
        Some(offset) => {
            let (key, id) = read(offset).ok_or_else(|| Refusal::wrong_value("offset", "what an answer said"))?;
            let is_before = |record: &(i64, &str, Arc<Value>)| {
                let order = (record.0, record.1).cmp(&(key, id.as_str()));
                if descending { order.is_ge() } else { order.is_le() }
            };
            all.partition_point(is_before)
        }
    };
    let shown = &all[from..all.len().min(from + query.limit)];
    let mut answer = json!({"list": shown.iter().map(|(_, _, value)| wrap(value)).collect::<Vec<_>>()});
    if let Some((key, id, _)) = shown.last().filter(|_| from + query.limit < all.len()) {
        answer["next_offset"] = json!(json!([key.to_string(), id]).to_string());
    }
    Ok(answer)
}

fn read(offset: &str) -> Option<(i64, String)> {
    let (key, id): (String, String) = serde_json::from_str(offset).ok()?;
    Some((key.parse().ok()?, id))
}
