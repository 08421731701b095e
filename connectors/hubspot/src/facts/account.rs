//! The company: a name to show, and its attributes with their past.

use chrono::{DateTime, Utc};
use mrr_connector_sdk::RawRecord;
use revenue::fact::{self, AccountFacts, Attribute};

use super::book::Book;
use super::{Rules, identity, told};
use crate::model::{Problems, Seen, Track, property};

/// The property whose values are owners' ids.
const OWNER: &str = "hubspot_owner_id";

/// Adds the account. One that is gone keeps what it was last known by until then: its deals may go on.
pub(super) fn add(record: &RawRecord, book: &Book, rules: &Rules, facts: &mut AccountFacts) {
    let AccountFacts { account, attributes, identities, problems, .. } = facts;
    let mut problems = Problems::of("companies", &record.id, problems);
    let (versions, gone) = told(record, &mut problems);
    let last = versions.last();
    let mut text = |name: &str| {
        let last = last?;
        problems.keep(property(&last.fields, name), "it is passed over").flatten()
    };
    let name = text("name").or_else(|| text("domain")).unwrap_or_else(|| record.id.clone());
    *account = Some(fact::Account { id: record.id.clone(), name });
    if let Some(last) = last {
        identities.extend(identity::identities(&last.fields, rules));
    }
    for (attribute, property) in &rules.attributes {
        let found = of_property(&versions, (attribute, property), gone, (book, rules), &mut problems);
        attributes.extend(found);
    }
}

fn of_property(
    versions: &[Seen<'_>],
    (attribute, property): (&str, &str),
    gone: Option<DateTime<Utc>>,
    (book, rules): (&Book, &Rules),
    problems: &mut Problems<'_>,
) -> Vec<Attribute> {
    let track = Track::of(versions, property, rules.history_length);
    let Some(track) = problems.keep(track, "the attribute is left out") else { return Vec::new() };
    for (from, until) in &track.holes {
        let day = |at: &DateTime<Utc>| rules.zone.date_of(*at).to_string();
        let since = from.as_ref().map(|from| format!("after {} and ", day(from))).unwrap_or_default();
        problems.say(
            property,
            format!(
                "is not known {since}before {}: HubSpot keeps the newest {} changes of a property, and no sync has \
                 seen it then; `{attribute}` has no value there",
                day(until),
                rules.history_length
            ),
        );
    }
    let spans = track.spans().into_iter().filter_map(|(from, until, value)| {
        let until = until.into_iter().chain(gone).min();
        let some = until.is_none_or(|until| from.is_none_or(|from| from < until));
        let value = if property == OWNER { owner(&value, book, problems) } else { value };
        some.then(|| Attribute { name: attribute.to_owned(), value, from, until })
    });
    spans.collect()
}

fn owner(id: &str, book: &Book, problems: &mut Problems<'_>) -> String {
    if let Some(name) = book.owner(id) {
        return name.to_owned();
    }
    problems.say(OWNER, format!("names the owner {id}, who is not among the owners; the id is shown instead"));
    id.to_owned()
}
