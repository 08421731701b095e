//! The account's name, and its attributes with their past.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mrr_connector_sdk::RawRecord;
use revenue::fact::{self, AccountFacts, Attribute};

use super::said;
use crate::model::Account;

/// Adds the account. One that is gone keeps its name: its subscriptions may go on. What was first
/// said without a `ts` holds as far back as anything is known.
pub(super) fn add(record: &RawRecord, zone: Tz, facts: &mut AccountFacts) {
    let all = said(record, &mut facts.problems, |fields| Account::read(fields, zone), |said| said.ts, |_| None);
    let mut name = None;
    let mut open: BTreeMap<String, (String, Option<DateTime<Utc>>)> = BTreeMap::new();
    for said in all {
        let changes = match said.what {
            Some(account) => {
                name = account.name.or(name);
                account.attributes
            }
            None => open.keys().map(|name| (name.clone(), None)).collect(),
        };
        for (name, value) in changes {
            let before = open.get(&name);
            if before.map(|(before, _)| before) == value.as_ref() {
                continue;
            }
            if let Some((before, from)) = open.remove(&name)
                // What another item says about the same moment never held.
                && from != said.from
            {
                facts.attributes.push(Attribute { name: name.clone(), value: before, from, until: said.from });
            }
            if let Some(value) = value {
                open.insert(name, (value, said.from));
            }
        }
    }
    let still = open.into_iter().map(|(name, (value, from))| Attribute { name, value, from, until: None });
    facts.attributes.extend(still);
    facts.account = Some(fact::Account { id: record.id.clone(), name: name.unwrap_or_else(|| record.id.clone()) });
}
