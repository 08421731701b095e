//! The records that many companies refer to: owners, the stages of deals, the account's own currency.

use std::collections::BTreeMap;

use mrr_connector_sdk::RawRecord;
use mrr_connector_sdk::json::{Node, Object, Unreadable};
use revenue::money::Currency;

/// All references, taken apart once.
#[derive(Default)]
pub(super) struct Book {
    owners: BTreeMap<String, String>,
    /// By stage, whether a deal that is in it is won.
    stages: BTreeMap<String, bool>,
    /// The currency of an account that has no other.
    pub(super) currency: Option<Currency>,
}

impl Book {
    pub(super) fn of(references: &[RawRecord]) -> Self {
        let mut book = Self::default();
        for record in references {
            let Some(last) = record.last_told() else { continue };
            let Ok(fields) = Object::of(&last.payload) else { continue };
            match record.stream.as_str() {
                "owners" => {
                    book.owners.insert(record.id.clone(), name(&fields).unwrap_or_else(|| record.id.clone()));
                }
                // Another pipeline's stages don't hang on one that can't be read.
                "pipelines" => book.stages.extend(stages(&fields).unwrap_or_default()),
                "account_info" => {
                    let code = fields.get("companyCurrency").and_then(|code| code.string().ok());
                    book.currency = code.and_then(|code| code.parse().ok());
                }
                _ => {}
            }
        }
        let mut bearers: BTreeMap<String, usize> = BTreeMap::new();
        book.owners.values().for_each(|name| *bearers.entry(name.clone()).or_default() += 1);
        for (id, name) in &mut book.owners {
            // Two people of one name are two owners.
            if bearers[name.as_str()] > 1 {
                *name = format!("{name} ({id})");
            }
        }
        book
    }

    /// What people call an owner.
    pub(super) fn owner(&self, id: &str) -> Option<&str> {
        self.owners.get(id).map(String::as_str)
    }

    /// Whether a deal in a stage is won; `None` when there is no such stage.
    pub(super) fn is_won(&self, stage: &str) -> Option<bool> {
        self.stages.get(stage).copied()
    }
}

/// First and last name, or else the e-mail address.
fn name(owner: &Object<'_>) -> Option<String> {
    let text = |name: &str| owner.get(name).and_then(|node| node.string().ok()).unwrap_or_default();
    let name = format!("{} {}", text("firstName").trim(), text("lastName").trim()).trim().to_owned();
    let name = if name.is_empty() { text("email").trim().to_owned() } else { name };
    (!name.is_empty()).then_some(name)
}

/// A stage is won when it is closed with a probability of 1: `"isClosed": "true"`, `"1.0"`.
fn stages(pipeline: &Object<'_>) -> Result<Vec<(String, bool)>, Unreadable> {
    let stage = |node: &Node<'_>| {
        let stage = node.object()?;
        let metadata = stage.get("metadata").map(|metadata| metadata.object()).transpose()?;
        let text = |name: &str| {
            let node = metadata.as_ref()?.get(name)?;
            node.number_text()
                .map(|text| text.into_owned())
                .or_else(|_| node.boolean().map(|flag| flag.to_string()))
                .ok()
        };
        let probability = text("probability").and_then(|text| text.parse::<rust_decimal::Decimal>().ok());
        let closed = text("isClosed").is_some_and(|closed| closed.eq_ignore_ascii_case("true"));
        Ok((stage.need("id")?.string()?, closed && probability == Some(rust_decimal::Decimal::ONE)))
    };
    pipeline.need("stages")?.list()?.iter().map(stage).collect()
}
