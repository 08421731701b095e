//! A list's elements and the fields around it, in one pass.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::node::{Pairs, name_of};

/// The fields of the object `text` but for the array `name`, and that array's elements; `None`
/// when it is no such object.
pub(super) fn split<'a>(text: &'a str, name: &str) -> Option<(Pairs<'a>, Vec<&'a str>)> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let (fields, elements) = Split(name).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some((fields, elements?.into_iter().map(RawValue::get).collect()))
}

struct Split<'n>(&'n str);

type Parts<'de> = (Pairs<'de>, Option<Vec<&'de RawValue>>);

impl<'de> DeserializeSeed<'de> for Split<'_> {
    type Value = Parts<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parts<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Split<'_> {
    type Value = Parts<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts<'de>, A::Error> {
        let (mut fields, mut elements) = (Vec::new(), None);
        while let Some(key) = map.next_key::<&RawValue>()? {
            match name_of(key) {
                // Of duplicates the last counts, as everywhere.
                name if name == self.0 => elements = Some(map.next_value()?),
                name => fields.push((name, map.next_value()?)),
            }
        }
        Ok((fields, elements))
    }
}
