//! What a customer's record says about recurring revenue: pure.

use std::str::FromStr;

use mrr_connector_sdk::{Mapper, RawRecord};
use revenue::fact::{Account, AccountFacts, Charge, Evidence, Identity, IdentityKind, Problem};

use crate::model::{Customer, Subscription};

pub(crate) struct ExampleMapper;

impl Mapper for ExampleMapper {
    fn facts(&self, account: &str, records: &[RawRecord]) -> AccountFacts {
        let mut facts = AccountFacts::default();
        for record in records {
            let Some(newest) = record.newest() else { continue };
            match serde_json::from_str::<Customer>(&newest.payload) {
                Ok(customer) => add(account, customer, record, &mut facts),
                Err(_) => facts.problems.push(problem(record, "", "is no customer; it is in no number")),
            }
        }
        facts
    }
}

fn add(account: &str, customer: Customer, record: &RawRecord, facts: &mut AccountFacts) {
    facts.account = Some(Account { id: account.to_owned(), name: customer.name.unwrap_or_else(|| account.to_owned()) });
    facts.identities.extend(customer.email.map(|value| Identity { kind: IdentityKind::Email, value }));
    for (index, subscription) in customer.subscriptions.into_iter().enumerate() {
        match charge(subscription, record) {
            Ok(charge) => facts.charges.push(charge),
            Err((field, why)) => {
                let field = format!("subscriptions[{index}]{field}");
                facts.problems.push(problem(record, &field, &format!("{why}; it is in no number")));
            }
        }
    }
}

/// The charge, or the field at fault and why.
fn charge(subscription: serde_json::Value, record: &RawRecord) -> Result<Charge, (&'static str, String)> {
    let read: Subscription = serde_json::from_value(subscription).map_err(|error| ("", error.to_string()))?;
    Ok(Charge {
        contract: read.id.clone(),
        item: read.id,
        usage: false,
        plan: read.plan,
        currency: parsed(".currency", &read.currency)?,
        amount: read.amount,
        quantity: read.quantity,
        interval: parsed(".interval", &read.interval)?,
        from: read.started_at,
        until: read.ended_at,
        // Nothing tells what it was before it was first read.
        evidence: if record.first_seen().is_some_and(|seen| seen <= read.started_at) {
            Evidence::Observed
        } else {
            Evidence::Projected
        },
        origin: vec![format!("{}/{}", record.stream, record.id)],
    })
}

fn parsed<T: FromStr>(field: &'static str, text: &str) -> Result<T, (&'static str, String)>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| (field, error.to_string()))
}

fn problem(record: &RawRecord, field: &str, message: &str) -> Problem {
    Problem {
        stream: record.stream.clone(),
        record: record.id.clone(),
        field: field.to_owned(),
        message: message.to_owned(),
    }
}
