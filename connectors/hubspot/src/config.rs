//! The settings of a HubSpot source.

use std::collections::BTreeMap;

use mrr_connector_sdk::{Budget, Secret, SettingsError, secret_from, secrets_from, settings};
use revenue::calendar::Zone;
use serde::Deserialize;

use crate::webhook::Endpoint;

/// What an admin may write under `[sources.<name>]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    access_token: toml::Value,
    base_url: Option<String>,
    objects_path: Option<String>,
    associations_path: Option<String>,
    requests_per_second: Option<u32>,
    searches_per_second: Option<u32>,
    concurrency: Option<usize>,
    attributes: Option<BTreeMap<String, String>>,
    foreign_ids: Option<BTreeMap<String, String>>,
    history_length: Option<usize>,
    search_lag_seconds: Option<i64>,
    search_overlap_seconds: Option<i64>,
    webhook_secret: Option<toml::Value>,
    webhook_url: Option<String>,
}

/// The settings, checked.
pub(crate) struct Config {
    pub(crate) access_token: Secret,
    pub(crate) base_url: String,
    /// Where records are: HubSpot has the same under several versions.
    pub(crate) objects_path: String,
    pub(crate) associations_path: String,
    pub(crate) budget: Budget,
    /// Searches begun in a second.
    pub(crate) searches: u32,
    /// By attribute, the property of companies that it is.
    pub(crate) attributes: BTreeMap<String, String>,
    /// By the connector of another system, the property of companies that has its id there.
    pub(crate) foreign_ids: BTreeMap<String, String>,
    /// A history of so many entries may have had more.
    pub(crate) history_length: usize,
    /// How recent a record may be for a search to have it out of order, in milliseconds.
    pub(crate) lag: i64,
    /// What is searched once more, in milliseconds.
    pub(crate) overlap: i64,
    /// Where deliveries come in, if any are expected.
    pub(crate) endpoint: Option<Endpoint>,
    /// In which a date without a time is meant.
    pub(crate) zone: Zone,
}

/// A private app of a Professional portal has 190 requests in ten seconds: a tenth is left over.
const REQUESTS: u32 = 17;

/// A portal has five searches a second, whichever app makes them: one is left over.
const SEARCHES: u32 = 4;

/// What is known of every company.
const ATTRIBUTES: [(&str, &str); 3] =
    [("owner", "hubspot_owner_id"), ("stage", "lifecyclestage"), ("country", "country")];

impl Config {
    pub(crate) fn read(table: toml::Table, zone: Zone) -> Result<Self, SettingsError> {
        let settings: Settings = settings(table)?;
        let requests_per_second = settings.requests_per_second.unwrap_or(REQUESTS);
        let concurrency = settings.concurrency.unwrap_or(4);
        at_least_one("requests_per_second", requests_per_second == 0)?;
        let searches = settings.searches_per_second.unwrap_or(SEARCHES);
        at_least_one("searches_per_second", searches == 0)?;
        at_least_one("concurrency", concurrency == 0)?;
        let history_length = settings.history_length.unwrap_or(20);
        at_least_one("history_length", history_length == 0)?;
        let mut attributes: BTreeMap<String, String> =
            ATTRIBUTES.map(|(name, property)| (name.to_owned(), property.to_owned())).into();
        attributes.extend(settings.attributes.unwrap_or_default());
        named("attributes", &mut attributes)?;
        let mut foreign_ids = settings.foreign_ids.unwrap_or_default();
        named("foreign_ids", &mut foreign_ids)?;
        Ok(Self {
            access_token: secret_from("access_token", &settings.access_token)?,
            base_url: settings.base_url.unwrap_or_else(|| "https://api.hubapi.com".to_owned()),
            objects_path: path("objects_path", settings.objects_path, "/crm/v3/objects")?,
            associations_path: path("associations_path", settings.associations_path, "/crm/v4/associations")?,
            budget: Budget { requests_per_second, concurrency },
            searches,
            attributes,
            foreign_ids,
            history_length,
            lag: millis("search_lag_seconds", settings.search_lag_seconds, 600)?,
            overlap: millis("search_overlap_seconds", settings.search_overlap_seconds, 3_600)?,
            endpoint: endpoint(settings.webhook_secret.as_ref(), settings.webhook_url)?,
            zone,
        })
    }

    /// What facts depend on.
    pub(crate) fn rules(&self) -> String {
        let Self { attributes, foreign_ids, history_length, zone, .. } = self;
        format!("{attributes:?} {foreign_ids:?} {history_length} {}", zone.name())
    }
}

fn at_least_one(key: &str, zero: bool) -> Result<(), SettingsError> {
    if zero {
        return Err(SettingsError::Invalid { key: key.to_owned(), remedy: "write 1 or more".into() });
    }
    Ok(())
}

/// Names on the left in lower case, and on the right what HubSpot calls a property internally.
fn named(key: &str, table: &mut BTreeMap<String, String>) -> Result<(), SettingsError> {
    let internal = |name: &String| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    if let Some((name, property)) = table.iter().find(|(_, property)| !internal(property)) {
        let remedy = format!(
            "`{name} = \"{property}\"` names no property; write its internal name, which has only a-z, 0-9 and _ \
             (property settings, button `</>`)"
        );
        return Err(SettingsError::Invalid { key: key.to_owned(), remedy });
    }
    *table = std::mem::take(table).into_iter().map(|(name, property)| (name.trim().to_lowercase(), property)).collect();
    Ok(())
}

fn path(key: &str, given: Option<String>, otherwise: &str) -> Result<String, SettingsError> {
    let path = given.unwrap_or_else(|| otherwise.to_owned());
    if path.starts_with('/') && !path.ends_with('/') && !path.contains(['?', '#']) {
        return Ok(path);
    }
    Err(SettingsError::Invalid { key: key.to_owned(), remedy: format!("write a path such as {otherwise}") })
}

fn millis(key: &str, given: Option<i64>, otherwise: i64) -> Result<i64, SettingsError> {
    let seconds = given.unwrap_or(otherwise);
    if (0..=86_400).contains(&seconds) {
        return Ok(seconds * 1000);
    }
    Err(SettingsError::Invalid { key: key.to_owned(), remedy: "write 0 to 86400 seconds".into() })
}

/// An app's client secret, or the old and the new one while both hold, with the address it calls.
fn endpoint(secrets: Option<&toml::Value>, url: Option<String>) -> Result<Option<Endpoint>, SettingsError> {
    let address = "the address that is set as target URL in HubSpot, such as https://rev.example.com/hooks/hubspot";
    let secrets = match (secrets, &url) {
        (None, None) => return Ok(None),
        (None, Some(_)) => {
            let remedy = "`webhook_url` is of no use without it; write the client secret of the app (page `Auth`)";
            return Err(SettingsError::Missing { key: "webhook_secret".into(), remedy: remedy.into() });
        }
        (given, _) => secrets_from("webhook_secret", given)?,
    };
    let Some(url) = url else {
        let remedy = format!("HubSpot signs it with each delivery; write {address}");
        return Err(SettingsError::Missing { key: "webhook_url".into(), remedy });
    };
    // HubSpot signs some characters as they are and some escaped; an address without any is the same either way.
    let plain = url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'%' | b'#'));
    let host = url.strip_prefix("https://").or(url.strip_prefix("http://")).unwrap_or_default();
    if !plain || host.is_empty() || host.starts_with('/') {
        let remedy = format!("write {address}, whole and without escapes such as %20");
        return Err(SettingsError::Invalid { key: "webhook_url".into(), remedy });
    }
    Ok(Some(Endpoint { secrets, url }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(toml: &str, expect: Result<&str, &str>) {
        match (Config::read(format!("access_token = 'pat'\n{toml}").parse().unwrap(), Zone::UTC), expect) {
            (Ok(config), Ok(attributes)) => {
                let found: Vec<String> = config.attributes.iter().map(|(name, of)| format!("{name}={of}")).collect();
                assert_eq!(found.join(" "), attributes, "{toml}");
            }
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{toml}: {error}"),
            (found, _) => panic!("{toml}: {:?}", found.err()),
        }
    }

    #[test]
    fn settings_are_checked_before_anything_is_sent() {
        let plain = "country=country owner=hubspot_owner_id stage=lifecyclestage";
        check("", Ok(plain));
        check(
            "attributes = { Segment = 'customer_tier', owner = 'csm' }",
            Ok("country=country owner=csm segment=customer_tier stage=lifecyclestage"),
        );
        check("attributes = { segment = 'Customer tier' }", Err("internal name"));
        check("foreign_ids = { stripe = '' }", Err("internal name"));
        check("history_length = 0", Err("1 or more"));
        check("searches_per_second = 0", Err("1 or more"));
        check("objects_path = 'crm'", Err("such as /crm/v3/objects"));
        check("search_lag_seconds = -1", Err("0 to 86400"));
        let url = "webhook_url = 'https://rev.example.com/hooks/crm'";
        check(&format!("webhook_secret = 's'\n{url}"), Ok(plain));
        check(&format!("webhook_secret = ['old', 'new']\n{url}"), Ok(plain));
        check("webhook_secret = 's'", Err("`webhook_url` is missing; HubSpot signs it"));
        check(url, Err("`webhook_secret` is missing"));
        check(&format!("webhook_secret = []\n{url}"), Err("the list is empty"));
        check(&format!("webhook_secret = ''\n{url}"), Err("it is empty"));
        for bad in
            ["rev.example.com/hooks", "https://", "https:///hooks", "https://x/%20", "https://x/a b", "https://x/#a"]
        {
            check(&format!("webhook_secret = 's'\nwebhook_url = '{bad}'"), Err("target URL in HubSpot"));
        }
        check("acces_token = 'x'", Err("did you mean `access_token`"));
    }
}
