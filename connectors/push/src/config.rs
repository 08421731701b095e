//! The settings of a source that is pushed to.

use chrono_tz::Tz;
use mrr_connector_sdk::{Secret, SettingsError, secret_from, settings};
use serde::Deserialize;

/// What an admin may write under `[sources.<name>]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    key: toml::Value,
}

/// The settings, checked.
pub(crate) struct Config {
    /// Two while the old one still holds after a rotation.
    pub(crate) keys: Vec<Secret>,
    /// In which a date without a time is meant.
    pub(crate) zone: Tz,
}

/// Shorter keys could be guessed over the network.
const SHORTEST: usize = 16;

impl Config {
    pub(crate) fn read(table: toml::Table, zone: Tz) -> Result<Self, SettingsError> {
        let settings: Settings = settings(table)?;
        let keys = match &settings.key {
            toml::Value::Array(several) => several.iter().collect(),
            one => vec![one],
        };
        let keys: Vec<Secret> = keys.into_iter().map(|value| secret_from("key", value)).collect::<Result<_, _>>()?;
        if keys.is_empty() || keys.iter().any(|key| key.expose().len() < SHORTEST) {
            let remedy = format!("a key has at least {SHORTEST} characters; make one with `openssl rand -hex 32`");
            return Err(SettingsError::Secret { key: "key".into(), remedy });
        }
        Ok(Self { keys, zone })
    }

    /// Whether a key is one of ours. Hashes are compared, in constant time and of every key.
    pub(crate) fn admits(&self, key: &str) -> bool {
        let given = blake3::hash(key.as_bytes());
        self.keys.iter().fold(false, |admitted, own| (blake3::hash(own.expose().as_bytes()) == given) | admitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(toml: &str, expect: Result<usize, &str>) {
        match (Config::read(toml.parse().unwrap(), Tz::UTC), expect) {
            (Ok(config), Ok(keys)) => assert_eq!(config.keys.len(), keys, "{toml}"),
            (Err(error), Err(part)) => {
                let sentence = error.to_string();
                assert!(sentence.contains(part) && !sentence.contains("canary"), "{toml}: {sentence}");
            }
            (found, _) => panic!("{toml}: {:?}", found.err()),
        }
    }

    #[test]
    fn settings_are_checked() {
        check("key = '0123456789abcdef'", Ok(1));
        check("key = ['0123456789abcdef', 'fedcba9876543210']", Ok(2));
        check("", Err("`key` is missing"));
        check("key = 'canary'", Err("openssl rand"));
        check("key = []", Err("openssl rand"));
        check("key = ['0123456789abcdef', '']", Err("empty"));
        check("kye = '0123456789abcdef'", Err("did you mean `key`"));
    }

    #[test]
    fn each_key_opens_and_no_other() {
        let config = Config::read("key = ['0123456789abcdef', 'fedcba9876543210']".parse().unwrap(), Tz::UTC).unwrap();
        assert!(config.admits("0123456789abcdef") && config.admits("fedcba9876543210"));
        for wrong in ["", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF"] {
            assert!(!config.admits(wrong), "{wrong}");
        }
    }
}
