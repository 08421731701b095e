//! A source that is pushed to: the items that a company's own systems send, and what they say
//! about recurring revenue. The README of this crate has the rules.

#![deny(missing_docs)]

mod config;
mod facts;
mod fetch;
mod model;
mod streams;

use async_trait::async_trait;
use chrono_tz::Tz;
use mrr_connector_sdk::{
    Api, Auth, Budget, Check, Connector, Cursor, Http, Mapper, NoItems, Page, Push, Pushed, RawRecord, Refused, Secret,
    SettingsError, SourceError, Stream, VendorError,
};

use config::Config;

/// A source that is pushed to, with these settings. Dates without a time are meant in `zone`.
pub fn configure(settings: toml::Table, zone: Tz) -> Result<Box<dyn Connector>, SettingsError> {
    Ok(Box::new(Pushes { config: Config::read(settings, zone)? }))
}

struct Pushes {
    config: Config,
}

#[async_trait]
impl Connector for Pushes {
    /// Nobody is ever asked, so this names nobody.
    fn api(&self) -> Api {
        Api {
            base_url: "https://localhost".into(),
            auth: Auth::Bearer(Secret::new("")),
            headers: Vec::new(),
            budget: Budget { requests_per_second: 1, concurrency: 1 },
            paths: Vec::new(),
            quotas: &[],
            retry_hint: None,
            read_error: VendorError::generic,
        }
    }

    fn streams(&self) -> &'static [Stream] {
        streams::ALL
    }

    async fn check(&self, _: &Http) -> Result<Check, SourceError> {
        let key = match self.config.keys.len() {
            1 => "one key".to_owned(),
            several => format!("{several} keys"),
        };
        Ok(Check { key: Some(key), ..Check::default() })
    }

    async fn fetch(&self, _: &Http, _: &Stream, _: Option<&Cursor>) -> Result<Page, SourceError> {
        Err(SourceError::ConnectorFault {
            detail: "this source is pushed to, so that nothing can be fetched from it; report this as a fault of mrrd"
                .into(),
        })
    }

    fn push(&self) -> Option<&dyn Push> {
        Some(self)
    }

    fn rules(&self) -> String {
        format!("{} {}", env!("CARGO_PKG_VERSION"), self.config.zone.name())
    }

    fn mapper(&self, _: &[RawRecord]) -> Box<dyn Mapper> {
        Box::new(facts::PushMapper { zone: self.config.zone })
    }
}

impl Push for Pushes {
    fn admits(&self, key: &str) -> bool {
        self.config.admits(key)
    }

    fn read(&self, body: &str, most: usize) -> Result<Vec<Result<Pushed, Refused>>, NoItems> {
        let items = fetch::split(body, most)?;
        Ok(items.into_iter().map(|item| model::pushed(item, self.config.zone)).collect())
    }
}
