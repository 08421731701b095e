//! What an update says about the past.

use serde_json::{Map, Value};

/// The former values of the fields that changed: of a hash only its changed keys, of an array the whole former array.
pub(super) fn previous_attributes(before: &Value, after: &Value) -> Value {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => Value::Object(changed(before, after)),
        _ => before.clone(),
    }
}

fn changed(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let mut former = Map::new();
    for (field, now) in after {
        let was = before.get(field).unwrap_or(&Value::Null);
        if was != now {
            former.insert(field.clone(), previous_attributes(was, now));
        }
    }
    for (field, was) in before.iter().filter(|(field, _)| !after.contains_key(*field)) {
        former.insert(field.clone(), was.clone());
    }
    former
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn hashes_tell_their_changed_keys_and_arrays_are_told_whole() {
        let before = json!({"a": 1, "b": {"c": 2, "d": 3}, "list": [1, 2], "pause": null, "end": {"e": 4}});
        let after = json!({"a": 1, "b": {"c": 5, "d": 3}, "list": [1, 6], "pause": {"until": 7}, "end": null});
        let told = json!({"b": {"c": 2}, "list": [1, 2], "pause": null, "end": {"e": 4}});
        assert_eq!(super::previous_attributes(&before, &after), told);
    }
}
