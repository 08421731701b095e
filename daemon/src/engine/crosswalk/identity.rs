//! Identities, made comparable.

use revenue::fact::{Identity, IdentityKind};

use crate::store::text;

const LONGEST: usize = 500;

/// Where everybody may have an address, so that it says nothing about whose it is. The commonest; an
/// admin adds to them.
const FREE_MAIL: &[&str] = &[
    "aol.com",
    "bluewin.ch",
    "duck.com",
    "fastmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "naver.com",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "seznam.cz",
    "t-online.de",
    "tutanota.com",
    "virgilio.it",
    "web.de",
    "wp.pl",
    "yahoo.co.in",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.es",
    "yahoo.fr",
    "yahoo.it",
    "yandex.ru",
    "ymail.com",
    "zoho.com",
    "163.com",
    "126.com",
];

/// A row of ops.identity of one account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityRow {
    pub kind: &'static str,
    pub system: String,
    pub value: String,
}

impl IdentityRow {
    fn new(kind: &'static str, system: &str, value: &str) -> Self {
        Self { kind, system: text(system, LONGEST), value: text(value, LONGEST) }
    }
}

/// What an account can be told by, sorted and each once. What can't be compared says nothing.
pub fn comparable(identities: &[Identity], free_mail: &[String]) -> Vec<IdentityRow> {
    let anybodys = |domain: &str| FREE_MAIL.contains(&domain) || free_mail.iter().any(|free| free == domain);
    let mut rows = Vec::new();
    for Identity { kind, value } in identities {
        let value = value.trim();
        match kind {
            _ if value.is_empty() => {}
            IdentityKind::Absorbed => rows.push(IdentityRow::new("absorbed", "", value)),
            IdentityKind::Foreign { system } => rows.push(IdentityRow::new("foreign_id", system, value)),
            IdentityKind::Domain => rows.extend(
                registered(value)
                    .filter(|domain| !anybodys(domain))
                    .map(|domain| IdentityRow::new("domain", "", &domain)),
            ),
            IdentityKind::Email => {
                let Some((_, host)) = value.rsplit_once('@') else { continue };
                rows.push(IdentityRow::new("email", "", &value.to_lowercase()));
                let domain = registered(host).filter(|domain| !anybodys(domain));
                rows.extend(domain.map(|domain| IdentityRow::new("domain", "", &domain)));
            }
        }
    }
    rows.sort();
    rows.dedup();
    rows
}

/// The domain that somebody registered, in ASCII: `acme.co.uk` of `https://www.Acme.co.uk/about`.
fn registered(text: &str) -> Option<String> {
    let host = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = host.split(['/', '?', '#', ':']).next()?.trim_end_matches('.');
    let host = idna::domain_to_ascii(host).ok()?;
    psl::domain_str(&host).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: IdentityKind, value: &str) -> Vec<String> {
        let rows = comparable(&[Identity { kind, value: value.into() }], &["mail.example".into()]);
        rows.into_iter().map(|row| format!("{} {}", row.kind, row.value)).collect()
    }

    #[test]
    fn a_domain_is_the_one_that_was_registered() {
        for (text, expected) in [
            ("acme.com", "acme.com"),
            (" https://www.Acme.co.uk/about?x=1 ", "acme.co.uk"),
            ("eu.shop.acme.de:8080", "acme.de"),
            ("Bücher.example", "xn--bcher-kva.example"),
            ("acme.com.", "acme.com"),
        ] {
            assert_eq!(read(IdentityKind::Domain, text), [format!("domain {expected}")], "{text}");
        }
    }

    #[test]
    fn what_is_everybodys_says_nothing() {
        for text in ["co.uk", "com", "gmail.com", "www.mail.example", "localhost", "", "n/a", "-"] {
            assert_eq!(read(IdentityKind::Domain, text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn an_address_tells_a_domain_unless_everybody_has_one_there() {
        assert_eq!(read(IdentityKind::Email, "Ada@Mail.Acme.com"), ["domain acme.com", "email ada@mail.acme.com"]);
        assert_eq!(read(IdentityKind::Email, "ada@gmail.com"), ["email ada@gmail.com"]);
        assert_eq!(read(IdentityKind::Email, "no address"), Vec::<String>::new());
    }
}
