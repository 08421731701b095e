//! Answers that are no success, in Chargebee's words.

use serde_json::{Value, json};

/// Why nothing is answered.
#[derive(Debug)]
pub(super) struct Refusal {
    pub status: u16,
    code: &'static str,
    kind: Option<&'static str>,
    message: String,
    param: Option<String>,
}

impl Refusal {
    fn of(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, kind: None, message: message.into(), param: None }
    }

    pub fn key() -> Self {
        Self::of(401, "api_authentication_failed", "Sorry, authentication failed. Invalid API key")
    }

    pub fn forbidden() -> Self {
        Self::of(403, "api_authorization_failed", "Sorry, you don't have permission to do this operation")
    }

    pub fn rate_limited() -> Self {
        Self::of(429, "api_request_limit_exceeded", "Sorry, the API request limit for this site has been exceeded")
    }

    pub fn method() -> Self {
        Self::of(405, "http_method_not_supported", "This sandbox is read only")
    }

    pub fn path(path: &str) -> Self {
        Self::of(404, "site_not_found", format!("There is nothing at {path}"))
    }

    pub fn missing(noun: &str, id: &str) -> Self {
        let message = format!("{noun} with id {id} not found");
        Self { kind: Some("invalid_request"), ..Self::of(404, "resource_not_found", message) }
    }

    pub fn catalog(noun: &str) -> Self {
        let message = format!("{noun} can't be used: the site has the other product catalog");
        Self { kind: Some("invalid_request"), ..Self::of(400, "configuration_incompatible", message) }
    }

    pub fn state(message: &str) -> Self {
        Self { kind: Some("invalid_request"), ..Self::of(400, "invalid_state_for_request", message) }
    }

    pub fn wrong_value(param: &str, wanted: &str) -> Self {
        Self {
            kind: Some("invalid_request"),
            param: Some(param.to_owned()),
            ..Self::of(400, "param_wrong_value", format!("{param} : should be {wanted}"))
        }
    }

    pub fn body(&self) -> Value {
        let mut body = json!({
            "message": self.message,
            "api_error_code": self.code,
            "error_code": self.code,
            "http_status_code": self.status,
        });
        if let Some(kind) = self.kind {
            body["type"] = json!(kind);
        }
        if let Some(param) = &self.param {
            body["param"] = json!(param);
        }
        body
    }
}
