//! An item, taken apart: what can't be read is refused with its field and what to write instead.

mod account;
mod kept;
mod subscription;
mod value;

use chrono_tz::Tz;
use mrr_connector_sdk::json::{Object, Unreadable};
use mrr_connector_sdk::{Pushed, Refused, Stream};

pub(crate) use account::Account;
pub(crate) use subscription::{Status, Subscription};

use crate::streams::{ACCOUNTS, EVENTS, METRICS, SUBSCRIPTIONS, USERS};

/// Larger items are refused: an item is one record, and no record of a person's making is as large.
const LARGEST: usize = 64 << 10;

/// Deeper ones too, as PostgreSQL's reader of JSON has a limit of its own.
const DEEPEST: usize = 100;

/// What every item may have.
const COMMON: &[&str] = &["type", "id", "account_id", "ts", "deleted", "extra"];

/// The types of items.
struct Kind {
    name: &'static str,
    stream: Stream,
    fields: &'static [&'static str],
}

const KINDS: &[Kind] = &[
    Kind { name: "account", stream: ACCOUNTS, fields: account::FIELDS },
    Kind { name: "subscription", stream: SUBSCRIPTIONS, fields: subscription::FIELDS },
    Kind { name: "user", stream: USERS, fields: kept::USER },
    Kind { name: "metric", stream: METRICS, fields: kept::METRIC },
    Kind { name: "event", stream: EVENTS, fields: kept::EVENT },
];

/// Reads the text of one item.
pub(crate) fn pushed(text: &str, zone: Tz) -> Result<Pushed, Refused> {
    let refused = |id, error: Unreadable| Refused { id, field: error.path, message: error.message };
    let whole = |message: String| Unreadable { path: String::new(), message };
    if text.len() > LARGEST {
        let sentence = format!("has {} bytes and may have {LARGEST}; leave out what is not needed", text.len());
        return Err(refused(None, whole(sentence)));
    }
    if depth(text) > DEEPEST {
        return Err(refused(None, whole(format!("is nested deeper than {DEEPEST}; write it flatter"))));
    }
    let fields = Object::of(text).map_err(|error| refused(None, error))?;
    let id = fields.get("id").and_then(|node| value::id(&node).ok());
    read(&fields, text, zone).map_err(|error| refused(id, error))
}

fn read(fields: &Object<'_>, text: &str, zone: Tz) -> Result<Pushed, Unreadable> {
    let known = || KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
    let named = fields.get("type").ok_or_else(|| value::missing("type", &format!("write one of {}", known())))?;
    let name = named.string()?;
    let kind = KINDS.iter().find(|kind| kind.name == name);
    let kind = kind.ok_or_else(|| named.unreadable(format!("is no type of item; write one of {}", known())))?;
    unknown(fields, kind)?;

    let deleted = fields.get("deleted").map_or(Ok(false), |node| node.boolean())?;
    if let (true, Some(ts)) = (deleted, fields.get("ts")) {
        return Err(ts.unreadable(
            "can't stand beside `deleted`, as a record is gone from when this is received on; leave it out, or write the `end` of the subscription instead",
        ));
    }
    let owner = || fields.get("account_id").map(|node| value::id(&node)).transpose();
    let id =
        || fields.need("id").map_err(|_| value::missing("id", "write your own id of it")).and_then(|n| value::id(&n));
    let (id, account, dated) = match kind.name {
        "account" => {
            let id = id()?;
            if let Some(node) = fields.get("account_id") {
                return Err(node.unreadable("is not a field of an account; its own id is `id`"));
            }
            let dated = if deleted { false } else { Account::read(fields, zone)?.ts.is_some() };
            (id.clone(), Some(id), dated)
        }
        "subscription" => {
            let dated = if deleted { false } else { Subscription::read(fields, zone)?.ts.is_some() };
            (id()?, owner()?, dated)
        }
        "user" => {
            if !deleted {
                kept::user(fields, zone)?;
            }
            (id()?, owner()?, fields.get("ts").is_some())
        }
        "metric" => {
            // It is one value a day, so that saying a day again says the same or corrects it.
            let natural =
                if deleted && fields.get("id").is_some() { String::new() } else { kept::metric(fields, zone)? };
            (fields.get("id").map_or(Ok(natural), |node| value::id(&node))?, owner()?, false)
        }
        _ => {
            if !deleted {
                kept::event(fields, zone)?;
            }
            let natural = || blake3::hash(text.as_bytes()).to_hex().to_string();
            (fields.get("id").map_or_else(|| Ok(natural()), |node| value::id(&node))?, owner()?, true)
        }
    };
    Ok(Pushed { stream: kind.stream, id, account, payload: text.to_owned(), deleted, dated })
}

/// A misspelt field must not be one that is silently left out: `ends` would be a charge without end.
fn unknown(fields: &Object<'_>, kind: &Kind) -> Result<(), Unreadable> {
    let known = || COMMON.iter().chain(kind.fields).copied();
    let Some(field) = fields.names().find(|name| !known().any(|known| known == *name)) else { return Ok(()) };
    let near = known().map(|known| (strsim::damerau_levenshtein(known, field), known)).min();
    let near = near.filter(|(distance, known)| *distance <= 1 + known.len() / 3);
    let meant = near.map_or_else(String::new, |(_, known)| format!("did you mean `{known}`? "));
    let article = if kind.name.starts_with(['a', 'e']) { "an" } else { "a" };
    Err(Unreadable {
        path: field.to_owned(),
        message: format!("is no field of {article} {}; {meant}what is your own goes into `extra`", kind.name),
    })
}

/// How deep a text is nested, strings left aside.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
