//! From the items of one account to facts: pure, total, and the same in any order of records.

mod account;
mod subscription;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mrr_connector_sdk::json::{Object, Unreadable};
use mrr_connector_sdk::{Mapper, RawRecord, Version};
use revenue::fact::{AccountFacts, Problem};

use crate::streams::{ACCOUNTS, SUBSCRIPTIONS};

/// Maps accounts. There is nothing that several of them refer to.
pub(crate) struct PushMapper {
    pub(crate) zone: Tz,
}

impl Mapper for PushMapper {
    fn facts(&self, account: &str, records: &[RawRecord]) -> AccountFacts {
        let mut facts = AccountFacts::default();
        let mut records: Vec<&RawRecord> = records.iter().collect();
        // One order for all orders.
        records.sort_by_key(|record| (&record.stream, &record.id));
        for record in records {
            if record.stream == ACCOUNTS.name && record.id == account {
                account::add(record, self.zone, &mut facts);
            } else if record.stream == SUBSCRIPTIONS.name {
                subscription::add(record, self.zone, &mut facts);
            }
        }
        facts.problems.sort();
        facts.problems.dedup();
        facts
    }
}

/// What was said about a record, from when on: what it says, or that it is gone.
struct Said<T> {
    from: Option<DateTime<Utc>>,
    what: Option<T>,
}

/// Everything that was said about a record, in the order in which it holds. An item holds from its
/// `ts` on. Without one it holds from when it was received on, and the first of all as `first` says.
/// Of several for one moment the last counts.
fn said<T>(
    record: &RawRecord,
    problems: &mut Vec<Problem>,
    read: impl Fn(&Object<'_>) -> Result<T, Unreadable>,
    ts: impl Fn(&T) -> Option<DateTime<Utc>>,
    first: impl Fn(&T) -> Option<DateTime<Utc>>,
) -> Vec<Said<T>> {
    let mut all: Vec<Said<T>> = Vec::new();
    for version in &record.versions {
        if version.deleted {
            all.push(Said { from: Some(version.seen_at), what: None });
            continue;
        }
        match Object::of(&version.payload).and_then(|fields| read(&fields)) {
            Ok(what) => {
                let unsaid = if all.is_empty() { first(&what) } else { Some(version.seen_at) };
                all.push(Said { from: ts(&what).or(unsaid), what: Some(what) });
            }
            Err(error) => problems.push(unreadable(record, version, error)),
        }
    }
    // A stable sort: of what holds from the same moment on, the last said stays last.
    all.sort_by_key(|said| said.from);
    all
}

/// It was readable when it was taken in, so the rules have changed since.
fn unreadable(record: &RawRecord, version: &Version, error: Unreadable) -> Problem {
    let at = version.seen_at.format("%Y-%m-%dT%H:%M:%SZ");
    Problem {
        stream: record.stream.clone(),
        record: record.id.clone(),
        field: error.path,
        message: format!("{}; what was said at {at} is left out, push it again as it should be", error.message),
    }
}
