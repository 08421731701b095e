//! One account's records into the rows that follow from them: a pure function.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use mrr_connector_sdk::RawRecord;
use revenue::calendar::Zone;
use revenue::fact::{AccountFacts, Standing, Stood};
use revenue::segment::segments;

use super::Derivation;
use super::rows::{AttributeRow, DoubtRow, SegmentRow};
use crate::engine::crosswalk::{IdentityRow, comparable};
use crate::engine::problem::{ProblemRow, record_name};
use crate::store::text;

const LONGEST_NAME: usize = 500;

/// What follows from an account's records.
#[derive(Debug)]
pub struct Derived {
    /// When the newest of its records landed.
    pub landed_at: DateTime<Utc>,
    /// `None` when the mapper failed: then what is stored stays as it is.
    pub rows: Option<Rows>,
    /// Sorted, one an identity.
    pub problems: Vec<ProblemRow>,
}

/// The rows of an account.
#[derive(Debug)]
pub struct Rows {
    /// `None` when there is nothing to say about it.
    pub name: Option<String>,
    pub segments: Vec<SegmentRow>,
    pub attributes: Vec<AttributeRow>,
    pub doubts: Vec<DoubtRow>,
    pub identities: Vec<IdentityRow>,
}

/// Derives one account.
pub fn derived(derivation: &Derivation<'_>, account: &str, records: &[RawRecord], landed_at: DateTime<Utc>) -> Derived {
    let Derivation { source, zone, mapper, convertible, .. } = derivation;
    let zone = *zone;
    let computed = catch_unwind(AssertUnwindSafe(|| {
        let mut facts = mapper.facts(account, records);
        if source.contracted {
            contracted(&mut facts);
        }
        let (segments, problems) = segments(&facts, zone);
        (facts, segments, problems)
    }));
    let Ok((facts, segments, more)) = computed else {
        let problem = ProblemRow {
            stream: "accounts".into(),
            record: record_name(account),
            field: String::new(),
            message: format!(
                "connector `{}` panicked at the records of this account; its numbers are as they were, report this to the connector's maintainers",
                source.vendor
            ),
        };
        return Derived { landed_at, rows: None, problems: vec![problem] };
    };
    let mut segments: Vec<SegmentRow> = segments.iter().map(SegmentRow::from).collect();
    let left_out = convertible.keep(&mut segments);
    let attributes = attributes(&facts, zone);
    let mut doubts: Vec<DoubtRow> = facts.doubts.iter().filter_map(|doubt| DoubtRow::on_days(doubt, zone)).collect();
    doubts.sort();
    doubts.dedup();
    let identities = comparable(&facts.identities, &source.crosswalk.free_mail);
    let known = facts.account.is_some() || !segments.is_empty() || !left_out.is_empty() || !attributes.is_empty();
    let name = facts.account.as_ref().map(|account| account.name.as_str()).filter(|name| !name.trim().is_empty());
    let name = known.then(|| text(name.unwrap_or(account), LONGEST_NAME));
    Derived {
        landed_at,
        rows: Some(Rows { name, segments, attributes, doubts, identities }),
        problems: once_each(facts.problems.iter().chain(&more).map(ProblemRow::from).chain(left_out)),
    }
}

/// What is billed elsewhere is kept beside it and counted nowhere.
fn contracted(facts: &mut AccountFacts) {
    let mut begins: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
    for charge in &facts.charges {
        let begin = begins.entry(&charge.contract).or_insert(charge.from);
        *begin = charge.from.min(*begin);
    }
    let stood = begins.into_iter().map(|(contract, from)| {
        let contract = contract.to_owned();
        Stood { contract, standing: Standing::Contracted, from, until: None }
    });
    let stood: Vec<Stood> = stood.collect();
    facts.stood.extend(stood);
}

/// The attributes on the days of the book's zone, each once.
fn attributes(facts: &AccountFacts, zone: Zone) -> Vec<AttributeRow> {
    let mut rows: Vec<AttributeRow> =
        facts.attributes.iter().filter_map(|attribute| AttributeRow::on_days(attribute, zone)).collect();
    rows.sort();
    rows.dedup();
    rows
}

/// What is said twice about one field becomes one row that says both.
fn once_each(problems: impl Iterator<Item = ProblemRow>) -> Vec<ProblemRow> {
    let mut once: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
    for problem in problems {
        let said = once.entry((problem.stream, problem.record, problem.field)).or_default();
        if !said.contains(&problem.message) {
            said.push(problem.message);
        }
    }
    once.into_iter()
        .map(|((stream, record, field), mut said)| {
            // Sorted, because the mapper may say them in any order.
            said.sort();
            ProblemRow { stream, record, field, message: text(&said.join("; "), 2_000) }
        })
        .collect()
}
