//! The customer: a name to show, and where it is.

use mrr_connector_sdk::json::{Object, Unreadable};
use mrr_connector_sdk::{Problems, RawRecord};
use revenue::fact::{Account, AccountFacts, Attribute};

/// Adds the account and its attributes. Without a company it is called by its people's name, else by the domain of its
/// e-mail address. One that was deleted keeps what it was last known by.
pub(super) fn read(record: &RawRecord, facts: &mut AccountFacts) {
    let mut problems = Problems::of("customers", &record.id, &mut facts.problems);
    let name = record.last_told().map(|last| name(&last.payload));
    let name = name.and_then(|name| problems.keep(name, "the account is called by its id")).flatten();
    facts.account = Some(Account { id: record.id.clone(), name: name.unwrap_or_else(|| record.id.clone()) });
    facts.attributes.extend(countries(record));
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
    let address = Object::of(payload).ok()?.get("billing_address")?.object().ok()?;
    address.get("country")?.string().ok().filter(|text| !text.trim().is_empty())
}
