//! A value, its place in its record, and what it can be read as.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::elements;

/// A JSON value and the path to it.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    text: &'a str,
    path: String,
}

/// The fields of an object, in the vendor's order.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    path: String,
    fields: Pairs<'a>,
}

/// A value that is not what it should be, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", at(path))]
pub struct Unreadable {
    /// The path: `lines.data[3].period.start`; empty for the whole record.
    pub path: String,
    /// What is wrong with it.
    pub message: String,
}

impl<'a> Node<'a> {
    /// The value of a whole text.
    pub fn of(text: &'a str) -> Result<Self, Unreadable> {
        let raw: &RawValue = serde_json::from_str(text)
            .map_err(|error| Unreadable { path: String::new(), message: format!("is not JSON: {error}") })?;
        Ok(Self { text: raw.get(), path: String::new() })
    }

    /// The value's own text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Where it stands.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.text == "null"
    }

    /// Whether it is a string: ids become objects when a vendor expands them.
    pub fn is_string(&self) -> bool {
        self.text.starts_with('"')
    }

    /// Its fields, if it is an object.
    pub fn object(&self) -> Result<Object<'a>, Unreadable> {
        let fields: Fields<'a> = serde_json::from_str(self.text).map_err(|_| self.wrong("an object"))?;
        Ok(Object { path: self.path.clone(), fields: fields.pairs })
    }

    /// Its elements, if it is an array.
    pub fn list(&self) -> Result<Vec<Node<'a>>, Unreadable> {
        let raw: Vec<&'a RawValue> = serde_json::from_str(self.text).map_err(|_| self.wrong("an array"))?;
        let place =
            |(index, raw): (usize, &'a RawValue)| Node { text: raw.get(), path: format!("{}[{index}]", self.path) };
        Ok(raw.into_iter().enumerate().map(place).collect())
    }

    /// Its characters, if it is a string. A lone surrogate becomes U+FFFD.
    pub fn string(&self) -> Result<String, Unreadable> {
        text_of(self.text).ok_or_else(|| self.wrong("a string"))
    }

    /// Its digits, if it is a whole number that fits.
    pub fn integer(&self) -> Result<i64, Unreadable> {
        self.text.parse().map_err(|_| self.wrong("a whole number"))
    }

    /// Its digits, if it is a number or a string; never by way of a float.
    pub fn number_text(&self) -> Result<Cow<'a, str>, Unreadable> {
        match self.text.as_bytes().first() {
            Some(b'"') => self.string().map(Cow::Owned),
            Some(b'-' | b'0'..=b'9') => Ok(Cow::Borrowed(self.text)),
            _ => Err(self.wrong("a number")),
        }
    }

    /// Its value, if it is `true` or `false`.
    pub fn boolean(&self) -> Result<bool, Unreadable> {
        self.text.parse().map_err(|_| self.wrong("true or false"))
    }

    /// An error about this value.
    pub fn unreadable(&self, message: impl Into<String>) -> Unreadable {
        Unreadable { path: self.path.clone(), message: message.into() }
    }

    fn wrong(&self, wanted: &str) -> Unreadable {
        // The kind and not the value: what stands there may be personal.
        let found = match self.text.as_bytes().first() {
            Some(b'"') => "a string",
            Some(b'{') => "an object",
            Some(b'[') => "an array",
            Some(b't' | b'f') => "a boolean",
            Some(b'n') => "null",
            Some(_) => self.text.get(..40).unwrap_or(self.text),
            None => "nothing",
        };
        self.unreadable(format!("is {found} where {wanted} should be"))
    }
}

impl<'a> Object<'a> {
    /// The fields of a whole text, in one pass.
    pub fn of(text: &'a str) -> Result<Self, Unreadable> {
        match serde_json::from_str::<Fields<'a>>(text) {
            Ok(fields) => Ok(Self::top(fields.pairs)),
            // It is no JSON, or JSON and no object: the second look tells which.
            Err(_) => Node::of(text).and_then(|node| node.object()),
        }
    }

    /// The fields of a whole text and, in the same pass, what `read` makes of each element of the
    /// array in one of them, which is then not among the fields. Lists are large: this is for them.
    ///
    /// `read` gets an element's text and its fields, or why it has none. It may be asked about an
    /// element again, and about elements of a text that turns out to be no JSON further on.
    pub fn with_elements<T>(
        text: &'a str,
        name: &str,
        read: impl Fn(&'a str, Result<Object<'a>, Unreadable>) -> T,
    ) -> Result<(Self, Vec<T>), Unreadable> {
        if let Some((fields, elements)) = elements::split(text, name, &read) {
            return Ok((Self::top(fields), elements));
        }
        // It is not such an object, or not all elements are objects: the second look tells.
        let mut object = Self::of(text)?;
        let elements = object.need(name)?.list()?;
        object.fields.retain(|(key, _)| key != name);
        Ok((object, elements.iter().map(|element| read(element.text(), Self::of(element.text()))).collect()))
    }

    pub(super) fn top(fields: Pairs<'a>) -> Self {
        Self { path: String::new(), fields }
    }

    /// A field that is there and not null. Of duplicates the last counts, as in jsonb.
    pub fn get(&self, name: &str) -> Option<Node<'a>> {
        let (_, raw) = self.fields.iter().rev().find(|(key, _)| key == name)?;
        (raw.get() != "null").then(|| Node { text: raw.get(), path: self.path_of(name) })
    }

    /// A field that must be there and not null.
    pub fn need(&self, name: &str) -> Result<Node<'a>, Unreadable> {
        self.get(name).ok_or_else(|| Unreadable { path: self.path_of(name), message: "is missing".into() })
    }

    /// All fields that are not null, in the vendor's order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Node<'a>)> {
        let kept = self.fields.iter().filter(|(_, raw)| raw.get() != "null");
        kept.map(|(key, raw)| (key.as_ref(), Node { text: raw.get(), path: self.path_of(key) }))
    }

    /// The names of all fields, also of those that are null, in the vendor's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(key, _)| key.as_ref())
    }

    /// The path of the object itself.
    pub fn path(&self) -> &str {
        &self.path
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

fn at(path: &str) -> String {
    if path.is_empty() { "the whole of it ".to_owned() } else { format!("`{path}` ") }
}

/// Decodes a JSON string. serde_json refuses lone surrogates in a `str` and lets them pass in
/// bytes, so it is read as bytes.
pub(super) fn text_of(json: &str) -> Option<String> {
    struct Text;
    impl Visitor<'_> for Text {
        type Value = String;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a string")
        }

        fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<String, E> {
            Ok(String::from_utf8_lossy(bytes).into_owned())
        }
    }
    if !json.starts_with('"') {
        return None;
    }
    serde_json::Deserializer::from_str(json).deserialize_bytes(Text).ok()
}

/// Names and values, in the vendor's order.
pub(super) type Pairs<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// What an object holds.
pub(super) struct Fields<'a> {
    pub pairs: Pairs<'a>,
    /// Where it begins.
    pub first_key: Option<&'a RawValue>,
}

/// The name of a field, from its JSON text.
pub(super) fn name_of(key: &RawValue) -> Cow<'_, str> {
    let quoted = key.get();
    match quoted.get(1..quoted.len().saturating_sub(1)) {
        Some(plain) if !plain.as_bytes().contains(&b'\\') => Cow::Borrowed(plain),
        _ => Cow::Owned(text_of(quoted).unwrap_or_default()),
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Fields<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Fields { pairs: Vec::new(), first_key: None };
                while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    fields.first_key.get_or_insert(key);
                    fields.pairs.push((name_of(key), value));
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_surrogates_and_depth_survive() {
        let deep = "[".repeat(20_000) + &"]".repeat(20_000);
        let text = format!(
            r#"{{"id":"a","big":12345678901234567890123.4500,"name":"x\ud800y","nul":"a\u0000b","deep":{deep},"no":null,"\u0069d":"b"}}"#
        );
        let object = Node::of(&text).unwrap().object().unwrap();
        assert_eq!(object.get("id").unwrap().string().unwrap(), "b", "the last duplicate counts");
        assert_eq!(object.get("big").unwrap().number_text().unwrap(), "12345678901234567890123.4500");
        assert!(object.get("name").unwrap().string().unwrap().starts_with("x\u{fffd}"));
        assert_eq!(object.get("nul").unwrap().string().unwrap(), "a\0b");
        assert_eq!(object.get("deep").unwrap().text().len(), 40_000);
        assert!(object.get("no").is_none());
    }

    /// The texts of a list's elements, with their ids.
    type Elements<'a> = Vec<(&'a str, String)>;

    fn split(text: &str) -> Result<(Object<'_>, Elements<'_>), Unreadable> {
        Object::with_elements(text, "data", |text, fields| {
            let id = fields.and_then(|fields| Ok(fields.need("id")?.text().to_owned()));
            (text, id.unwrap_or_else(|error| error.to_string()))
        })
    }

    #[test]
    fn a_list_is_split_in_one_pass() {
        let first = "{ \t\"\\u0069d\" : 1.10 ,\"x\":{\"id\":[{}]}\r\n }";
        let objects = format!("{{\"data\": [\n{first} ,{{\"id\":\"}}\"}}],\"has_more\":true}}");
        let expect = [(first, "1.10"), (r#"{"id":"}"}"#, r#""}""#)].map(|(text, id)| (text, id.to_owned()));
        // Elements that are no objects, or empty ones, take the other way to the same end.
        for (rest, last) in
            [("", None), (",{ }", Some("{ }")), (", [] ", Some("[]")), (r#","\ud800""#, Some(r#""\ud800""#))]
        {
            let text = objects.replace("}],", &format!("}}{rest}],"));
            let (object, elements) = split(&text).unwrap();
            assert_eq!(elements[..2], expect, "{text}");
            assert_eq!(elements.get(2).map(|(text, _)| *text), last, "{text}");
            assert!(object.need("has_more").unwrap().boolean().unwrap() && object.get("data").is_none());
        }
    }

    #[test]
    fn a_list_that_is_none_is_refused_whole() {
        let fails = |text: &str| split(text).unwrap_err().to_string();
        assert_eq!(fails(r#"{"data":null}"#), "`data` is missing");
        assert_eq!(fails(r#"{"data":5}"#), "`data` is 5 where an array should be");
        assert_eq!(fails("[]"), "the whole of it is an array where an object should be");
        let good = r#"{"data":[{"id":"a","x":[1,{"y":-0.5e+3}],"z":"\u0000"},{"id":true}],"has_more":false}"#;
        assert_eq!(split(good).unwrap().1.len(), 2);
        for end in 1..good.len() {
            assert!(fails(&good[..end]).contains("is not JSON"), "{end}");
        }
        // Every byte but those of names, strings and the white space counts.
        for (wrong, right) in
            [("0.5", "00.5"), ("e+3", "e+"), ("tru", "trx"), ("\\u0", "\\ux"), ("\"a\"", "\"a\n\""), ("],", "]],")]
        {
            assert!(fails(&good.replacen(wrong, right, 1)).contains("is not JSON"), "{right}");
        }
        assert!(fails(&format!("{good}x")).contains("is not JSON"));
        for twice in [r#"{"data":[1],"data":[2,3]}"#, r#"{"data":[{"id":1}],"data":[{"id":2},{"id":3}]}"#] {
            assert_eq!(split(twice).unwrap().1.len(), 2, "the last duplicate counts");
        }
    }

    #[test]
    fn errors_name_the_path() {
        let text = r#"{"lines":{"data":[{"period":{}},{"period":{"start":"soon"}}]}}"#;
        let line = |index: usize| {
            let top = Node::of(text).unwrap().object().unwrap();
            let lines = top.need("lines").unwrap().object().unwrap();
            let line = lines.need("data").unwrap().list().unwrap()[index].object().unwrap();
            line.need("period").unwrap().object().unwrap().need("start").and_then(|node| node.integer())
        };
        assert_eq!(line(0).unwrap_err().to_string(), "`lines.data[0].period.start` is missing");
        assert_eq!(
            line(1).unwrap_err().to_string(),
            "`lines.data[1].period.start` is a string where a whole number should be"
        );
    }
}
