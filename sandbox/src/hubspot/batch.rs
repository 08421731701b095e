//! `POST /crm/v3/objects/{type}/batch/read`.

use serde_json::{Value, json};

use super::list::MOST_WITH_HISTORY;
use super::object::Kind;
use super::query::{Query, Shown};
use super::refusal::Refusal;
use super::render;
use super::shelf::Shelf;

/// The records with these ids, and the status: 207 when some are missing, as those are that are put away unless they
/// are asked for.
pub fn read(shelf: &Shelf, kind: Kind, mut query: Query, body: &Value) -> Result<(u16, Value), Refusal> {
    let archived = query.take_archived()?;
    query.finish()?;
    let names = |field: &str| -> Vec<String> {
        let list = body[field].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
    };
    let shown = Shown {
        properties: names("properties"),
        with_history: names("propertiesWithHistory"),
        associations: Vec::new(),
    };
    let inputs = body["inputs"].as_array().ok_or_else(|| Refusal::invalid("inputs is missing"))?;
    let most = if shown.with_history.is_empty() { 100 } else { MOST_WITH_HISTORY };
    if inputs.len() > most {
        return Err(Refusal::invalid(format!("the maximum number of inputs is {most}")));
    }
    let (mut results, mut missing) = (Vec::new(), Vec::new());
    for input in inputs {
        let id = input["id"].as_str().ok_or_else(|| Refusal::invalid("each input has an id, which is a string"))?;
        let object = id.parse().ok().and_then(|id| shelf.get(kind, id));
        match object.filter(|object| object.archived.is_some() == archived) {
            Some(object) => results.push(render::object(kind, object, &shown)),
            None => missing.push(id),
        }
    }
    let mut answer = json!({"status": "COMPLETE", "results": results});
    if missing.is_empty() {
        return Ok((200, answer));
    }
    let message =
        format!("Could not get some {} objects, they may be deleted or not exist.", kind.one().to_uppercase());
    answer["numErrors"] = 1.into();
    answer["errors"] = json!([{
        "status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"ids": missing},
    }]);
    Ok((207, answer))
}
