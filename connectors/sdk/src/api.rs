//! What [`Http`](crate::Http) must know of a vendor's API.

use crate::{Secret, json};

/// A vendor's API: where it is, how to authenticate, and how much of it we may use.
#[derive(Debug, Clone)]
pub struct Api {
    /// The root of all paths: `https://api.example.com`. Plain http is refused except to hosts
    /// of one's own.
    pub base_url: String,
    /// How to authenticate.
    pub auth: Auth,
    /// Headers of every request, such as a pinned version. Never a secret: they may be logged.
    pub headers: Vec<(&'static str, String)>,
    /// How much of the vendor's limits we may use.
    pub budget: Budget,
    /// The vendor's own word on whether to try again.
    pub retry_hint: Option<RetryHint>,
    /// Takes an error answer apart. [`VendorError::generic`] reads the usual shapes.
    pub read_error: fn(status: u16, body: &str) -> VendorError,
}

/// How to authenticate.
#[derive(Debug, Clone)]
pub enum Auth {
    /// `Authorization: Bearer <token>`.
    Bearer(Secret),
    /// `Authorization: Basic base64(user:password)`.
    Basic {
        /// The user, which for some vendors is the key.
        user: Secret,
        /// The password; `None` sends an empty one.
        password: Option<Secret>,
    },
}

/// How much of a vendor's limits all streams of one source may use together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Requests begun in a second, retries included.
    pub requests_per_second: u32,
    /// Requests under way at a time.
    pub concurrency: usize,
}

/// A header in which a vendor says whether a failed request should be tried again:
/// `Stripe-Should-Retry: true`. It overrules the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryHint {
    /// The header's name.
    pub header: &'static str,
}

/// What a vendor says about a request that it refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VendorError {
    /// The vendor's code: `resource_missing`.
    pub code: Option<String>,
    /// The vendor's sentence.
    pub message: Option<String>,
    /// The parameter at fault.
    pub param: Option<String>,
    /// The permission that the key lacks.
    pub permission: Option<String>,
}

impl VendorError {
    /// Reads `error.{code,message,param}`, or the same fields without `error`.
    pub fn generic(_status: u16, body: &str) -> Self {
        let Ok(top) = json::Object::of(body) else {
            return Self::default();
        };
        let nested = top.get("error").and_then(|node| node.object().ok());
        let fields = nested.as_ref().unwrap_or(&top);
        let text = |name: &str| fields.get(name).and_then(|node| node.string().ok());
        Self {
            code: text("code").or_else(|| text("type")),
            message: text("message").or_else(|| top.get("error").and_then(|node| node.string().ok())),
            param: text("param"),
            permission: None,
        }
    }
}
