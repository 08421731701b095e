//! The customer: a name to show, and where it is.

use std::collections::BTreeMap;

use mrr_connector_sdk::RawRecord;
use mrr_connector_sdk::json::Object;
use revenue::fact::{Account, AccountFacts, Attribute, Identity, IdentityKind};

use crate::model::Problems;

/// Adds the account and its attributes. Whoever may read names need not be one who may read contact
/// data, so a customer without a name is called by the domain of its e-mail address. What a customer has left empty is not a problem. One that
/// was deleted keeps what it was last known by: its subscriptions may go on.
pub(super) fn read(record: &RawRecord, foreign_ids: &BTreeMap<String, String>, facts: &mut AccountFacts) {
    let mut problems = Problems::of("customers", &record.id, &mut facts.problems);
    let fields = record.last_told().map(|last| Object::of(&last.payload));
    let fields = fields.and_then(|fields| problems.keep(fields, "the account is called by its id"));
    let mut text = |fields: &Object<'_>, name: &str| {
        let node = fields.get(name)?;
        problems.keep(node.string(), "it is passed over").filter(|text| !text.trim().is_empty())
    };
    let name = fields.as_ref().and_then(|fields| {
        let domain =
            |email: String| Some(email.rsplit_once('@')?.1.trim().to_owned()).filter(|domain| !domain.is_empty());
        text(fields, "name").or_else(|| text(fields, "email").and_then(domain))
    });
    if let Some(fields) = &fields {
        facts.identities.extend(identities(fields, foreign_ids));
    }
    if let Some(country) = fields.and_then(|fields| fields.get("address")?.object().ok()?.get("country")) {
        problems.keep(country.string(), "it is passed over");
    }
    facts.account = Some(Account { id: record.id.clone(), name: name.unwrap_or_else(|| record.id.clone()) });
    facts.attributes.extend(countries(record));
}

/// Who it is elsewhere: the address that bills go to, and the ids that its metadata has of other systems.
fn identities(fields: &Object<'_>, foreign_ids: &BTreeMap<String, String>) -> Vec<Identity> {
    let text = |fields: &Object<'_>, name: &str| {
        fields.get(name)?.string().ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let metadata = fields.get("metadata").and_then(|metadata| metadata.object().ok());
    let foreign = foreign_ids.iter().filter_map(|(system, key)| {
        let value = text(metadata.as_ref()?, key)?;
        Some(Identity { kind: IdentityKind::Foreign { system: system.clone() }, value })
    });
    let email = text(fields, "email").map(|value| Identity { kind: IdentityKind::Email, value });
    foreign.chain(email).collect()
}

/// The first country that was seen is carried back; a later one holds from when it was seen.
fn countries(record: &RawRecord) -> Vec<Attribute> {
    let mut found: Vec<Attribute> = Vec::new();
    for version in record.versions.iter().filter(|version| !version.deleted) {
        let value = country(&version.payload);
        let holds = found.last().filter(|last| last.until.is_none()).map(|last| &last.value);
        if holds == value.as_ref() {
            continue;
        }
        let from = (!found.is_empty()).then_some(version.seen_at);
        if let Some(last) = found.last_mut().filter(|last| last.until.is_none()) {
            last.until = Some(version.seen_at);
        }
        found.extend(value.map(|value| Attribute { name: "country".into(), value, from, until: None }));
    }
    found
}

fn country(payload: &str) -> Option<String> {
    let address = Object::of(payload).ok()?.get("address")?.object().ok()?;
    address.get("country")?.string().ok().filter(|text| !text.trim().is_empty())
}
