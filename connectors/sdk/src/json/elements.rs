//! A list's elements and the fields around it, in one pass.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::node::{Fields, Object, Pairs, Unreadable, name_of};

/// The fields of the object `text` but for the array `name`, and what `read` makes of the elements
/// of that array; `None` when it is no such object or an element is none that has fields.
pub(super) fn split<'a, T, R>(text: &'a str, name: &str, read: &R) -> Option<(Pairs<'a>, Vec<T>)>
where
    R: Fn(&'a str, Result<Object<'a>, Unreadable>) -> T,
{
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let (fields, elements) = Split { text, name, read }.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some((fields, elements?))
}

struct Split<'a, 'n, R> {
    text: &'a str,
    name: &'n str,
    read: &'n R,
}

impl<'de, T, R> DeserializeSeed<'de> for Split<'de, '_, R>
where
    R: Fn(&'de str, Result<Object<'de>, Unreadable>) -> T,
{
    type Value = (Pairs<'de>, Option<Vec<T>>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T, R> Visitor<'de> for Split<'de, '_, R>
where
    R: Fn(&'de str, Result<Object<'de>, Unreadable>) -> T,
{
    type Value = (Pairs<'de>, Option<Vec<T>>);

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut fields, mut elements) = (Vec::new(), None);
        while let Some(key) = map.next_key::<&RawValue>()? {
            match name_of(key) {
                // Of duplicates the last counts, as everywhere.
                name if name == self.name => {
                    elements = Some(map.next_value_seed(Elements { text: self.text, read: self.read })?);
                }
                name => fields.push((name, map.next_value()?)),
            }
        }
        Ok((fields, elements))
    }
}

struct Elements<'a, 'n, R> {
    text: &'a str,
    read: &'n R,
}

impl<'de, T, R> DeserializeSeed<'de> for Elements<'de, '_, R>
where
    R: Fn(&'de str, Result<Object<'de>, Unreadable>) -> T,
{
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T, R> Visitor<'de> for Elements<'de, '_, R>
where
    R: Fn(&'de str, Result<Object<'de>, Unreadable>) -> T,
{
    type Value = Vec<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
        let mut made = Vec::new();
        while let Some(fields) = elements.next_element()? {
            let text = around(self.text, &fields).ok_or_else(|| A::Error::custom("it has no fields"))?;
            made.push((self.read)(text, Ok(Object::top(fields.pairs))));
        }
        Ok(made)
    }
}

/// The text of the object in `text` that has these fields. serde does not tell where an object
/// begins and ends, but where its keys and values do: outside of them is only space and a brace.
fn around<'a>(text: &'a str, fields: &Fields<'a>) -> Option<&'a str> {
    // Both borrow from `text`, so the distance is the place.
    let place = |part: &RawValue| part.get().as_ptr() as usize - text.as_ptr() as usize;
    let (_, last) = fields.pairs.last()?;
    let before = text.get(..place(fields.first_key?))?.trim_ascii_end();
    let end = place(last) + last.get().len();
    let behind = text.get(end..)?.trim_ascii_start();
    let begin = before.strip_suffix('{')?.len();
    text.get(begin..text.len() - behind.strip_prefix('}')?.len())
}
