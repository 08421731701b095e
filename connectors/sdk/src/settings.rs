//! A connector's settings, with errors that say what to write instead.

use serde::de::{self, DeserializeOwned, Visitor};

/// A setting that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A key that the connector does not have.
    #[error("unknown setting `{key}`{}; known are {}", suggestion(nearest), listed(known))]
    Unknown {
        /// The key.
        key: String,
        /// All keys there are.
        known: &'static [&'static str],
        /// The known key that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A key that must be there.
    #[error("the setting `{key}` is missing; {remedy}")]
    Missing {
        /// The key.
        key: String,
        /// What to write.
        remedy: String,
    },
    /// A value that can't be used.
    #[error("the setting `{key}` can't be used: {remedy}")]
    Invalid {
        /// The key.
        key: String,
        /// What is wrong and what to write instead.
        remedy: String,
    },
    /// A secret that can't be resolved.
    #[error("the secret `{key}` can't be read: {remedy}")]
    Secret {
        /// The key.
        key: String,
        /// What to do.
        remedy: String,
    },
}

/// Reads a connector's settings into its struct, which should deny unknown fields.
pub fn settings<T: DeserializeOwned>(table: toml::Table) -> Result<T, SettingsError> {
    let known = fields_of::<T>();
    for key in table.keys() {
        if !known.contains(&key.as_str()) {
            let nearest = known
                .iter()
                .map(|name| (strsim::damerau_levenshtein(name, key), *name))
                .min()
                .filter(|(distance, name)| *distance <= 1 + name.len() / 3)
                .map(|(_, name)| name);
            return Err(SettingsError::Unknown { key: key.clone(), known, nearest });
        }
    }
    // One key at a time, so that the key at fault has a name. The text of the vendor's error is
    // kept out, as it quotes the value and the value could be a secret at the wrong key.
    T::deserialize(toml::Value::Table(table.clone())).map_err(|error| {
        let text = error.message().to_owned();
        if let Some(key) = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            return SettingsError::Missing { key: key.to_owned(), remedy: "add it to the source's settings".into() };
        }
        let expected = text.rsplit_once(", expected ").map_or("another type of value", |(_, expected)| expected);
        let wanted = match expected {
            "u8" | "u16" | "u32" | "u64" | "usize" => "write a whole number without quotes, such as 10".to_owned(),
            "a string" => "write text in quotes".to_owned(),
            "a boolean" => "write true or false".to_owned(),
            other => format!("expected {other}"),
        };
        SettingsError::Invalid { key: key_at_fault::<T>(&table, &text), remedy: wanted }
    })
}

/// Refuses a number that must not be 0.
pub fn at_least_one(key: &str, zero: bool) -> Result<(), SettingsError> {
    if zero {
        return Err(SettingsError::Invalid { key: key.to_owned(), remedy: "write 1 or more".into() });
    }
    Ok(())
}

/// The key without which the error goes away or becomes another.
fn key_at_fault<T: DeserializeOwned>(table: &toml::Table, text: &str) -> String {
    let without = |key: &String| {
        let mut rest = table.clone();
        rest.remove(key);
        T::deserialize(toml::Value::Table(rest)).err().is_none_or(|error| error.message() != text)
    };
    table.keys().find(|key| without(key)).cloned().unwrap_or_default()
}

/// The field names of a struct that derives `Deserialize`: it hands them to its deserialiser.
fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    struct Names<'a>(&'a mut &'static [&'static str]);

    impl<'de> de::Deserializer<'de> for Names<'_> {
        type Error = de::value::Error;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
            Err(de::Error::custom("only the names are wanted"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, Self::Error> {
            *self.0 = fields;
            self.deserialize_any(visitor)
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
            unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut names: &'static [&'static str] = &[];
    // The error is the point at which the names are known.
    let _ = T::deserialize(Names(&mut names));
    names
}

fn suggestion(nearest: &Option<&'static str>) -> String {
    nearest.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
}

fn listed(known: &[&str]) -> String {
    known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Config {
        api_key: toml::Value,
        requests_per_second: Option<u32>,
    }

    fn check(toml: &str, expect: &str) {
        let error = settings::<Config>(toml.parse().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), expect, "{toml}");
    }

    #[test]
    fn errors_name_the_key_and_what_to_write() {
        check(
            "apikey = 'x'",
            "unknown setting `apikey`, did you mean `api_key`?; known are `api_key`, `requests_per_second`",
        );
        check(
            "api_key = 'x'\nschedule_offset = 1",
            "unknown setting `schedule_offset`; known are `api_key`, `requests_per_second`",
        );
        check("requests_per_second = 5", "the setting `api_key` is missing; add it to the source's settings");
        check(
            "api_key = 'x'\nrequests_per_second = 'canary'",
            "the setting `requests_per_second` can't be used: write a whole number without quotes, such as 10",
        );
    }
}
