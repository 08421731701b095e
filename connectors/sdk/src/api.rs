//! What [`Http`](crate::Http) must know of a vendor's API.

use std::time::Duration;

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
    /// Parts of the API that have a slower pace of their own, within the budget.
    pub paths: Vec<PathBudget>,
    /// The limits of which the vendor's answers say how much is left; none where they don't.
    pub quotas: &'static [Quota],
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

/// Requests that a vendor counts apart, such as searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathBudget {
    /// How their paths end: `/search`.
    pub ends_with: &'static str,
    /// Requests begun in a second, retries included; one after the other, never several at once.
    pub requests_per_second: u32,
}

/// A limit of a vendor's of which its answers say how much is left. Walks slow down before they
/// would be refused, and leave a part of it to records that are read because they changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// What it is called in a sentence: `daily limit`.
    pub name: &'static str,
    /// Where an answer tells it.
    pub told: Told,
    /// When all of it is there again.
    pub renewal: Renewal,
    /// The code of a refusal with 429 that says that all of it is used up, where the vendor has one.
    pub code: Option<&'static str>,
    /// How many hundredths of it a walk leaves alone. Where others use up the same limit, it
    /// should be a larger share.
    pub kept_percent: u8,
}

/// How the headers of an answer tell a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// In a header each: `X-HubSpot-RateLimit-Remaining` of `X-HubSpot-RateLimit-Max`.
    Left {
        /// The header that says how many requests are left.
        left: &'static str,
        /// The header that says of how many.
        most: &'static str,
    },
    /// In one header, as used of most: `Sforce-Limit-Info: api-usage=25/5000`.
    Used {
        /// The header's name.
        header: &'static str,
        /// What stands before the equals sign; other entries are passed over.
        entry: &'static str,
    },
}

/// When all of a quota is there again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Soon, so that it is waited for.
    Within {
        /// The header that says within how many milliseconds, if one does.
        millis: Option<&'static str>,
        /// How long it takes where none does.
        otherwise: Duration,
    },
    /// Within a day or so: a walk ends with a sentence, and the next run goes on from there.
    Daily,
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
