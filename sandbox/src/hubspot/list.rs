//! `GET /crm/v3/objects/{type}` and one record.

use serde_json::{Value, json};

use super::object::{Kind, Object};
use super::query::Query;
use super::refusal::Refusal;
use super::render;
use super::shelf::Shelf;

/// The largest pages: with histories they are smaller.
const MOST: usize = 100;
pub const MOST_WITH_HISTORY: usize = 50;

/// A page, ordered by id. `after` is the id that the page begins with.
pub fn list(shelf: &Shelf, kind: Kind, mut query: Query) -> Result<Value, Refusal> {
    let shown = query.take_shown()?;
    let most = if shown.with_history.is_empty() { MOST } else { MOST_WITH_HISTORY };
    let limit = query.take_limit(10, most)?;
    let archived = query.take_archived()?;
    let after: u64 = match query.take("after") {
        None => 0,
        Some(text) => text.parse().map_err(|_| Refusal::invalid("after is not a place in this list"))?,
    };
    query.finish()?;
    let of = shelf.of(kind).filter(|object| object.archived.is_some() == archived && object.id >= after);
    let mut of: Vec<&Object> = of.take(limit + 1).collect();
    let next = of.get(limit).map(|object| object.id.to_string());
    of.truncate(limit);
    let mut page =
        json!({"results": of.into_iter().map(|object| render::object(kind, object, &shown)).collect::<Value>()});
    if let Some(next) = next {
        let link = format!("https://api.hubapi.com/crm/v3/objects/{}?after={next}", kind.path());
        page["paging"] = json!({"next": {"after": next, "link": link}});
    }
    Ok(page)
}

/// One record. Whoever asks for one that was merged gets the one that it was merged into.
pub fn one(shelf: &Shelf, kind: Kind, id: &str, mut query: Query) -> Result<Value, Refusal> {
    let shown = query.take_shown()?;
    let archived = query.take_archived()?;
    query.finish()?;
    let missing = || Refusal::missing("resource not found");
    let number: u64 = id.parse().map_err(|_| missing())?;
    let number = match kind {
        Kind::Company => *shelf.merged.get(&number).unwrap_or(&number),
        _ => number,
    };
    let found = shelf.get(kind, number).filter(|object| object.archived.is_some() == archived);
    found.map(|object| render::object(kind, object, &shown)).ok_or_else(missing)
}
