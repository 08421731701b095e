//! Documents of many lines, which are cut. Chargebee cuts behind some hundreds; here it is behind two, and a page of the
//! rest has one, so that a few customers show it.

use serde_json::{Value, json};

use super::refusal::Refusal;

/// Lines that a document has at once.
const AT_ONCE: usize = 2;

/// What is told of lines, each of its own by `line_item_id`.
const OF_LINES: [&str; 1] = ["line_item_discounts"];

/// Which lines of one document are asked for.
#[derive(Debug, Default)]
pub(super) struct LinesOf {
    /// Behind so many, as an answer said; those at its beginning without.
    from: Option<usize>,
}

impl LinesOf {
    pub fn read(pairs: Vec<(String, String)>) -> Result<Self, Refusal> {
        let mut wanted = Self::default();
        for (name, value) in pairs {
            match (name.as_str(), value.parse::<usize>()) {
                ("line_items_limit", Ok(1..=300)) => {}
                ("line_items_limit", _) => return Err(Refusal::wrong_value(&name, "between 1 and 300")),
                ("line_items_offset", Ok(from)) => wanted.from = Some(from),
                ("line_items_offset", Err(_)) => return Err(Refusal::wrong_value(&name, "what an answer said")),
                _ => return Err(Refusal::wrong_value(&name, "a parameter that there is")),
            }
        }
        Ok(wanted)
    }
}

/// The document with the lines that are asked for, and where to go on.
pub(super) fn part(document: &Value, wanted: &LinesOf) -> Result<Value, Refusal> {
    let Some(lines) = document["line_items"].as_array() else { return Ok(document.clone()) };
    let from = wanted.from.unwrap_or(0);
    if from > lines.len() {
        return Err(Refusal::wrong_value("line_items_offset", "what an answer said"));
    }
    let until = lines.len().min(from + if from == 0 { AT_ONCE } else { 1 });
    let mut part = document.clone();
    let shown = &lines[from..until];
    part["line_items"] = json!(shown);
    for name in OF_LINES {
        let Some(all) = document[name].as_array() else { continue };
        let of_shown = |told: &&Value| shown.iter().any(|line| line["id"] == told["line_item_id"]);
        part[name] = json!(all.iter().filter(of_shown).collect::<Vec<_>>());
    }
    if until < lines.len() {
        part["line_items_next_offset"] = json!(until.to_string());
    }
    Ok(part)
}
