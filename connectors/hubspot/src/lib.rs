//! HubSpot, read: who the customers are, what was noted about them and when, and what was signed.
//!
//! HubSpot keeps a history of every property, so most of the past is dated to the millisecond. The
//! README of this crate has the rules.

#![deny(missing_docs)]

mod check;
mod config;
mod facts;
mod fetch;
mod log;
mod model;
mod streams;
mod webhook;

use std::time::Duration;

use async_trait::async_trait;
use mrr_connector_sdk::json::Object;
use mrr_connector_sdk::{
    Api, Auth, Check, Connector, Cursor, Feed, Followed, Http, Mapper, Page, PathBudget, Quota, RawRecord, Renewal,
    Retrieved, SettingsError, SourceError, Stream, Told, VendorError, Webhook,
};
use revenue::calendar::Zone;

use config::Config;

/// A connector to HubSpot with these settings. Dates without a time are meant in `zone`.
pub fn configure(settings: toml::Table, zone: Zone) -> Result<Box<dyn Connector>, SettingsError> {
    Ok(Box::new(HubSpot { config: Config::read(settings, zone)? }))
}

/// What HubSpot says is left, but on answers to searches. The day's requests are those of all private
/// apps of a portal, so that a larger part of them is left to others and to what changed.
const QUOTAS: &[Quota] = &[
    Quota {
        name: "limit of ten seconds",
        told: Told::Left { left: "X-HubSpot-RateLimit-Remaining", most: "X-HubSpot-RateLimit-Max" },
        renewal: Renewal::Within {
            millis: Some("X-HubSpot-RateLimit-Interval-Milliseconds"),
            otherwise: Duration::from_secs(10),
        },
        code: None,
        kept_percent: 10,
    },
    Quota {
        name: "daily limit",
        told: Told::Left { left: "X-HubSpot-RateLimit-Daily-Remaining", most: "X-HubSpot-RateLimit-Daily" },
        renewal: Renewal::Daily,
        code: Some("DAILY"),
        kept_percent: 20,
    },
];

/// A look takes five requests. A portal with a delivery every second would spend more than the smallest
/// daily limit on them; so it is a sixth.
const BETWEEN_LOOKS: Duration = Duration::from_secs(10);

struct HubSpot {
    config: Config,
}

#[async_trait]
impl Connector for HubSpot {
    fn api(&self) -> Api {
        Api {
            base_url: self.config.base_url.clone(),
            auth: Auth::Bearer(self.config.access_token.clone()),
            headers: Vec::new(),
            budget: self.config.budget,
            paths: vec![PathBudget { ends_with: "/search", requests_per_second: self.config.searches }],
            quotas: QUOTAS,
            retry_hint: None,
            read_error,
        }
    }

    fn streams(&self) -> &'static [Stream] {
        streams::ALL
    }

    fn lost_without(&self, stream: &Stream) -> Option<&'static str> {
        streams::lost_without(stream.name)
    }

    async fn check(&self, http: &Http) -> Result<Check, SourceError> {
        check::check(http, &self.config).await
    }

    async fn fetch(&self, http: &Http, stream: &Stream, cursor: Option<&Cursor>) -> Result<Page, SourceError> {
        fetch::fetch(http, &self.config, stream, cursor).await
    }

    fn feed(&self) -> Option<Feed> {
        Some(log::FEED)
    }

    async fn follow(&self, http: &Http, cursor: Option<&Cursor>) -> Result<Followed, SourceError> {
        log::follow(http, &self.config, cursor).await
    }

    fn between_looks(&self) -> Duration {
        BETWEEN_LOOKS
    }

    async fn retrieve(&self, http: &Http, stream: &Stream, id: &str) -> Result<Retrieved, SourceError> {
        self.retrieve_many(http, stream, &[id]).await.pop().unwrap_or_else(|| {
            Err(SourceError::ConnectorFault { detail: format!("nothing was said of record {id}; try it again") })
        })
    }

    fn at_once(&self, stream: &Stream) -> usize {
        fetch::at_once(&self.config, stream)
    }

    async fn retrieve_many(&self, http: &Http, stream: &Stream, ids: &[&str]) -> Vec<Result<Retrieved, SourceError>> {
        fetch::retrieve(http, &self.config, stream, ids).await
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        self.config.endpoint.as_ref().map(|endpoint| endpoint as &dyn Webhook)
    }

    fn keeps_customers(&self) -> bool {
        true
    }

    fn rules(&self) -> String {
        format!("{} {}", env!("CARGO_PKG_VERSION"), self.config.rules())
    }

    fn mapper(&self, references: &[RawRecord]) -> Box<dyn Mapper> {
        Box::new(facts::HubSpotMapper::new(references, &self.config))
    }
}

/// `{status, message, category, errors: [{context: {requiredGranularScopes: [...]}}]}`, of which any
/// may be missing.
fn read_error(_status: u16, body: &str) -> VendorError {
    let Ok(top) = Object::of(body) else { return VendorError::default() };
    let text = |name: &str| top.get(name).and_then(|node| node.string().ok());
    let scopes = top.get("errors").and_then(|errors| errors.list().ok()).unwrap_or_default();
    let scopes = scopes.iter().filter_map(|error| {
        error.object().ok()?.get("context")?.object().ok()?.get("requiredGranularScopes")?.list().ok()
    });
    let scopes: Vec<String> = scopes.flatten().filter_map(|scope| scope.string().ok()).collect();
    VendorError {
        code: text("policyName").or_else(|| text("category")),
        message: text("message"),
        param: None,
        permission: (!scopes.is_empty()).then(|| scopes.join(" or ")),
    }
}

#[cfg(test)]
mod tests {
    use super::read_error;

    #[test]
    fn missing_scopes_are_named() {
        let body = r#"{"status":"error","message":"This app hasn't been granted all required scopes to make this call.","correlationId":"be30f1c5-0d5b-4f4c-9f0e-000000000002","category":"MISSING_SCOPES","errors":[{"message":"One or more of the following scopes are required.","context":{"requiredGranularScopes":["crm.objects.line_items.read"]}}]}"#;
        let error = read_error(403, body);
        assert_eq!(error.permission.as_deref(), Some("crm.objects.line_items.read"));
        assert_eq!(error.code.as_deref(), Some("MISSING_SCOPES"));
        let daily = r#"{"status":"error","message":"You have reached your daily limit.","errorType":"RATE_LIMIT","policyName":"DAILY"}"#;
        assert_eq!(read_error(429, daily).code.as_deref(), Some("DAILY"));
        assert_eq!(read_error(502, "<html><body>502 Bad Gateway</body></html>").message, None);
    }
}
