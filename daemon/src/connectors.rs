//! The connectors there are, one line each.

use std::sync::Arc;

use chrono_tz::Tz;
use mrr_connector_sdk::{Connector, SettingsError};
use revenue::calendar::Zone;

/// A connector by name.
pub struct Entry {
    /// What `connector = "..."` says.
    pub name: &'static str,
    /// Makes the connector from the rest of a source's settings and the book's zone.
    pub configure: fn(toml::Table, Zone) -> Result<Arc<dyn Connector>, SettingFault>,
}

/// Every connector.
pub const CONNECTORS: &[Entry] = &[
    Entry { name: "stripe", configure: |settings, _| Ok(mrr_connector_stripe::configure(settings)?.into()) },
    Entry { name: "chargebee", configure: |settings, _| Ok(mrr_connector_chargebee::configure(settings)?.into()) },
    Entry { name: "hubspot", configure: |settings, zone| Ok(mrr_connector_hubspot::configure(settings, zone)?.into()) },
    Entry { name: "push", configure: |settings, zone| Ok(mrr_connector_push::configure(settings, of(zone))?.into()) },
];

/// A zone that the book accepts is one that chrono knows.
fn of(zone: Zone) -> Tz {
    zone.name().parse().unwrap_or(Tz::UTC)
}

/// A connector's setting that can't be used.
#[derive(Debug)]
pub struct SettingFault {
    /// The key at fault; its line is looked up in the file.
    pub key: String,
    /// What is wrong and what to write instead.
    pub sentence: String,
    /// Whether the connector has no such setting, and none that is spelt like it.
    pub unknown: bool,
}

impl From<SettingsError> for SettingFault {
    fn from(error: SettingsError) -> Self {
        let key = match &error {
            SettingsError::Unknown { key, .. }
            | SettingsError::Missing { key, .. }
            | SettingsError::Invalid { key, .. }
            | SettingsError::Secret { key, .. } => key.clone(),
        };
        let unknown = matches!(error, SettingsError::Unknown { nearest: None, .. });
        Self { key, sentence: error.to_string(), unknown }
    }
}
