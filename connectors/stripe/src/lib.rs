//! Stripe, read: its streams, and what its records say about recurring revenue.
//!
//! Stripe has no history of subscriptions. What was in force before the first sync is rebuilt
//! from the lines of invoices, whose service periods and prorations say when which price and
//! quantity began and ended. The README of this crate has the rules.

#![deny(missing_docs)]

mod check;
mod config;
mod currency;
mod facts;
mod fetch;
mod log;
mod model;
mod streams;
mod webhook;

use async_trait::async_trait;
use mrr_connector_sdk::{
    Api, Auth, Check, Connector, Cursor, Feed, Followed, Http, Mapper, Page, RawRecord, Retrieved, RetryHint,
    SettingsError, SourceError, Stream, VendorError, Webhook,
};

use config::Config;

/// The version whose shapes this crate reads. Without it an account's own default would apply.
const VERSION: &str = "2026-05-27.dahlia";

/// A connector to Stripe with these settings.
pub fn configure(settings: toml::Table) -> Result<Box<dyn Connector>, SettingsError> {
    Ok(Box::new(Stripe { config: Config::read(settings)? }))
}

struct Stripe {
    config: Config,
}

#[async_trait]
impl Connector for Stripe {
    fn api(&self) -> Api {
        Api {
            base_url: self.config.base_url.clone(),
            auth: Auth::Bearer(self.config.api_key.clone()),
            headers: vec![("Stripe-Version", VERSION.to_owned())],
            budget: self.config.budget,
            paths: Vec::new(),
            quotas: &[],
            retry_hint: Some(RetryHint { header: "Stripe-Should-Retry" }),
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
        fetch::fetch(http, stream, cursor).await
    }

    fn feed(&self) -> Option<Feed> {
        Some(log::FEED)
    }

    async fn follow(&self, http: &Http, cursor: Option<&Cursor>) -> Result<Followed, SourceError> {
        log::follow(http, cursor).await
    }

    async fn retrieve(&self, http: &Http, stream: &Stream, id: &str) -> Result<Retrieved, SourceError> {
        fetch::retrieve(http, stream, id).await
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        self.config.endpoint.as_ref().map(|endpoint| endpoint as &dyn Webhook)
    }

    fn rules(&self) -> String {
        format!("{} {} {:?}", env!("CARGO_PKG_VERSION"), self.config.exponents, self.config.foreign_ids)
    }

    fn mapper(&self, references: &[RawRecord]) -> Box<dyn Mapper> {
        Box::new(facts::StripeMapper::new(references, &self.config))
    }
}

/// Stripe names a missing permission only inside its sentence: "Having the
/// 'rak_subscription_read' permission would allow this request to continue."
fn read_error(status: u16, body: &str) -> VendorError {
    let mut error = VendorError::generic(status, body);
    let word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    error.permission = error
        .message
        .as_deref()
        .and_then(|message| message.split(|character| !word(character)).find(|part| part.starts_with("rak_")))
        .map(str::to_owned);
    error
}

#[cfg(test)]
mod tests {
    use super::read_error;

    #[test]
    fn a_missing_permission_is_named() {
        let body = r#"{"error":{"type":"invalid_request_error","message":"The provided key 'rk_test_*abc' does not have the required permissions for this endpoint. Having the 'rak_subscription_read' permission would allow this request to continue."}}"#;
        assert_eq!(read_error(403, body).permission.as_deref(), Some("rak_subscription_read"));
        assert_eq!(read_error(403, "<html>").permission, None);
    }
}
