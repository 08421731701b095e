//! Reading an API: the one place that connects, waits, retries and masks.

mod body;
mod budget;
mod failure;
mod limits;
mod mask;
mod quota;
mod retry;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, Url};

pub use limits::Limits;

use crate::json::{Node, Unreadable};
use crate::{Api, Auth, SourceError};
use budget::{Gate, Spent};
use failure::Failure;
use mask::Mask;
use quota::Lane;

/// A client for one source. All streams of the source share it, and with it the budget; so do its
/// clones.
#[derive(Clone)]
pub struct Http {
    shared: Arc<Shared>,
    lane: Lane,
}

struct Shared {
    api: Api,
    base: Url,
    host: String,
    client: Client,
    limits: Limits,
    gate: Gate,
    mask: Mask,
    requests: AtomicU64,
    waits: AtomicU64,
}

/// What is asked.
#[derive(Clone, Copy)]
struct Ask<'a> {
    path: &'a str,
    query: &'a [(&'a str, &'a str)],
    /// JSON, for a POST.
    body: Option<&'a str>,
}

/// A complete, successful answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The body: JSON, in UTF-8, decoded.
    pub body: String,
    /// The vendor's clock, from the `Date` header.
    pub at: DateTime<Utc>,
    /// The vendor's name for this request, to quote to its support.
    pub request_id: Option<String>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Bodies hold personal data and are never printed.
        write!(out, "Answer {{ bytes: {}, at: {}, request_id: {:?} }}", self.body.len(), self.at, self.request_id)
    }
}

/// `text` as one segment of a path: an id may hold anything.
pub fn path_segment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

impl Http {
    /// A client for `api`. Nothing is sent yet.
    pub fn new(api: Api, limits: Limits) -> Result<Self, SourceError> {
        let base = base_url(&api.base_url)?;
        let host = match base.port() {
            Some(port) => format!("{}:{port}", base.host_str().unwrap_or_default()),
            None => base.host_str().unwrap_or_default().to_owned(),
        };
        let client = Client::builder()
            .default_headers(headers(&api)?)
            .user_agent(concat!("mrrd/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            // Proxies from the environment would see every path and, over http, the key.
            .no_proxy()
            .referer(false)
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            .build()
            .map_err(|_| fault("the HTTP client can't be built; check the system's certificate store"))?;
        let gate = Gate::new(api.budget, &api.paths, api.quotas);
        let mask = Mask::of(&api.auth);
        let (requests, waits) = (AtomicU64::new(0), AtomicU64::new(0));
        let shared = Arc::new(Shared { api, base, host, client, limits, gate, mask, requests, waits });
        Ok(Self { shared, lane: Lane::Walk })
    }

    /// The same client for what is known to have changed: the log of changes, and the records that
    /// it names. While a walk makes requests too, the two take turns, and of a vendor's quota the
    /// part that a walk leaves alone is for this.
    pub fn for_changes(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), lane: Lane::Change }
    }

    /// Reads `path` with `query`, within the budget, as often as it takes within the limits.
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, SourceError> {
        let (answer, _) = self.get_as(path, query, |body| Node::of(body).map(drop)).await?;
        Ok(answer)
    }

    /// Asks `path` with a JSON body, within the same budget and limits. Only for questions that a
    /// vendor takes as POST, such as a search: a request may be made again.
    pub async fn post(&self, path: &str, query: &[(&str, &str)], body: &str) -> Result<Answer, SourceError> {
        let ask = Ask { path, query, body: Some(body) };
        let (answer, _) = self.ask(ask, |body| Node::of(body).map(drop)).await?;
        Ok(answer)
    }

    /// The same, with what `read` makes of the body, or why it makes nothing of it.
    ///
    /// Lists are large, and this way one pass does: `read` is also what tells whether the body is
    /// JSON. It must go over the whole of it, as everything in [`crate::json`] does, and fail when
    /// any of it is none. A body that is none is asked for again and in the end an error of this
    /// function; what is handed out is `read`'s own error about a body that is JSON.
    pub async fn get_as<T>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        read: impl Fn(&str) -> Result<T, Unreadable>,
    ) -> Result<(Answer, Result<T, Unreadable>), SourceError> {
        self.ask(Ask { path, query, body: None }, read).await
    }

    async fn ask<T>(
        &self,
        ask: Ask<'_>,
        read: impl Fn(&str) -> Result<T, Unreadable>,
    ) -> Result<(Answer, Result<T, Unreadable>), SourceError> {
        let path = ask.path;
        let begun = Instant::now();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let failure = match self.attempt(ask, &read).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let wait = retry::wait(&failure, attempt, &self.shared.limits);
            if failure.rate_limited() {
                // One stream's 429 is every stream's: they share the vendor's counter.
                self.shared.gate.pause(wait);
                self.shared.waits.fetch_add(1, Ordering::Relaxed);
            }
            let exhausted =
                attempt >= self.shared.limits.attempts || begun.elapsed() + wait > self.shared.limits.retry_for;
            if !failure.retried || exhausted {
                return Err(failure.into_error(attempt));
            }
            tracing::debug!(host = %self.shared.host, path, attempt, wait_ms = wait.as_millis() as u64, "request failed and is tried again");
            tokio::time::sleep(wait).await;
        }
    }

    /// What requests are waiting for just now, if for anything, for a line of progress.
    pub fn waits_for(&self) -> Option<String> {
        if let Some(left) = self.shared.gate.paused_for() {
            return Some(format!("told to wait {} s by {}", seconds(left), self.shared.host));
        }
        if self.shared.gate.is_slowed() {
            return Some(format!("slowly, as little is left of what {} allows", self.shared.host));
        }
        let budget = self.shared.api.budget.requests_per_second;
        let queued = !self.shared.gate.queue().is_zero();
        queued.then(|| format!("within the budget of {budget} requests a second"))
    }

    /// How many requests were made, retries included.
    pub fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::Relaxed)
    }

    /// How often the vendor told us to wait.
    pub fn waits(&self) -> u64 {
        self.shared.waits.load(Ordering::Relaxed)
    }

    async fn attempt<T>(
        &self,
        Ask { path, query, body }: Ask<'_>,
        read: &impl Fn(&str) -> Result<T, Unreadable>,
    ) -> Result<(Answer, Result<T, Unreadable>), Failure> {
        let at = self.place(path);
        let mut url = self.shared.base.clone();
        url.set_path(&format!("{}{path}", self.shared.base.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = match body {
            None => self.shared.client.get(url),
            Some(body) => self.shared.client.post(url).header(CONTENT_TYPE, "application/json").body(body.to_owned()),
        };
        let request = match &self.shared.api.auth {
            Auth::Bearer(token) => request.bearer_auth(token.expose()),
            Auth::Basic { user, password } => {
                request.basic_auth(user.expose(), password.as_ref().map(|password| password.expose()))
            }
        };
        let _turn = self.shared.gate.turn(self.lane, path).await.map_err(|spent| over(&at, spent))?;
        self.shared.requests.fetch_add(1, Ordering::Relaxed);
        let begun = Instant::now();
        let headers_within = self.shared.limits.total.min(self.shared.limits.headers);
        let response = tokio::time::timeout(headers_within, request.send())
            .await
            .map_err(|_| Failure::late(&at, "the answer's beginning", headers_within))?
            .map_err(|error| Failure::transport(&at, error, &self.shared.limits, &self.shared.mask))?;
        let answer = self.answer(&at, response, read).await;
        let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(host = %self.shared.host, path, duration_ms, ok = answer.is_ok(), "request");
        answer
    }

    async fn answer<T>(
        &self,
        at: &str,
        response: Response,
        read: impl Fn(&str) -> Result<T, Unreadable>,
    ) -> Result<(Answer, Result<T, Unreadable>), Failure> {
        let status = response.status();
        let head = response.headers().clone();
        self.shared.gate.learn(&head);
        let request_id = header(&head, "request-id").or_else(|| header(&head, "x-request-id"));
        let request_id = request_id.map(|id| self.shared.mask.apply(&id));
        if status.is_redirection() {
            return Err(Failure::redirected(at, header(&head, "location").as_deref(), &self.shared.mask));
        }
        if !status.is_success() {
            // The status is known: a body that can't be read must not hide it.
            let body = body::read(at, response, &self.shared.limits, &self.shared.mask).await.unwrap_or_default();
            let failure = Failure::status(at, status.as_u16(), &head, &body, &self.shared.api, &self.shared.mask);
            // However often it were asked, the vendor would say the same until the quota is renewed.
            return Err(match failure.spent {
                Some(quota) => over(at, self.shared.gate.spend(quota)),
                None => failure,
            });
        }
        let date = body::date(at, &head)?;
        let body = body::read(at, response, &self.shared.limits, &self.shared.mask).await?;
        let read = read(&body);
        if read.is_err() {
            // It is no JSON, or JSON and something else than was expected: this look tells which.
            body::check_json(at, &body, &self.shared.mask)?;
        }
        Ok((Answer { body, at: date, request_id }, read))
    }

    /// Host and path, for sentences; never the query.
    fn place(&self, path: &str) -> String {
        format!("{}{path}", self.shared.host)
    }

    /// How a connector names `path` in errors of its own.
    pub fn at(&self, path: &str) -> String {
        self.shared.mask.apply(&self.place(path))
    }
}

/// Nothing is asked, as nothing would be answered.
fn over(at: &str, Spent { quota, reading }: Spent) -> Failure {
    Failure::fatal(SourceError::QuotaSpent { at: at.to_owned(), quota, left: reading.left, most: reading.most })
}

fn header(head: &HeaderMap, name: &str) -> Option<String> {
    head.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).chars().take(200).collect())
}

fn headers(api: &Api) -> Result<HeaderMap, SourceError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &api.headers {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| fault("a header of the connector has no valid name"))?;
        let value = HeaderValue::from_str(value).map_err(|_| fault("a header of the connector has no valid value"))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

fn base_url(text: &str) -> Result<Url, SourceError> {
    let url = Url::parse(text).map_err(|_| fault("`base_url` is not a URL; write https:// and the vendor's host"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(fault("`base_url` holds a user or password; put secrets into the settings meant for them"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(fault("`base_url` holds a query or fragment; write only scheme, host and path"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if own_host(&url) => Ok(url),
        "http" => {
            Err(fault("`base_url` is plain http to a public host and would show the key to the network; write https"))
        }
        _ => Err(fault("`base_url` is neither https nor http; write https:// and the vendor's host")),
    }
}

/// Whether a host is this machine or one of a private network, as a sandbox's is.
fn own_host(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    match host.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private(),
        Ok(std::net::IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local(),
        // A name without a dot is of a container network, never of the public one.
        Err(_) => !host.contains('.') || host.ends_with(".localhost") || host.ends_with(".internal"),
    }
}

fn fault(detail: &str) -> SourceError {
    SourceError::ConnectorFault { detail: detail.to_owned() }
}

/// Whole seconds, for sentences.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_only_to_hosts_of_ones_own() {
        for good in [
            "https://api.stripe.com",
            "http://127.0.0.1:4000",
            "http://[::1]:4000",
            "http://sandbox:80",
            "http://10.1.2.3/",
        ] {
            assert!(base_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.stripe.com",
            "http://169.254.169.254",
            "ftp://x",
            "https://key@x.com",
            "https://x.com?k=1",
            "x",
        ] {
            assert!(base_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_stays_one_segment() {
        assert_eq!(path_segment("in_1Ab"), "in_1Ab");
        assert_eq!(path_segment("../v1?x#é"), "%2E%2E%2Fv1%3Fx%23%C3%A9");
    }
}
