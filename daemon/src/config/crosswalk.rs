//! `[crosswalk]`: how accounts of several sources are found to be one customer.

use std::sync::Arc;

use super::complaint::Complaint;
use super::document::Document;
use crate::engine::{Crosswalk, Rule};

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
