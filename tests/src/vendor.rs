//! The vendors whose APIs the sandbox shows, and how a daemon is told of each.

/// Whose API a company serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// Its log reaches back for thirty days.
    Stripe,
    /// Its log reaches back to the first day.
    Chargebee,
}

impl Vendor {
    /// The connector's name, which the source has in tests too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Chargebee => "chargebee",
        }
    }

    /// The source in `mrrd.toml`, at an address and with the API's key.
    pub fn source(self, address: &str, key: &str) -> String {
        let name = self.name();
        let site = if self == Self::Chargebee { "site = \"sandbox-test\"\n" } else { "" };
        format!(
            r#"[sources.{name}]
connector = "{name}"
{site}api_key = "{key}"
base_url = "{address}"
schedule = "0 */5 * * * *"
requests_per_second = 500
"#
        )
    }

    /// What webhooks prove themselves with.
    pub fn webhook_secret(self) -> &'static str {
        match self {
            Self::Stripe => "whsec_sandbox",
            Self::Chargebee => "mrrd:sandbox",
        }
    }

    /// Arguments of `sandbox serve` for who listens to webhooks: old endpoints and old events stay in the shapes of
    /// their day.
    pub fn old_shapes(self) -> &'static [&'static str] {
        match self {
            Self::Stripe => &["--webhook-api-version=2024-06-20", "--events-api-version=mixed"],
            Self::Chargebee => &[],
        }
    }

    /// Whether its log loses what is too old.
    pub fn forgets(self) -> bool {
        self == Self::Stripe
    }
}
