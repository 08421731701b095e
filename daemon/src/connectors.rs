//! The connectors there are, one line each.

use std::sync::Arc;

use mrr_connector_sdk::{Connector, SettingsError};

/// A connector by name.
pub struct Entry {
    /// What `connector = "..."` says.
    pub name: &'static str,
    /// Makes the connector from the rest of a source's settings.
    pub configure: fn(toml::Table) -> Result<Arc<dyn Connector>, SettingFault>,
}

/// Every connector.
pub const CONNECTORS: &[Entry] = &[];

/// A connector's setting that can't be used.
#[derive(Debug)]
pub struct SettingFault {
    /// The key at fault; its line is looked up in the file.
    pub key: String,
    /// What is wrong and what to write instead.
    pub sentence: String,
}

impl From<SettingsError> for SettingFault {
    fn from(error: SettingsError) -> Self {
        let key = match &error {
            SettingsError::Unknown { key, .. }
            | SettingsError::Missing { key, .. }
            | SettingsError::Invalid { key, .. }
            | SettingsError::Secret { key, .. } => key.clone(),
        };
        Self { key, sentence: error.to_string() }
    }
}
