//! Stripe, read: its streams, and what its records say about recurring revenue.

#![deny(missing_docs)]

use mrr_connector_sdk::{Connector, SettingsError};

/// A connector to Stripe with these settings.
pub fn configure(settings: toml::Table) -> Result<Box<dyn Connector>, SettingsError> {
    drop(settings);
    Err(SettingsError::Missing { key: "api_key".into(), remedy: "the connector is not built yet".into() })
}
