//! Webhooks: each event of the time over which the clock was moved is posted to one endpoint, in the manners that a
//! receiver must be able to stand.

mod sign;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::events::Event;
use super::older::Version;
use crate::delivery::{Letter, Postman, Route};

/// Where events are posted, and how badly.
#[derive(Clone, Debug, clap::Args)]
pub struct Webhook {
    /// Post the events of each advance of the clock here.
    #[arg(long, value_name = "URL", requires = "webhook_secret", value_parser = endpoint)]
    pub webhook: Option<reqwest::Url>,
    /// What deliveries are signed with: a text such as `whsec_x`, its prefix included.
    #[arg(long, value_name = "SECRET")]
    pub webhook_secret: Option<String>,
    /// The API version of what is posted.
    #[arg(long, value_enum, default_value_t, value_name = "VERSION")]
    pub webhook_api_version: Version,
    /// Post the events of an advance in any order.
    #[arg(long)]
    pub webhook_shuffle: bool,
    /// Post so many of a hundred events twice.
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = clap::value_parser!(u64).range(0..=100))]
    pub webhook_duplicates: u64,
    /// Never post so many of a hundred events.
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = clap::value_parser!(u64).range(0..=100))]
    pub webhook_drop: u64,
}

/// There is no reason to speak to anything but a receiver under test.
fn endpoint(text: &str) -> Result<reqwest::Url, String> {
    let url: reqwest::Url = text.parse().map_err(|error| format!("{text} is no URL: {error}"))?;
    if url.scheme() == "http" { Ok(url) } else { Err(format!("{text}: an endpoint begins with http://")) }
}

impl Webhook {
    /// Where letters go, if there is an endpoint.
    pub(crate) fn route(&self) -> Option<Route> {
        let (shuffle, duplicates, drop) = (self.webhook_shuffle, self.webhook_duplicates, self.webhook_drop);
        Some(Route { url: self.webhook.clone()?, shuffle, duplicates, drop })
    }

    /// Someone who posts events with Stripe's signature. Receivers compare its time with their own clock, so it is the
    /// real one.
    pub(super) fn postman(&self, seed: u64) -> Option<Postman<Event>> {
        let secret = self.webhook_secret.clone()?;
        let seal = move |body: &[u8]| {
            let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            vec![("Stripe-Signature", sign::signature(&secret, time, body))]
        };
        Postman::new(self.route()?, Arc::new(seal), "Stripe/1.0 (sandbox)", seed)
    }
}

impl Letter for Event {
    fn id(&self) -> &str {
        &self.id
    }

    fn body(&self) -> String {
        self.posted()
    }
}
