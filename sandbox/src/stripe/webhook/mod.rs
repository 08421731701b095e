//! Webhooks: each event of the time over which the clock was moved is posted to one endpoint, in the manners that a
//! receiver must be able to stand.

mod deliver;
mod plan;
mod sign;

pub(super) use deliver::Postman;

use super::older::Version;

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
