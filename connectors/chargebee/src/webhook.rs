//! Deliveries: Chargebee signs nothing, so an endpoint is told by user and password of Basic authentication.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::Unreadable;
use mrr_connector_sdk::{Delivery, Rejected, Secret, Webhook};
use subtle::ConstantTimeEq as _;

use crate::log;

/// User and password of one endpoint, as `user:password`: two while the old ones still hold after a change.
pub(crate) struct Endpoint {
    pub(crate) secrets: Vec<Secret>,
}

impl Webhook for Endpoint {
    fn verify(
        &self,
        header: &dyn Fn(&str) -> Option<String>,
        _body: &[u8],
        _now: DateTime<Utc>,
    ) -> Result<(), Rejected> {
        let header = header("authorization").ok_or(Rejected::Unsigned)?;
        let (scheme, credentials) = header.split_once(' ').ok_or(Rejected::Unsigned)?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return Err(Rejected::Unsigned);
        }
        let given = BASE64_STANDARD.decode(credentials.trim()).map_err(|_| Rejected::Unsigned)?;
        let is_ours = |secret: &Secret| bool::from(secret.expose().as_bytes().ct_eq(&given));
        if self.secrets.iter().any(is_ours) { Ok(()) } else { Err(Rejected::Forged) }
    }

    fn read(&self, body: &str) -> Result<Delivery, Unreadable> {
        log::event(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_knows_user_and_password_delivers() {
        let secret = |text: &str| mrr_connector_sdk::secret_from("x", &toml::Value::from(text)).unwrap();
        let endpoint = Endpoint { secrets: vec![secret("old:one"), secret("mrrd:pass:word")] };
        let check = |given: Option<&str>| endpoint.verify(&|_| given.map(str::to_owned), b"{}", DateTime::UNIX_EPOCH);
        let basic = |plain: &str| format!("Basic {}", BASE64_STANDARD.encode(plain));
        assert_eq!(check(Some(&basic("mrrd:pass:word"))), Ok(()));
        assert_eq!(check(Some(&basic("old:one"))), Ok(()));
        assert_eq!(check(Some(&basic("mrrd:pass:wor"))), Err(Rejected::Forged));
        for unsigned in [None, Some("Bearer x"), Some("Basic %%%"), Some("Basic")] {
            assert_eq!(check(unsigned), Err(Rejected::Unsigned));
        }
    }
}
