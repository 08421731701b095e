//! `POST /crm/v4/associations/{from}/{to}/batch/read`.

use serde_json::{Value, json};

use super::INLINE;
use super::object::Kind;
use super::refusal::Refusal;
use super::shelf::Shelf;

/// What each record is associated with: each list with its own paging, and ids that are numbers.
pub fn read(shelf: &Shelf, from: Kind, to: Kind, body: &Value) -> Result<(u16, Value), Refusal> {
    let inputs = body["inputs"].as_array().ok_or_else(|| Refusal::invalid("inputs is missing"))?;
    if inputs.len() > 1000 {
        return Err(Refusal::invalid("the maximum number of inputs is 1000"));
    }
    let (mut results, mut missing) = (Vec::new(), Vec::new());
    for input in inputs {
        let id = input["id"].as_str().ok_or_else(|| Refusal::invalid("each input has an id, which is a string"))?;
        let after: u64 = input["after"].as_str().and_then(|after| after.parse().ok()).unwrap_or(0);
        let object = id.parse().ok().and_then(|id| shelf.get(from, id));
        let all = object.and_then(|object| object.associations.get(&to)).map(Vec::as_slice).unwrap_or_default();
        if all.is_empty() {
            missing.push(id);
            continue;
        }
        let rest: Vec<u64> = all.iter().copied().filter(|to| *to >= after).collect();
        let types = match to {
            Kind::Company => json!([
                {"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"},
                {"category": "HUBSPOT_DEFINED", "typeId": 341, "label": null},
            ]),
            _ => json!([{"category": "HUBSPOT_DEFINED", "typeId": 19, "label": null}]),
        };
        let target = |to: &u64| json!({"toObjectId": to, "associationTypes": types});
        let mut result = json!({"from": {"id": id}, "to": rest.iter().take(INLINE).map(target).collect::<Value>()});
        if let Some(next) = rest.get(INLINE) {
            result["paging"] = json!({"next": {"after": next.to_string(), "link": format!("?after={next}")}});
        }
        results.push(result);
    }
    let mut answer = json!({"status": "COMPLETE", "results": results});
    if missing.is_empty() {
        return Ok((200, answer));
    }
    answer["numErrors"] = missing.len().into();
    let error = |id| {
        json!({"status": "error", "category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
               "message": "No associations found", "context": {"fromObjectId": [id]}})
    };
    answer["errors"] = missing.into_iter().map(error).collect();
    Ok((207, answer))
}
