//! Stripe's error answers.

use serde_json::{Value, json};

/// An answer that is an error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    code: Option<&'static str>,
    param: Option<String>,
    message: String,
}

impl Refusal {
    fn new(status: u16, code: Option<&'static str>, param: Option<&str>, message: String) -> Self {
        Self { status, code, param: param.map(str::to_owned), message }
    }

    pub(super) fn no_key() -> Self {
        let message = "You did not provide an API key. You need to provide your API key in the Authorization \
                       header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
        Self::new(401, None, None, message.into())
    }

    pub(super) fn wrong_key(key: &str) -> Self {
        Self::new(401, None, None, format!("Invalid API Key provided: {}", mask(key)))
    }

    /// Stripe names the permission that is missing inside of its sentence only.
    pub(super) fn forbidden(key: &str, noun: &str) -> Self {
        let permission = if noun == "refunds" { "charge" } else { noun.trim_end_matches('s') };
        let message = format!(
            "The provided key '{}' does not have the required permissions for this endpoint. Having the \
             'rak_{permission}_read' permission would allow this request to continue.",
            mask(key)
        );
        Self::new(403, None, None, message)
    }

    pub(super) fn version(given: Option<&str>) -> Self {
        let wanted = super::VERSION;
        let message = match given {
            None => format!("This sandbox wants the header Stripe-Version: {wanted}."),
            Some(given) => {
                format!("Invalid Stripe API version: {given}. This sandbox serves {wanted} only.")
            }
        };
        Self::new(400, None, None, message)
    }

    pub(super) fn method(method: &str, path: &str) -> Self {
        Self::new(405, None, None, format!("Method not allowed: this face is read only ({method}: {path})."))
    }

    pub(super) fn unknown_path(path: &str) -> Self {
        Self::new(404, None, None, format!("Unrecognized request URL (GET: {path})."))
    }

    pub(super) fn rate_limited() -> Self {
        let message = "Request rate limit exceeded.";
        Self::new(429, Some("rate_limit"), None, message.into())
    }

    pub(super) fn unknown_parameter(name: &str) -> Self {
        let message = format!("Received unknown parameter: {name}");
        Self::new(400, Some("parameter_unknown"), Some(name), message)
    }

    pub(super) fn unsupported_parameter(name: &str) -> Self {
        let message = format!("The API has the parameter {name}, but this sandbox does not serve it yet.");
        Self::new(400, Some("parameter_unknown"), Some(name), message)
    }

    pub(super) fn missing_parameter(name: &str) -> Self {
        Self::new(400, Some("parameter_missing"), Some(name), format!("Missing required param: {name}."))
    }

    pub(super) fn invalid_integer(name: &str, value: &str) -> Self {
        Self::new(400, Some("parameter_invalid_integer"), Some(name), format!("Invalid integer: {value}"))
    }

    pub(super) fn limit_out_of_range(value: i64) -> Self {
        let bound = if value < 1 { "greater than or equal to 1" } else { "less than or equal to 100" };
        let message = format!("Invalid integer: {value} (limit must be {bound})");
        Self::new(400, Some("parameter_invalid_integer"), Some("limit"), message)
    }

    pub(super) fn invalid_value(name: &str, allowed: &str) -> Self {
        Self::new(400, None, Some(name), format!("Invalid {name}: must be one of {allowed}"))
    }

    pub(super) fn both_cursors() -> Self {
        let message = "You may only specify one of these parameters: ending_before, starting_after.";
        Self::new(400, None, Some("ending_before"), message.into())
    }

    pub(super) fn both_types() -> Self {
        let message = "You may only specify one of these parameters: type, types.";
        Self::new(400, None, Some("types"), message.into())
    }

    pub(super) fn too_many_types() -> Self {
        Self::new(400, None, Some("types"), "Array types exceeded maximum 20 allowed elements.".into())
    }

    pub(super) fn missing_cursor(noun: &str, name: &str, id: &str) -> Self {
        Self::new(400, Some("resource_missing"), Some(name), format!("No such {noun}: '{id}'"))
    }

    pub(super) fn missing(noun: &str, id: &str) -> Self {
        Self::new(404, Some("resource_missing"), Some("id"), format!("No such {noun}: '{id}'"))
    }

    pub(super) fn too_deep() -> Self {
        Self::new(400, None, Some("expand"), "You cannot expand more than 4 levels of a property.".into())
    }

    pub(super) fn cannot_expand(path: &str) -> Self {
        Self::new(400, None, Some("expand"), format!("This property cannot be expanded ({path})."))
    }

    /// The body.
    pub fn body(&self) -> Value {
        let mut error = json!({"type": "invalid_request_error", "message": self.message});
        if let Some(code) = self.code {
            error["code"] = code.into();
        }
        if let Some(param) = &self.param {
            error["param"] = param.as_str().into();
        }
        json!({"error": error})
    }
}

/// What may be shown of a key: its kind and its last four letters, as Stripe does.
fn mask(key: &str) -> String {
    let kind: String = ["sk_test_", "sk_live_", "rk_test_", "rk_live_"]
        .into_iter()
        .find(|kind| key.starts_with(kind))
        .map_or_else(String::new, str::to_owned);
    format!("{kind}***")
}
