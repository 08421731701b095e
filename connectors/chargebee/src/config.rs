//! The settings of a Chargebee source.

use std::collections::BTreeMap;

use mrr_connector_sdk::{Budget, Exponents, Secret, SettingsError, at_least_one, secret_from, secrets_from, settings};
use serde::Deserialize;

use crate::currency;
use crate::webhook::Endpoint;

/// What an admin may write under `[sources.<name>]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    site: String,
    api_key: toml::Value,
    product_catalog: Option<String>,
    base_url: Option<String>,
    requests_per_second: Option<u32>,
    concurrency: Option<usize>,
    currency_exponents: Option<BTreeMap<String, u32>>,
    events_kept_days: Option<u32>,
    foreign_ids: Option<BTreeMap<String, String>>,
    webhook_secret: Option<toml::Value>,
}

/// A site's product catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Catalog {
    /// 2.0: items and item prices.
    Items,
    /// 1.0: plans and addons.
    Plans,
}

impl Catalog {
    /// As the setting has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Items => "2.0",
            Self::Plans => "1.0",
        }
    }
}

/// The settings, checked.
pub(crate) struct Config {
    pub(crate) site: String,
    pub(crate) api_key: Secret,
    pub(crate) catalog: Catalog,
    pub(crate) base_url: String,
    pub(crate) budget: Budget,
    pub(crate) exponents: Exponents,
    /// For how many days events can be read; `None` where no limit is known.
    pub(crate) events_kept: Option<u32>,
    /// By the connector of another system, the custom field of customers that has its id there.
    pub(crate) foreign_ids: BTreeMap<String, String>,
    pub(crate) endpoint: Option<Endpoint>,
}

/// Chargebee allows a test site and the smallest plan 150 requests a minute, and mails the owner who goes beyond.
const REQUESTS: u32 = 1;

impl Config {
    pub(crate) fn read(table: toml::Table) -> Result<Self, SettingsError> {
        let settings: Settings = settings(table)?;
        let invalid = |key: &str, remedy: &str| SettingsError::Invalid { key: key.into(), remedy: remedy.into() };
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if settings.site.is_empty() || !settings.site.bytes().all(is_plain) {
            return Err(invalid("site", "write the name alone: acme-test of https://acme-test.chargebee.com"));
        }
        let catalog = match settings.product_catalog.as_deref() {
            None | Some("2.0") => Catalog::Items,
            Some("1.0") => Catalog::Plans,
            Some(_) => return Err(invalid("product_catalog", "write \"2.0\" or \"1.0\"; `mrrd check` tells which")),
        };
        let requests_per_second = settings.requests_per_second.unwrap_or(REQUESTS);
        let concurrency = settings.concurrency.unwrap_or(2);
        at_least_one("requests_per_second", requests_per_second == 0)?;
        at_least_one("concurrency", concurrency == 0)?;
        at_least_one("events_kept_days", settings.events_kept_days == Some(0))?;
        Ok(Self {
            api_key: secret_from("api_key", &settings.api_key)?,
            base_url: settings.base_url.unwrap_or_else(|| format!("https://{}.chargebee.com", settings.site)),
            site: settings.site,
            catalog,
            budget: Budget { requests_per_second, concurrency },
            exponents: Exponents::new(currency::decimals, settings.currency_exponents.unwrap_or_default())?,
            events_kept: settings.events_kept_days,
            foreign_ids: settings.foreign_ids.unwrap_or_default(),
            endpoint: endpoint(settings.webhook_secret.as_ref())?,
        })
    }

    /// `test` or `live`: a test site is a site of its own, by its name.
    pub(crate) fn mode(&self) -> &'static str {
        if self.site.ends_with("-test") { "test" } else { "live" }
    }
}

/// User and password of the webhook, or the old and the new ones while both hold.
fn endpoint(secrets: Option<&toml::Value>) -> Result<Option<Endpoint>, SettingsError> {
    let secrets = secrets_from("webhook_secret", secrets)?;
    if secrets.is_empty() {
        return Ok(None);
    }
    let complete = |secret: &Secret| {
        secret.expose().split_once(':').is_some_and(|(user, password)| !user.is_empty() && !password.is_empty())
    };
    if !secrets.iter().all(complete) {
        let remedy = "write user:password as they are set for the webhook at Chargebee; without them anybody could \
                      deliver"
            .to_owned();
        return Err(SettingsError::Secret { key: "webhook_secret".into(), remedy });
    }
    Ok(Some(Endpoint { secrets }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(toml: &str, expect: Result<&str, &str>) {
        match (Config::read(toml.parse().unwrap()), expect) {
            (Ok(config), Ok(url)) => assert_eq!(config.base_url, url, "{toml}"),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{toml}: {error}"),
            (found, _) => panic!("{toml}: {:?}", found.err()),
        }
    }

    #[test]
    fn settings_are_checked_before_anything_is_sent() {
        const KEY: &str = "site = 'acme-test'\napi_key = 'test_x'";
        check(KEY, Ok("https://acme-test.chargebee.com"));
        check(&format!("{KEY}\nbase_url = 'http://127.0.0.1:1'"), Ok("http://127.0.0.1:1"));
        check("api_key = 'x'", Err("`site` is missing"));
        check("site = 'https://acme.chargebee.com'\napi_key = 'x'", Err("write the name alone"));
        check(&format!("{KEY}\nproduct_catalog = '3'"), Err("`product_catalog`"));
        check(&format!("{KEY}\nrequests_per_second = 0"), Err("`requests_per_second`"));
        check(&format!("{KEY}\nwebhook_secret = 'secret'"), Err("write user:password"));
        check(&format!("{KEY}\nwebhook_secret = ['a:b', 'c:d']"), Ok("https://acme-test.chargebee.com"));
        check(&format!("{KEY}\nproduct_catalogue = '1.0'"), Err("did you mean `product_catalog`"));
    }
}
