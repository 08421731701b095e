//! One failed attempt: what it was, and whether another one makes sense.

use std::error::Error as _;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderMap;

use super::mask::Mask;
use super::{Limits, header, retry, seconds};
use crate::{Api, SourceError, VendorError};

/// How long a vendor's sentence may become in ours.
const MESSAGE_CHARS: usize = 300;

pub(super) struct Failure {
    // Boxed, as a failure travels in every result of an attempt.
    error: Box<SourceError>,
    /// Whether it is tried again.
    pub(super) retried: bool,
    /// How long the vendor asks us to wait.
    pub(super) retry_after: Option<Duration>,
    /// The quota that is used up, in the vendor's own words.
    pub(super) spent: Option<&'static str>,
}

impl Failure {
    /// One that the next attempt may not meet again.
    pub(super) fn passing(error: SourceError) -> Self {
        Self { error: Box::new(error), retried: true, retry_after: None, spent: None }
    }

    /// One that every attempt would meet.
    pub(super) fn fatal(error: SourceError) -> Self {
        Self { error: Box::new(error), retried: false, retry_after: None, spent: None }
    }

    pub(super) fn late(at: &str, phase: &'static str, limit: Duration) -> Self {
        Self::passing(SourceError::Timeout { at: at.to_owned(), phase, seconds: seconds(limit) })
    }

    pub(super) fn redirected(at: &str, location: Option<&str>, mask: &Mask) -> Self {
        let host = location.and_then(|text| Url::parse(text).ok()).and_then(|url| url.host_str().map(str::to_owned));
        let to = host.map_or_else(|| "another path".to_owned(), |host| mask.apply(&host));
        Self::fatal(SourceError::Redirected { at: at.to_owned(), to })
    }

    /// No answer at all.
    pub(super) fn transport(at: &str, error: reqwest::Error, limits: &Limits, mask: &Mask) -> Self {
        let at = at.to_owned();
        if error.is_timeout() {
            let (phase, limit) = if error.is_connect() {
                ("the connection", limits.connect)
            } else {
                ("the whole answer", limits.total)
            };
            return Self::late(&at, phase, limit);
        }
        let detail = mask.excerpt(&causes(error), 200);
        let lower = detail.to_lowercase();
        // The TLS library's own errors are not reqwest's to match on; their text is stable.
        if ["certificate", "tls", "handshake", "fatal alert", "corrupt message"].iter().any(|word| lower.contains(word))
        {
            return Self::fatal(SourceError::TlsFailed { at, detail });
        }
        Self::passing(SourceError::Unreachable { at, detail })
    }

    /// An answer that began and did not end.
    pub(super) fn broken_off(at: &str, error: reqwest::Error, limits: &Limits, mask: &Mask) -> Self {
        if error.is_timeout() {
            return Self::late(at, "the whole answer", limits.total);
        }
        let detail = mask.excerpt(&causes(error), 200);
        Self::passing(SourceError::Interrupted { at: at.to_owned(), detail })
    }

    /// An answer with a status that is no success.
    pub(super) fn status(at: &str, status: u16, head: &HeaderMap, body: &str, api: &Api, mask: &Mask) -> Self {
        let vendor = masked((api.read_error)(status, body), mask);
        let at = at.to_owned();
        let message = vendor.message.unwrap_or_else(|| match mask.excerpt(body, 200) {
            empty if empty.is_empty() => "no reason given".into(),
            excerpt => excerpt,
        });
        let hint = api.retry_hint.and_then(|hint| match header(head, hint.header)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        });
        let retried = hint.unwrap_or_else(|| retry::status_is_retried(status));
        let spent = api
            .quotas
            .iter()
            .find(|quota| status == 429 && quota.code.is_some() && quota.code == vendor.code.as_deref());
        let error = match status {
            401 => SourceError::Unauthorized { at, message },
            403 => {
                let permission = vendor.permission.map_or_else(
                    || "the permission to read this resource".into(),
                    |name| format!("the permission `{name}`"),
                );
                SourceError::Forbidden { at, permission, message }
            }
            404 | 410 => SourceError::NotFound { at, message },
            429 => SourceError::RateLimited { at, attempts: 0, message },
            408 | 409 | 423 | 425 | 477 | 500.. => SourceError::ServerFailed { at, status, attempts: 0, message },
            _ => SourceError::Refused { at, status, code: vendor.code, message, param: vendor.param },
        };
        Self {
            error: Box::new(error),
            retried,
            retry_after: retry::retry_after(head),
            spent: spent.map(|quota| quota.name),
        }
    }

    pub(super) fn rate_limited(&self) -> bool {
        matches!(*self.error, SourceError::RateLimited { .. })
    }

    /// The error, once it is the last.
    pub(super) fn into_error(mut self, made: u32) -> SourceError {
        if let SourceError::RateLimited { attempts, .. } | SourceError::ServerFailed { attempts, .. } = &mut *self.error
        {
            *attempts = made;
        }
        *self.error
    }
}

fn masked(vendor: VendorError, mask: &Mask) -> VendorError {
    let cut = |text: Option<String>| text.map(|text| mask.excerpt(&text, MESSAGE_CHARS));
    VendorError {
        code: cut(vendor.code),
        message: cut(vendor.message),
        param: cut(vendor.param),
        permission: cut(vendor.permission),
    }
}

/// The innermost causes, without the URL: its query is not for logs.
fn causes(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut parts = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        parts.push(inner.to_string());
        cause = inner.source();
    }
    parts.dedup();
    if parts.is_empty() { error.to_string() } else { parts.join(": ") }
}
