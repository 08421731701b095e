//! The customer: a name to show, and where it is.

use std::collections::BTreeMap;

use mrr_connector_sdk::json::Object;
use mrr_connector_sdk::{RawRecord, customer};
use revenue::fact::{Account, AccountFacts};

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
        let metadata = fields.get("metadata").and_then(|metadata| metadata.object().ok());
        facts.identities.extend(customer::identities(fields, metadata.as_ref(), foreign_ids));
    }
    if let Some(country) = fields.and_then(|fields| fields.get("address")?.object().ok()?.get("country")) {
        problems.keep(country.string(), "it is passed over");
    }
    facts.account = Some(Account { id: record.id.clone(), name: name.unwrap_or_else(|| record.id.clone()) });
    facts.attributes.extend(customer::as_seen(record, "country", country));
}

fn country(payload: &str) -> Option<String> {
    let address = Object::of(payload).ok()?.get("address")?.object().ok()?;
    address.get("country")?.string().ok().filter(|text| !text.trim().is_empty())
}
