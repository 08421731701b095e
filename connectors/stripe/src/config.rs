//! The settings of a Stripe source.

use std::collections::BTreeMap;

use mrr_connector_sdk::{Budget, Exponents, Secret, SettingsError, at_least_one, secret_from, secrets_from, settings};
use serde::Deserialize;

use crate::currency;
use crate::webhook::Endpoint;

/// What an admin may write under `[sources.<name>]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    api_key: toml::Value,
    base_url: Option<String>,
    requests_per_second: Option<u32>,
    concurrency: Option<usize>,
    currency_exponents: Option<BTreeMap<String, u32>>,
    webhook_secret: Option<toml::Value>,
    webhook_tolerance_seconds: Option<i64>,
    foreign_ids: Option<BTreeMap<String, String>>,
}

/// The settings, checked.
pub(crate) struct Config {
    pub(crate) api_key: Secret,
    pub(crate) base_url: String,
    pub(crate) budget: Budget,
    pub(crate) exponents: Exponents,
    pub(crate) mode: Option<&'static str>,
    pub(crate) endpoint: Option<Endpoint>,
    /// By the connector of another system, the key of customers' metadata that has its id there.
    pub(crate) foreign_ids: BTreeMap<String, String>,
}

/// Stripe allows 100 requests a second live and 25 in a sandbox, shared with the merchant's own
/// traffic: we take a tenth and a fifth.
const LIVE_REQUESTS: u32 = 10;
const TEST_REQUESTS: u32 = 5;

/// How old a signature may be, as in Stripe's own libraries.
const TOLERANCE: i64 = 300;

impl Config {
    pub(crate) fn read(table: toml::Table) -> Result<Self, SettingsError> {
        let settings: Settings = settings(table)?;
        let api_key = secret_from("api_key", &settings.api_key)?;
        if api_key.expose().starts_with("pk_") {
            return Err(SettingsError::Secret {
                key: "api_key".into(),
                remedy: "it is a publishable key, which can read nothing; use a restricted key (rk_...)".into(),
            });
        }
        let mode = mode_of(api_key.expose());
        let default_requests = if mode == Some("test") { TEST_REQUESTS } else { LIVE_REQUESTS };
        let requests_per_second = settings.requests_per_second.unwrap_or(default_requests);
        let concurrency = settings.concurrency.unwrap_or(4);
        at_least_one("requests_per_second", requests_per_second == 0)?;
        at_least_one("concurrency", concurrency == 0)?;
        Ok(Self {
            api_key,
            base_url: settings.base_url.unwrap_or_else(|| "https://api.stripe.com".to_owned()),
            budget: Budget { requests_per_second, concurrency },
            exponents: Exponents::new(currency::decimals, settings.currency_exponents.unwrap_or_default())?,
            mode,
            endpoint: endpoint(settings.webhook_secret.as_ref(), settings.webhook_tolerance_seconds, mode)?,
            foreign_ids: settings.foreign_ids.unwrap_or_default(),
        })
    }
}

/// A webhook endpoint's secret, or the old and the new one while both hold.
fn endpoint(
    secrets: Option<&toml::Value>,
    tolerance: Option<i64>,
    mode: Option<&'static str>,
) -> Result<Option<Endpoint>, SettingsError> {
    let tolerance = tolerance.unwrap_or(TOLERANCE);
    if !(1..=86_400).contains(&tolerance) {
        let remedy = "write 1 to 86400 seconds".to_owned();
        return Err(SettingsError::Invalid { key: "webhook_tolerance_seconds".into(), remedy });
    }
    let secrets = secrets_from("webhook_secret", secrets)?;
    if secrets.is_empty() {
        return Ok(None);
    }
    if secrets.iter().any(|secret| !secret.expose().starts_with("whsec_")) {
        let remedy = "an endpoint's signing secret begins with whsec_; copy it from the endpoint's page".to_owned();
        return Err(SettingsError::Secret { key: "webhook_secret".into(), remedy });
    }
    Ok(Some(Endpoint { secrets, tolerance, mode }))
}

/// The mode is part of every key: `sk_test_`, `rk_live_`.
fn mode_of(key: &str) -> Option<&'static str> {
    match key.split('_').nth(1) {
        Some("test") => Some("test"),
        Some("live") => Some("live"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(toml: &str, expect: Result<u32, &str>) {
        match (Config::read(toml.parse().unwrap()), expect) {
            (Ok(config), Ok(requests)) => assert_eq!(config.budget.requests_per_second, requests, "{toml}"),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{toml}: {error}"),
            (found, _) => panic!("{toml}: {:?}", found.err()),
        }
    }

    #[test]
    fn settings_are_checked_before_anything_is_sent() {
        check("api_key = 'sk_live_x'", Ok(10));
        check("api_key = 'rk_test_x'", Ok(5));
        check("api_key = 'rk_test_x'\nrequests_per_second = 20", Ok(20));
        check("", Err("`api_key` is missing"));
        check("api_key = 'pk_live_x'", Err("publishable"));
        check("api_key = 'sk_test_x'\nrequests_per_second = 0", Err("`requests_per_second`"));
        check("api_key = 'sk_test_x'\nbase_ulr = 'x'", Err("did you mean `base_url`"));
        check("api_key = 'sk_test_x'\ncurrency_exponents = { UGX = 12 }", Err("`currency_exponents`"));
        check("api_key = 'sk_test_x'\ncurrency_exponents = { UGX = 2 }", Ok(5));
        check("api_key = 'sk_test_x'\nforeign_ids = { hubspot = 'hubspot_company_id' }", Ok(5));
        check("api_key = 'sk_test_x'\nforeign_ids = 5", Err("`foreign_ids`"));
    }
}
