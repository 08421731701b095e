//! A case, and how it is told.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::{Mapper, RawRecord, Version};
use revenue::fact::AccountFacts;

/// One version of a record: when it was received, and what it said; nothing for "it is gone".
pub type Received = (&'static str, &'static str);

pub fn mapper() -> Box<dyn Mapper> {
    let settings = "key = '0123456789abcdef'".parse().unwrap();
    mrr_connector_push::configure(settings, chrono_tz::Europe::Berlin).unwrap().mapper(&[])
}

pub fn record(stream: &str, id: &str, versions: &[Received]) -> RawRecord {
    let versions = versions.iter().map(|(at, payload)| Version {
        payload: (*payload).to_owned(),
        seen_at: instant(at),
        deleted: payload.is_empty(),
    });
    RawRecord { stream: stream.into(), id: id.into(), versions: versions.collect() }
}

fn instant(text: &str) -> DateTime<Utc> {
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    whole.parse().unwrap()
}

/// The facts of account `a`, in whichever order the records come.
pub fn facts(records: &[RawRecord]) -> AccountFacts {
    let found = mapper().facts("a", records);
    let reversed: Vec<RawRecord> = records.iter().rev().cloned().collect();
    assert_eq!(mapper().facts("a", &reversed), found, "the order of the records decides something");
    found
}

/// In the zone of the book, midnight left out.
pub fn told(at: Option<DateTime<Utc>>) -> String {
    let Some(at) = at else { return "...".into() };
    let local = at.with_timezone(&chrono_tz::Europe::Berlin).format("%Y-%m-%dT%H:%M:%S").to_string();
    local.trim_end_matches("T00:00:00").to_owned()
}
