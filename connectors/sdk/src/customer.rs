//! What the customers of billing systems have in common.

use std::collections::BTreeMap;

use revenue::fact::{Attribute, Identity, IdentityKind};

use crate::RawRecord;
use crate::json::Object;

/// Who a customer is elsewhere: the address that bills go to (`email`), and the ids that `metadata` has of other systems,
/// by the connector of each and the key to look under. What is no text says nothing.
pub fn identities(
    customer: &Object<'_>,
    metadata: Option<&Object<'_>>,
    foreign_ids: &BTreeMap<String, String>,
) -> Vec<Identity> {
    let text = |fields: &Object<'_>, name: &str| {
        fields.get(name)?.string().ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let foreign = foreign_ids.iter().filter_map(|(system, key)| {
        let value = metadata.and_then(|metadata| text(metadata, key)).or_else(|| text(customer, key))?;
        Some(Identity { kind: IdentityKind::Foreign { system: system.clone() }, value })
    });
    let email = text(customer, "email").map(|value| Identity { kind: IdentityKind::Email, value });
    foreign.chain(email).collect()
}

/// An attribute that a source has no history of: what was seen first is carried back, and what came later holds from
/// when it was seen.
pub fn as_seen(record: &RawRecord, name: &str, read: impl Fn(&str) -> Option<String>) -> Vec<Attribute> {
    let mut found: Vec<Attribute> = Vec::new();
    for version in record.versions.iter().filter(|version| !version.deleted) {
        let value = read(&version.payload);
        let holds = found.last().filter(|last| last.until.is_none()).map(|last| &last.value);
        if holds == value.as_ref() {
            continue;
        }
        let from = (!found.is_empty()).then_some(version.seen_at);
        if let Some(last) = found.last_mut().filter(|last| last.until.is_none()) {
            last.until = Some(version.seen_at);
        }
        found.extend(value.map(|value| Attribute { name: name.into(), value, from, until: None }));
    }
    found
}
