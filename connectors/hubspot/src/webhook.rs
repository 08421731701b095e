//! Deliveries: `X-HubSpot-Signature-v3`, an HMAC-SHA256 over method, address, body and time.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use mrr_connector_sdk::json::Unreadable;
use mrr_connector_sdk::{Delivery, Rejected, Secret, Webhook};
use sha2::Sha256;

use crate::log;

/// How old a signature may be, as HubSpot's documents have it.
const TOLERANCE_MILLIS: i64 = 300_000;

/// One endpoint of an app.
pub(crate) struct Endpoint {
    /// The app's client secret: two while the old one still holds after a rotation.
    pub(crate) secrets: Vec<Secret>,
    /// The address that HubSpot calls. It is part of what is signed, and behind a proxy no request
    /// tells it.
    pub(crate) url: String,
}

impl Webhook for Endpoint {
    fn verify(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8], now: DateTime<Utc>) -> Result<(), Rejected> {
        let signature = header("x-hubspot-signature-v3").ok_or(Rejected::Unsigned)?;
        let signature = BASE64_STANDARD.decode(signature.trim()).map_err(|_| Rejected::Unsigned)?;
        let time = header("x-hubspot-request-timestamp").ok_or(Rejected::Unsigned)?;
        let signed: i64 = time.parse().map_err(|_| Rejected::Unsigned)?;
        if !self.secrets.iter().any(|secret| self.is_by(secret, &signature, body, &time)) {
            return Err(Rejected::Mismatched);
        }
        let millis = now.timestamp_millis().saturating_sub(signed);
        if millis > TOLERANCE_MILLIS {
            return Err(Rejected::Stale { seconds: millis / 1000 });
        }
        if millis < -TOLERANCE_MILLIS {
            // It is genuine, and one clock is wrong.
            tracing::warn!(
                ahead_seconds = -millis / 1000,
                "a delivery was signed in the future; check this host's clock"
            );
        }
        Ok(())
    }

    fn read(&self, body: &str) -> Result<Delivery, Unreadable> {
        log::batch(body)
    }
}

impl Endpoint {
    fn is_by(&self, secret: &Secret, signature: &[u8], body: &[u8], time: &str) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return false };
        for part in [b"POST", self.url.as_bytes(), body, time.as_bytes()] {
            mac.update(part);
        }
        // In constant time, over the whole length.
        mac.verify_slice(signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://rev.example.com/hooks/hubspot";
    const BODY: &str = r#"[{"eventId":1}]"#;
    const TIME: &str = "1700000000000";
    // hmac.new(b"app-client-secret", ("POST" + URL + BODY + TIME).encode(), "sha256") of Python, in base64.
    const SIGNATURE: &str = "sYb5RgfdjTCOE4nfKfRCA7WRFTHKLefyBjJnOazqrl8=";

    /// What is said to a delivery that is as it should be but for what a case changes.
    struct Sent {
        url: &'static str,
        body: &'static str,
        time: Option<&'static str>,
        signature: Option<&'static str>,
        late: i64,
    }

    const GOOD: Sent = Sent { url: URL, body: BODY, time: Some(TIME), signature: Some(SIGNATURE), late: 0 };

    fn check(sent: Sent, expect: Result<(), Rejected>) {
        let secret = |text: &str| mrr_connector_sdk::secret_from("x", &toml::Value::from(text)).unwrap();
        let endpoint = Endpoint { secrets: vec![secret("new"), secret("app-client-secret")], url: sent.url.to_owned() };
        let header = |name: &str| {
            let value = match name {
                "x-hubspot-signature-v3" => sent.signature,
                "x-hubspot-request-timestamp" => sent.time,
                _ => None,
            };
            value.map(str::to_owned)
        };
        let now = DateTime::from_timestamp_millis(1_700_000_000_000 + sent.late).unwrap();
        assert_eq!(endpoint.verify(&header, sent.body.as_bytes(), now), expect);
    }

    #[test]
    fn what_hubspot_signed_is_taken_while_it_is_fresh() {
        check(GOOD, Ok(()));
        check(Sent { late: 300_000, ..GOOD }, Ok(()));
        check(Sent { late: 300_001, ..GOOD }, Err(Rejected::Stale { seconds: 300 }));
        check(Sent { late: -3_600_000, ..GOOD }, Ok(()));
    }

    #[test]
    fn what_differs_in_any_part_is_refused() {
        let mismatched = || Err(Rejected::Mismatched);
        // A proxy that reads the body and writes it again makes another one of it.
        check(Sent { body: r#"[{"eventId": 1}]"#, ..GOOD }, mismatched());
        check(Sent { url: "http://127.0.0.1:8787/hooks/hubspot", ..GOOD }, mismatched());
        check(Sent { url: "https://rev.example.com/hooks/hubspot/", ..GOOD }, mismatched());
        check(Sent { time: Some("1700000000001"), ..GOOD }, mismatched());
        check(Sent { signature: Some("AAAA"), ..GOOD }, mismatched());
        check(Sent { signature: Some("no base64!"), ..GOOD }, Err(Rejected::Unsigned));
        check(Sent { signature: None, ..GOOD }, Err(Rejected::Unsigned));
        check(Sent { time: None, ..GOOD }, Err(Rejected::Unsigned));
        check(Sent { time: Some("soon"), ..GOOD }, Err(Rejected::Unsigned));
        let sentence = Rejected::Mismatched.to_string();
        assert!(sentence.contains("`webhook_secret`") && sentence.contains("`webhook_url`"), "{sentence}");
    }
}
