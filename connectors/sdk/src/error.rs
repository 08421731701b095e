//! What went wrong with a source: kind, policy, sentence.

/// A failure to read a source. The kind decides what the engine does; the sentence names host
/// and path and tells an operator what to do. No sentence holds a secret or a query value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// No connection.
    #[error("{at}: the host can't be reached ({detail}); check `base_url`, DNS and the network")]
    Unreachable {
        /// Host and path.
        at: String,
        /// The system's reason.
        detail: String,
    },
    /// A connection that was not secure enough to use.
    #[error("{at}: the TLS connection was refused ({detail}); check the host name and its certificate")]
    TlsFailed {
        /// Host and path.
        at: String,
        /// The reason.
        detail: String,
    },
    /// A time limit of ours was reached.
    #[error("{at}: {phase} took longer than {seconds} s; it is tried again on the next run")]
    Timeout {
        /// Host and path.
        at: String,
        /// What took too long: `the connection`.
        phase: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// The answer broke off.
    #[error("{at}: the answer broke off ({detail}); nothing of it was used, it is tried again on the next run")]
    Interrupted {
        /// Host and path.
        at: String,
        /// How.
        detail: String,
    },
    /// 401: the key is not accepted.
    #[error("{at}: the key is not accepted ({message}); check that it is complete, not revoked and of the right mode")]
    Unauthorized {
        /// Host and path.
        at: String,
        /// The vendor's sentence.
        message: String,
    },
    /// 403: the key may not read this.
    #[error("{at}: the key may not read this ({message}); grant it {permission}")]
    Forbidden {
        /// Host and path.
        at: String,
        /// The permission that is missing.
        permission: String,
        /// The vendor's sentence.
        message: String,
    },
    /// 404 or 410: there is no such thing.
    #[error("{at}: not found ({message}); check `base_url` and that the vendor offers this to your account")]
    NotFound {
        /// Host and path.
        at: String,
        /// The vendor's sentence.
        message: String,
    },
    /// 429 until we gave up.
    #[error(
        "{at}: still rate limited after {attempts} attempts ({message}); lower `requests_per_second` or try again later"
    )]
    RateLimited {
        /// Host and path.
        at: String,
        /// How often it was tried.
        attempts: u32,
        /// The vendor's sentence.
        message: String,
    },
    /// So little is left of a limit of the vendor's that no request is made.
    #[error(
        "{at}: {} of the vendor's {quota}{}; the next run goes on from here once it is renewed",
        share(*left, *most),
        kept_for(left)
    )]
    QuotaSpent {
        /// Host and path.
        at: String,
        /// What the limit is called.
        quota: &'static str,
        /// Requests that are left.
        left: u64,
        /// Of how many; 0 where the vendor did not say.
        most: u64,
    },
    /// A 5xx (or a conflict or timeout of the vendor's) until we gave up.
    #[error(
        "{at}: the vendor failed with status {status} in each of {attempts} attempts ({message}); it is tried again on the next run"
    )]
    ServerFailed {
        /// Host and path.
        at: String,
        /// The last status.
        status: u16,
        /// How often it was tried.
        attempts: u32,
        /// The vendor's sentence.
        message: String,
    },
    /// Any other status: the request itself is at fault.
    #[error(
        "{at}: refused with status {status}{}{} ({message}); report this to the connector's maintainers",
        named(" ", code),
        named(" for ", param)
    )]
    Refused {
        /// Host and path.
        at: String,
        /// The status.
        status: u16,
        /// The vendor's code.
        code: Option<String>,
        /// The vendor's sentence.
        message: String,
        /// The parameter at fault.
        param: Option<String>,
    },
    /// The answer is not what it should be.
    #[error(
        "{at}: the answer can't be used ({detail}); check that `base_url` is the vendor's API and no proxy answers for it"
    )]
    InvalidBody {
        /// Host and path.
        at: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The answer is larger than we are willing to hold.
    #[error("{at}: the answer is larger than {limit} bytes when decoded; nothing of it was used")]
    TooLarge {
        /// Host and path.
        at: String,
        /// The limit.
        limit: u64,
    },
    /// The answer points elsewhere. Following it could hand the key to somebody else.
    #[error("{at}: redirects to {to} and that is never followed; correct `base_url`")]
    Redirected {
        /// Host and path.
        at: String,
        /// The host that it points to.
        to: String,
    },
    /// A cursor that the connector did not make.
    #[error("{stream}: the saved cursor can't be used ({detail}); start the stream anew")]
    BadCursor {
        /// The stream.
        stream: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The connector or its settings are at fault.
    #[error("{detail}")]
    ConnectorFault {
        /// A whole sentence with its remedy.
        detail: String,
    },
}

impl SourceError {
    /// Whether the same request may succeed later without a person having done anything.
    pub fn retryable(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Timeout { .. }
                | Self::Interrupted { .. }
                | Self::RateLimited { .. }
                | Self::QuotaSpent { .. }
                | Self::ServerFailed { .. }
                | Self::InvalidBody { .. }
        )
    }

    /// Whether the other streams of the source would fail in the same way.
    pub fn stops_source(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::TlsFailed { .. } | Self::Unauthorized { .. } | Self::Redirected { .. }
        )
    }
}

fn share(left: u64, most: u64) -> String {
    if most > 0 { format!("{left} of {most} requests are left") } else { "nothing is left".to_owned() }
}

fn kept_for(left: &u64) -> &'static str {
    if *left > 0 { ", which are kept for records that change" } else { "" }
}

fn named(before: &str, value: &Option<String>) -> String {
    value.as_ref().map(|value| format!("{before}`{value}`")).unwrap_or_default()
}
