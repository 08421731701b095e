//! `[crosswalk]`: how accounts of several sources are found to be one customer.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::complaint::Complaint;
use super::document::Document;

/// How accounts are linked: `[crosswalk]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crosswalk {
    /// Which rules are tried, the first one first.
    pub rules: Vec<Rule>,
    /// Domains where everybody may have an address, besides those that are known.
    pub free_mail: Vec<String>,
}

impl Default for Crosswalk {
    fn default() -> Self {
        Self { rules: Rule::FOUND.to_vec(), free_mail: Vec::new() }
    }
}

/// By what two accounts are found to be one customer, from the strongest to the weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Somebody decided.
    Decided,
    /// Their source has merged them.
    Absorbed,
    /// One has the id of the other.
    ForeignId,
    /// Their domains are the same.
    Domain,
    /// Their addresses are the same.
    Email,
}

impl Rule {
    /// Those that an admin may order or leave out.
    pub const FOUND: [Self; 3] = [Self::ForeignId, Self::Domain, Self::Email];

    /// The name in tables and in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Absorbed => "absorbed",
            Self::ForeignId => "foreign_id",
            Self::Domain => "domain",
            Self::Email => "email",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Decided, Self::Absorbed, Self::ForeignId, Self::Domain, Self::Email]
            .into_iter()
            .find(|rule| rule.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no rule of the crosswalk"))
    }
}

/// Checks the table; without one, every rule is tried.
pub fn read(document: &Document) -> Result<Arc<Crosswalk>, Complaint> {
    let mut crosswalk = Crosswalk::default();
    let Some(table) = document.table("crosswalk") else { return Ok(Arc::new(crosswalk)) };
    if let Some(rules) = table.get("rules") {
        let complain = || {
            let known = Rule::FOUND.map(|rule| format!("\"{rule}\"")).join(", ");
            document.complain("crosswalk.rules", format!("`rules` must be some of [{known}], the strongest first"))
        };
        let mut chosen: Vec<Rule> = Vec::new();
        for name in words(rules).ok_or_else(complain)? {
            let rule = Rule::FOUND.into_iter().find(|rule| rule.as_str() == name).ok_or_else(complain)?;
            if chosen.contains(&rule) {
                return Err(complain());
            }
            chosen.push(rule);
        }
        crosswalk.rules = chosen;
    }
    if let Some(domains) = table.get("free_mail_domains") {
        let domains = words(domains).ok_or_else(|| {
            let sentence = "`free_mail_domains` must be a list of domains such as [\"example.com\"]";
            document.complain("crosswalk.free_mail_domains", sentence)
        })?;
        crosswalk.free_mail = domains.iter().map(|domain| domain.trim().to_lowercase()).collect();
    }
    Ok(Arc::new(crosswalk))
}

fn words(value: &toml::Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect()
}
