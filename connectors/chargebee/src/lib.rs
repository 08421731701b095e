//! Chargebee, read: its streams, and what its records say about recurring revenue.
//!
//! Each of Chargebee's events holds the whole subscription as it was after a change, so its log is the history. What
//! was in force before the oldest event is rebuilt from the lines of invoices. The README of this crate has the rules.

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
    Api, Auth, Check, Connector, Cursor, Feed, Followed, Http, Mapper, Page, RawRecord, Retrieved, SettingsError,
    SourceError, Stream, VendorError, Webhook, json,
};

use config::Config;

/// A connector to Chargebee with these settings.
pub fn configure(settings: toml::Table) -> Result<Box<dyn Connector>, SettingsError> {
    Ok(Box::new(Chargebee { config: Config::read(settings)? }))
}

struct Chargebee {
    config: Config,
}

#[async_trait]
impl Connector for Chargebee {
    fn api(&self) -> Api {
        Api {
            base_url: self.config.base_url.clone(),
            auth: Auth::Basic { user: self.config.api_key.clone(), password: None },
            headers: Vec::new(),
            budget: self.config.budget,
            paths: Vec::new(),
            quotas: &[],
            retry_hint: None,
            read_error,
        }
    }

    fn streams(&self) -> &'static [Stream] {
        streams::all(self.config.catalog)
    }

    async fn check(&self, http: &Http) -> Result<Check, SourceError> {
        check::check(http, &self.config).await
    }

    async fn fetch(&self, http: &Http, stream: &Stream, cursor: Option<&Cursor>) -> Result<Page, SourceError> {
        fetch::fetch(http, self.config.catalog, stream, cursor).await
    }

    fn feed(&self) -> Option<Feed> {
        Some(log::feed(self.config.events_kept))
    }

    async fn follow(&self, http: &Http, cursor: Option<&Cursor>) -> Result<Followed, SourceError> {
        log::follow(http, cursor, &self.config).await
    }

    async fn retrieve(&self, http: &Http, stream: &Stream, id: &str) -> Result<Retrieved, SourceError> {
        fetch::retrieve(http, self.config.catalog, stream, id).await
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        self.config.endpoint.as_ref().map(|endpoint| endpoint as &dyn Webhook)
    }

    fn rules(&self) -> String {
        format!("{} {}{:?}", env!("CARGO_PKG_VERSION"), self.config.exponents, self.config.foreign_ids)
    }

    fn mapper(&self, references: &[RawRecord]) -> Box<dyn Mapper> {
        Box::new(facts::ChargebeeMapper::new(references, &self.config))
    }
}

/// Chargebee's errors have their fields at the top: `{"message":...,"api_error_code":...,"param":...}`.
fn read_error(_status: u16, body: &str) -> VendorError {
    let Ok(error) = json::Object::of(body) else { return VendorError::default() };
    let text = |name: &str| error.get(name).and_then(|node| node.string().ok());
    VendorError { code: text("api_error_code"), message: text("message"), param: text("param"), permission: None }
}

#[cfg(test)]
mod tests {
    use super::read_error;

    #[test]
    fn errors_are_chargebees() {
        let body =
            r#"{"message":"Sorry","type":"invalid_request","api_error_code":"configuration_incompatible","param":"x"}"#;
        let error = read_error(400, body);
        assert_eq!(error.code.as_deref(), Some("configuration_incompatible"));
        assert_eq!((error.message.as_deref(), error.param.as_deref()), (Some("Sorry"), Some("x")));
        assert_eq!(read_error(502, "<html>").message, None);
    }
}
