//! A billing system, read: the smallest connector that keeps all laws, and the one that
//! `cargo x new-connector` begins with.

#![deny(missing_docs)]

mod config;
mod facts;
mod fetch;
mod model;
mod streams;

use async_trait::async_trait;
use mrr_connector_sdk::{
    Api, Auth, Check, Connector, Cursor, Http, Mapper, Page, RawRecord, Retrieved, SettingsError, SourceError, Stream,
    StreamCheck, VendorError,
};

use config::Config;

/// A connector with these settings.
pub fn configure(settings: toml::Table) -> Result<Box<dyn Connector>, SettingsError> {
    Ok(Box::new(Example { config: Config::read(settings)? }))
}

struct Example {
    config: Config,
}

#[async_trait]
impl Connector for Example {
    fn api(&self) -> Api {
        Api {
            base_url: self.config.base_url.clone(),
            auth: Auth::Bearer(self.config.api_key.clone()),
            headers: Vec::new(),
            budget: self.config.budget,
            paths: Vec::new(),
            quotas: &[],
            retry_hint: None,
            read_error: VendorError::generic,
        }
    }

    fn streams(&self) -> &'static [Stream] {
        streams::ALL
    }

    async fn check(&self, http: &Http) -> Result<Check, SourceError> {
        let mut check = Check::default();
        for stream in streams::ALL {
            let readable = match fetch::fetch(http, stream, None).await {
                Ok(page) if page.next.is_empty() => Ok(format!("{} records", page.records.len())),
                Ok(page) => Ok(format!("more than {} records", page.records.len())),
                Err(error) if error.stops_source() || error.retryable() => return Err(error),
                Err(error) => Err(error.to_string()),
            };
            check.streams.push(StreamCheck { stream: stream.name.to_owned(), readable });
        }
        Ok(check)
    }

    async fn fetch(&self, http: &Http, stream: &Stream, cursor: Option<&Cursor>) -> Result<Page, SourceError> {
        fetch::fetch(http, stream, cursor).await
    }

    async fn retrieve(&self, http: &Http, stream: &Stream, id: &str) -> Result<Retrieved, SourceError> {
        fetch::retrieve(http, stream, id).await
    }

    fn rules(&self) -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    fn mapper(&self, _: &[RawRecord]) -> Box<dyn Mapper> {
        Box::new(facts::ExampleMapper)
    }
}
