//! The customer: a name to show, and where it is.

use std::collections::BTreeMap;

use mrr_connector_sdk::json::{Object, Unreadable};
use mrr_connector_sdk::{Problems, RawRecord, customer};
use revenue::fact::{Account, AccountFacts};

/// Adds the account and its attributes. Without a company it is called by its people's name, else by the domain of its
/// e-mail address. One that was deleted keeps what it was last known by.
pub(super) fn read(record: &RawRecord, foreign_ids: &BTreeMap<String, String>, facts: &mut AccountFacts) {
    let mut problems = Problems::of("customers", &record.id, &mut facts.problems);
    let name = record.last_told().map(|last| name(&last.payload));
    let name = name.and_then(|name| problems.keep(name, "the account is called by its id")).flatten();
    facts.account = Some(Account { id: record.id.clone(), name: name.unwrap_or_else(|| record.id.clone()) });
    facts.attributes.extend(customer::as_seen(record, "country", country));
    // Ids of other systems are custom fields, or in the field for whatever JSON.
    if let Some(Ok(fields)) = record.last_told().map(|last| Object::of(&last.payload)) {
        let more = fields.get("meta_data").and_then(|more| more.object().ok());
        facts.identities.extend(customer::identities(&fields, more.as_ref(), foreign_ids));
    }
}

fn name(payload: &str) -> Result<Option<String>, Unreadable> {
    let customer = Object::of(payload)?;
    let text = |name: &str| {
        let read = customer.get(name).map(|node| node.string()).transpose();
        read.map(|text| text.filter(|text| !text.trim().is_empty()))
    };
    if let Some(company) = text("company")? {
        return Ok(Some(company));
    }
    let people: Vec<String> = [text("first_name")?, text("last_name")?].into_iter().flatten().collect();
    if !people.is_empty() {
        return Ok(Some(people.join(" ")));
    }
    let email = text("email")?;
    Ok(email.and_then(|email| Some(email.rsplit_once('@')?.1.trim().to_owned())).filter(|domain| !domain.is_empty()))
}

fn country(payload: &str) -> Option<String> {
    let address = Object::of(payload).ok()?.get("billing_address")?.object().ok()?;
    address.get("country")?.string().ok().filter(|text| !text.trim().is_empty())
}
