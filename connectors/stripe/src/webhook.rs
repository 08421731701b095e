//! Deliveries: `Stripe-Signature: t=<unix>,v1=<hex>`, an HMAC-SHA256 over `<t>.<body>`.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use mrr_connector_sdk::json::{Object, Unreadable};
use mrr_connector_sdk::{Delivery, Rejected, Secret, Webhook};
use sha2::Sha256;

use crate::log;

/// The secrets of one endpoint: two while the old one still holds after a rotation.
pub(crate) struct Endpoint {
    pub(crate) secrets: Vec<Secret>,
    /// How old a signature may be, in seconds.
    pub(crate) tolerance: i64,
    /// `live` or `test`, where the key tells.
    pub(crate) mode: Option<&'static str>,
}

impl Webhook for Endpoint {
    fn verify(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8], now: DateTime<Utc>) -> Result<(), Rejected> {
        let header = header("stripe-signature").ok_or(Rejected::Unsigned)?;
        let signed = Signed::read(&header).ok_or(Rejected::Unsigned)?;
        let genuine = self.secrets.iter().any(|secret| signed.is_by(secret, body));
        if !genuine {
            return Err(Rejected::Forged);
        }
        let seconds = now.timestamp().saturating_sub(signed.at);
        if seconds > self.tolerance {
            return Err(Rejected::Stale { seconds });
        }
        if seconds < -self.tolerance {
            // Stripe's own libraries let it pass too: it is genuine, and one clock is wrong.
            tracing::warn!(ahead_seconds = -seconds, "a delivery was signed in the future; check this host's clock");
        }
        self.is_ours(body)
    }

    fn read(&self, body: &str) -> Result<Delivery, Unreadable> {
        log::event(body)
    }
}

impl Endpoint {
    /// A platform's endpoint also gets events of connected accounts, and a live one of tests.
    fn is_ours(&self, body: &[u8]) -> Result<(), Rejected> {
        let misdirected = |detail: &str| Rejected::Misdirected { detail: detail.to_owned() };
        let Ok(event) = str::from_utf8(body).map(Object::of) else { return Ok(()) };
        let Ok(event) = event else { return Ok(()) };
        if event.get("account").is_some_and(|account| !account.is_null()) {
            return Err(misdirected("it is of a connected account"));
        }
        match (event.get("livemode").and_then(|node| node.boolean().ok()), self.mode) {
            (Some(true), Some("test")) => Err(misdirected("it is live and the key is of the test mode")),
            (Some(false), Some("live")) => Err(misdirected("it is a test and the key is live")),
            _ => Ok(()),
        }
    }
}

/// What the header says.
struct Signed<'a> {
    at: i64,
    time: &'a str,
    /// All signatures of scheme v1; others are too weak or for tests.
    v1: Vec<&'a str>,
}

impl<'a> Signed<'a> {
    fn read(header: &'a str) -> Option<Self> {
        let mut time = None;
        let mut v1 = Vec::new();
        for part in header.split(',') {
            match part.trim().split_once('=')? {
                ("t", text) => time = Some(text),
                ("v1", text) => v1.push(text),
                _ => {}
            }
        }
        let time = time?;
        let at = time.parse().ok()?;
        if v1.is_empty() { None } else { Some(Self { at, time, v1 }) }
    }

    fn is_by(&self, secret: &Secret, body: &[u8]) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return false };
        mac.update(self.time.as_bytes());
        mac.update(b".");
        mac.update(body);
        // In constant time, over the whole length.
        self.v1.iter().filter_map(|text| bytes(text)).any(|given| mac.clone().verify_slice(&given).is_ok())
    }
}

/// 32 bytes from their lower-case hexadecimal digits.
fn bytes(hex: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let digits = hex.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}
