//! The settings of a source.

use mrr_connector_sdk::{Budget, Secret, SettingsError, secret_from, settings};
use serde::Deserialize;

/// What an admin may write under `[sources.<name>]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    api_key: toml::Value,
    base_url: Option<String>,
    requests_per_second: Option<u32>,
    concurrency: Option<usize>,
}

/// The settings, checked.
pub(crate) struct Config {
    pub(crate) api_key: Secret,
    pub(crate) base_url: String,
    pub(crate) budget: Budget,
}

impl Config {
    pub(crate) fn read(table: toml::Table) -> Result<Self, SettingsError> {
        let settings: Settings = settings(table)?;
        let requests_per_second = settings.requests_per_second.unwrap_or(5);
        let concurrency = settings.concurrency.unwrap_or(2);
        for (key, zero) in [("requests_per_second", requests_per_second == 0), ("concurrency", concurrency == 0)] {
            if zero {
                return Err(SettingsError::Invalid { key: key.to_owned(), remedy: "write 1 or more".into() });
            }
        }
        Ok(Self {
            api_key: secret_from("api_key", &settings.api_key)?,
            base_url: settings.base_url.unwrap_or_else(|| "https://api.example.com".to_owned()),
            budget: Budget { requests_per_second, concurrency },
        })
    }
}
