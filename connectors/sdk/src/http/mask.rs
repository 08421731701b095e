//! Secrets are taken out where sentences are made: a vendor may echo a key in any of them.

use crate::{Auth, Secret};

/// Every spelling of the secrets that went on the wire.
pub(super) struct Mask(Vec<Secret>);

/// A shorter text would mask half of every sentence and protects nothing.
const SHORTEST: usize = 4;

impl Mask {
    pub(super) fn of(auth: &Auth) -> Self {
        let mut spellings = Vec::new();
        match auth {
            Auth::Bearer(token) => spellings.push(token.expose().to_owned()),
            Auth::Basic { user, password } => {
                let password = password.as_ref().map(Secret::expose).unwrap_or_default();
                spellings.push(base64(format!("{}:{password}", user.expose()).as_bytes()));
                spellings.push(user.expose().to_owned());
                spellings.push(password.to_owned());
            }
        }
        let encoded: Vec<String> =
            spellings.iter().flat_map(|text| [super::path_segment(text), percent_encoded(text)]).collect();
        spellings.extend(encoded);
        spellings.retain(|text| text.len() >= SHORTEST);
        // The longest first, so that no rest of it is left standing.
        spellings.sort_by_key(|text| std::cmp::Reverse(text.len()));
        spellings.dedup();
        Self(spellings.into_iter().map(Secret::new).collect())
    }

    pub(super) fn apply(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| without(&text, secret.expose()))
    }

    /// Masked first and cut after: a cut secret would no longer be recognised.
    pub(super) fn excerpt(&self, text: &str, length: usize) -> String {
        let near: String = text.chars().take(length + 4096).collect();
        let masked = self.apply(&near);
        let flat = masked.split_whitespace().collect::<Vec<_>>().join(" ");
        let cut: String = flat.chars().filter(|character| !character.is_control()).take(length).collect();
        if cut.len() < flat.len() { format!("{cut}...") } else { cut }
    }
}

/// `text` with `***` for each `secret`, in whichever case: a host name comes back in lower case.
fn without(text: &str, secret: &str) -> String {
    // ASCII case does not move a byte, so places in the one are places in the other.
    let (folded, secret) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let mut masked = String::with_capacity(text.len());
    let mut kept = 0;
    for (place, _) in folded.match_indices(&secret) {
        masked.push_str(&text[kept..place]);
        masked.push_str("***");
        kept = place + secret.len();
    }
    masked.push_str(&text[kept..]);
    masked
}

/// As a URL may have it that spells out all that is neither letter nor digit.
fn percent_encoded(text: &str) -> String {
    let spelt = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(spelt).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = u32::from(chunk[0]) << 16
            | u32::from(chunk.get(1).copied().unwrap_or(0)) << 8
            | u32::from(chunk.get(2).copied().unwrap_or(0));
        for place in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * place) & 63) as usize];
            text.push(if place > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_masked() {
        let auth = Auth::Basic { user: Secret::new("canary_user"), password: Some(Secret::new("p+w/d")) };
        let mask = Mask::of(&auth);
        for echoed in [
            "canary_user",
            "Canary_User",
            "canary%5Fuser",
            "canary%5fuser",
            "p+w/d",
            "p%2Bw%2Fd",
            "Y2FuYXJ5X3VzZXI6cCt3L2Q=",
        ] {
            assert_eq!(mask.apply(&format!("<{echoed}>")), "<***>");
        }
    }

    #[test]
    fn a_secret_across_the_cut_leaves_nothing() {
        let mask = Mask::of(&Auth::Bearer(Secret::new("sk_live_canary_0123456789")));
        let text = format!("{}sk_live_canary_0123456789", "x".repeat(190));
        assert!(!mask.excerpt(&text, 200).contains("sk_"));
    }
}
