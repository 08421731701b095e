//! The customer: a name to show, and where it is.

use mrr_connector_sdk::RawRecord;
use mrr_connector_sdk::json::Object;
use revenue::fact::{Account, AccountFacts, Attribute};

use crate::model::Problems;

/// Adds the account and its attributes. What a customer has left empty, and a deleted customer
/// has nothing else, is not a problem.
pub(super) fn read(record: &RawRecord, facts: &mut AccountFacts) {
    let mut problems = Problems::of("customers", &record.id, &mut facts.problems);
    let fields = Object::of(&record.payload);
    let fields = problems.keep(fields, "the account is called by its id");
    let mut text = |fields: &Object<'_>, name: &str| {
        let node = fields.get(name)?;
        problems.keep(node.string(), "it is passed over").filter(|text| !text.trim().is_empty())
    };
    let name = fields.as_ref().and_then(|fields| text(fields, "name").or_else(|| text(fields, "email")));
    let address = fields.as_ref().and_then(|fields| fields.get("address")).and_then(|node| node.object().ok());
    let country = address.and_then(|address| text(&address, "country"));
    facts.account = Some(Account { id: record.id.clone(), name: name.unwrap_or_else(|| record.id.clone()) });
    if let Some(value) = country {
        facts.attributes.push(Attribute { name: "country".into(), value, from: None, until: None });
    }
}
