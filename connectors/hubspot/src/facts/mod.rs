//! From the records of one company to facts: pure, total, and the same in any order.

mod account;
mod book;
mod contract;
mod identity;
mod survey;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mrr_connector_sdk::json::Object;
use mrr_connector_sdk::{Mapper, RawRecord};
use revenue::calendar::Zone;
use revenue::fact::AccountFacts;

use crate::config::Config;
use crate::model::{Problems, Seen, instant};
use book::Book;

/// Maps companies with the owners and pipelines of the whole account.
pub(crate) struct HubSpotMapper {
    book: Book,
    rules: Rules,
}

/// The settings that facts depend on.
struct Rules {
    attributes: BTreeMap<String, String>,
    foreign_ids: BTreeMap<String, String>,
    history_length: usize,
    zone: Zone,
}

impl HubSpotMapper {
    pub(crate) fn new(references: &[RawRecord], config: &Config) -> Self {
        let rules = Rules {
            attributes: config.attributes.clone(),
            foreign_ids: config.foreign_ids.clone(),
            history_length: config.history_length,
            zone: config.zone,
        };
        Self { book: Book::of(references), rules }
    }
}

impl Mapper for HubSpotMapper {
    fn facts(&self, account: &str, records: &[RawRecord]) -> AccountFacts {
        let mut facts = AccountFacts::default();
        let mut records: Vec<&RawRecord> = records.iter().collect();
        // One order for all orders, so that no choice below depends on how the records came.
        records.sort_by_key(|record| (&record.stream, &record.id));
        let of_stream = |stream: &'static str| records.iter().copied().filter(move |record| record.stream == stream);
        for record in of_stream("companies").filter(|record| record.id == account) {
            account::add(record, &self.book, &self.rules, &mut facts);
        }
        let deals: Vec<&RawRecord> = of_stream("deals").collect();
        let absorbed = contract::absorbed(&deals);
        for record in deals {
            contract::add(record, &absorbed, &self.book, &self.rules, &mut facts);
        }
        survey::add(of_stream("feedback_submissions"), &mut facts);
        facts.problems.sort();
        facts.problems.dedup();
        facts
    }
}

/// What a record said, oldest first, and when it was gone: put away, merged into another or found no
/// more. What can't be taken apart is a problem.
fn told<'a>(record: &'a RawRecord, problems: &mut Problems<'_>) -> (Vec<Seen<'a>>, Option<DateTime<Utc>>) {
    let mut all = Vec::new();
    let mut gone = None;
    for version in &record.versions {
        if version.deleted {
            gone = gone.or(Some(version.seen_at));
            continue;
        }
        let consequence = "what it said then is passed over";
        let Some(fields) = problems.keep(Object::of(&version.payload), consequence) else { continue };
        let archived = fields.get("archived").is_some_and(|archived| archived.boolean() == Ok(true));
        gone = match archived {
            true => {
                let at =
                    fields.get("archivedAt").and_then(|at| problems.keep(instant(&at), "the day it was read is taken"));
                gone.or(at).or(Some(version.seen_at))
            }
            // It was restored.
            false => None,
        };
        all.push(Seen { at: version.seen_at, fields });
    }
    (all, gone)
}
