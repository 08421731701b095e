//! How items come in: a body, split.

use std::fmt;

use mrr_connector_sdk::NoItems;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The texts of a body's items: of an object, of the elements of an array, or of one object a
/// line (NDJSON). A line that is no JSON is handed on, as its neighbours can be read.
pub(crate) fn split(body: &str, most: usize) -> Result<Vec<&str>, NoItems> {
    let body = body.strip_prefix('\u{feff}').unwrap_or(body).trim();
    if body.starts_with('[') {
        return elements(body, most);
    }
    if !body.starts_with('{') {
        return Err(NoItems::Unreadable(
            "the body holds no items; send a JSON object, an array of objects, or one object a line".into(),
        ));
    }
    if serde_json::from_str::<&RawValue>(body).is_ok() {
        return Ok(vec![body]);
    }
    let lines: Vec<&str> = body.lines().map(str::trim).filter(|line| !line.is_empty()).take(most + 1).collect();
    if lines.len() > most {
        return Err(NoItems::TooMany(most));
    }
    Ok(lines)
}

fn elements(body: &str, most: usize) -> Result<Vec<&str>, NoItems> {
    let mut deserializer = serde_json::Deserializer::from_str(body);
    let elements = deserializer.deserialize_seq(Elements(most)).and_then(|elements| {
        deserializer.end()?;
        Ok(elements)
    });
    match elements {
        Ok(elements) if elements.len() > most => Err(NoItems::TooMany(most)),
        // It was left off after one too many.
        Err(error) if error.to_string().starts_with(TOO_MANY) => Err(NoItems::TooMany(most)),
        Ok(elements) => Ok(elements),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(NoItems::Unreadable(format!(
                "the array is no JSON from line {line}, column {column} on; correct it there, or send one object a line"
            )))
        }
    }
}

const TOO_MANY: &str = "too many items";

/// The elements of an array; no more are taken in than may be.
struct Elements(usize);

impl<'de> Visitor<'de> for Elements {
    type Value = Vec<&'de str>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(element) = elements.next_element::<&RawValue>()? {
            if found.len() == self.0 {
                return Err(A::Error::custom(TOO_MANY));
            }
            found.push(element.get());
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: Result<&[&str], &str>) {
        match (split(body, 3), expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found, expect, "{body}"),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{body}: {error}"),
            (found, _) => panic!("{body}: {found:?}"),
        }
    }

    #[test]
    fn bodies_are_split() {
        check("{\"a\":\n1}", Ok(&["{\"a\":\n1}"]));
        check("\u{feff}\r\n{\"a\":1}\r\n", Ok(&["{\"a\":1}"]));
        check("[{\"a\":1}, 2,\n{} ]", Ok(&["{\"a\":1}", "2", "{}"]));
        check("[]", Ok(&[]));
        check("{\"a\":1}\n\n{\"a\":\n{}", Ok(&["{\"a\":1}", "{\"a\":", "{}"]));
        check("", Err("holds no items"));
        check("a=b", Err("holds no items"));
        check("[{}, {]", Err("line 1, column 7"));
        check("[{}] x", Err("no JSON"));
        check("[1,2,3,4]", Err("more than 3 items"));
        check("{}\n{}\n{}\n{}", Err("more than 3 items"));
    }
}
