//! `account`: a customer, with attributes by name.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mrr_connector_sdk::json::{Node, Object, Unreadable};

use super::value::{moment, object, optional, text};

pub(super) const FIELDS: &[&str] = &["name", "attributes"];

/// Longer names are nobody's.
const LONGEST_NAME: usize = 100;

/// What an item says about an account.
pub(crate) struct Account {
    pub(crate) name: Option<String>,
    /// Names in lower case with their values; `None` ends one. Others stay as they were.
    pub(crate) attributes: Vec<(String, Option<String>)>,
    /// Since when it is so.
    pub(crate) ts: Option<DateTime<Utc>>,
}

impl Account {
    pub(crate) fn read(fields: &Object<'_>, zone: Tz) -> Result<Self, Unreadable> {
        object(fields, "extra")?;
        let attributes = match fields.get("attributes") {
            None => Vec::new(),
            Some(node) => attributes(&node.object()?)?,
        };
        Ok(Self {
            name: optional(fields, "name", text)?,
            attributes,
            ts: optional(fields, "ts", |node| moment(node, zone))?,
        })
    }
}

fn attributes(of: &Object<'_>) -> Result<Vec<(String, Option<String>)>, Unreadable> {
    let mut found: Vec<(String, Option<String>)> = Vec::new();
    for name in of.names() {
        let wrong = |message: &str| Unreadable { path: format!("{}.{name}", of.path()), message: message.to_owned() };
        let plain = name.trim().to_lowercase();
        if plain.is_empty() || plain.len() > LONGEST_NAME || plain.contains(|char: char| char.is_control()) {
            return Err(wrong("can't name an attribute; use 1 to 100 characters"));
        }
        if found.iter().any(|(known, _)| *known == plain) {
            return Err(wrong("is there twice, as names are the same in upper and lower case; write it once"));
        }
        let value = of.get(name).map(|node| value(&node)).transpose()?.flatten();
        found.push((plain, value));
    }
    Ok(found)
}

/// Text, or the digits of a number; nothing for an empty one.
fn value(node: &Node<'_>) -> Result<Option<String>, Unreadable> {
    let text = match node.boolean() {
        Ok(flag) => flag.to_string(),
        Err(_) => node.number_text().map(|text| text.trim().to_owned()).map_err(|_| {
            node.unreadable("is neither text, number nor boolean; write one attribute for each of its parts")
        })?,
    };
    Ok((!text.is_empty()).then_some(text))
}
