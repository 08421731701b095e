//! HubSpot's error answers.

use serde_json::{Value, json};

/// Which of HubSpot's limits is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Policy {
    /// Of ten seconds.
    TenSecondly,
    /// Of one.
    Secondly,
    /// Of a day: until the portal's midnight everything is refused.
    Daily,
}

/// An answer that is an error.
#[derive(Clone, PartialEq, Debug)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    body: Value,
}

impl Refusal {
    fn new(status: u16, category: &str, message: &str) -> Self {
        Self { status, body: json!({"status": "error", "message": message, "category": category}) }
    }

    pub(super) fn no_key() -> Self {
        let message = "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can \
                       find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview";
        Self::new(401, "INVALID_AUTHENTICATION", message)
    }

    pub(super) fn missing_scopes(scope: &str) -> Self {
        let message = "This app hasn't been granted all required scopes to make this call.";
        let mut refusal = Self::new(403, "MISSING_SCOPES", message);
        refusal.body["errors"] = json!([{
            "message": "One or more of the following scopes are required.",
            "context": {"requiredGranularScopes": [scope]},
        }]);
        refusal
    }

    pub(super) fn rate_limited(policy: Policy) -> Self {
        let (name, group) = match policy {
            Policy::TenSecondly => {
                ("TEN_SECONDLY_ROLLING", Some("publicapi:private-apps-api-calls-tensecond:26471803"))
            }
            Policy::Secondly => ("SECONDLY", Some("automation:default")),
            Policy::Daily => ("DAILY", None),
        };
        let mut body = json!({
            "status": "error", "message": format!("You have reached your {} limit.", name.to_lowercase()),
            "errorType": "RATE_LIMIT", "policyName": name,
        });
        if let Some(group) = group {
            body["groupName"] = group.into();
        }
        Self { status: 429, body }
    }

    pub(super) fn invalid(message: impl AsRef<str>) -> Self {
        Self::new(400, "VALIDATION_ERROR", message.as_ref())
    }

    pub(super) fn missing(what: &str) -> Self {
        Self::new(404, "OBJECT_NOT_FOUND", what)
    }

    pub(super) fn method(method: &str, path: &str) -> Self {
        Self::new(405, "METHOD_NOT_ALLOWED", &format!("This face is read only ({method}: {path})."))
    }

    /// The body of the answer to the request with this number.
    pub fn body(&self, number: u64) -> Value {
        let mut body = self.body.clone();
        body["correlationId"] = format!("00000000-0000-4000-8000-{number:012x}").into();
        body
    }
}
