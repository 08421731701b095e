//! Stripe's signature of a delivery.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The value of `Stripe-Signature`: the HMAC of time, dot and body, with the whole secret as its key.
pub(super) fn signature(secret: &str, time: u64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{time}.").as_bytes());
    mac.update(body);
    let digits = mac.finalize().into_bytes().iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
    format!("t={time},v1={digits}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_signature_is_what_openssl_makes_of_it() {
        // printf '1700000000.{"id": "evt_1"}' | openssl dgst -sha256 -hmac whsec_test
        let expected = "t=1700000000,v1=a0c091828640f0b68061abc7c03981ad1100ff7160c5dba6b656239494a2b537";
        assert_eq!(super::signature("whsec_test", 1_700_000_000, br#"{"id": "evt_1"}"#), expected);
    }
}
