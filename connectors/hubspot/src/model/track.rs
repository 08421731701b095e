//! A property over time, from its histories and from what was seen.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use mrr_connector_sdk::json::{Object, Unreadable};

use super::value::{instant, property, told};

type At = DateTime<Utc>;

/// HubSpot's clock comes in whole seconds: a record was read within one.
const WITHIN: TimeDelta = TimeDelta::milliseconds(999);

/// What a record said when it was read.
pub(crate) struct Seen<'a> {
    pub(crate) at: At,
    pub(crate) fields: Object<'a>,
}

/// A property over time.
///
/// HubSpot keeps the newest entries of a history only. Each version that was read has its own, so
/// that what is known grows with time; where not even two versions meet there is a hole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Track {
    /// What was set when; `None` empties it.
    steps: BTreeMap<At, Option<String>>,
    /// What it was before the first of them, where no history says otherwise.
    base: Option<String>,
    /// Times of which nothing is known, from the end of what was known before, if anything was.
    pub(crate) holes: Vec<(Option<At>, At)>,
}

/// An entry of a history.
type Entry = (At, Option<String>);

impl Track {
    /// What `versions`, oldest first, say of a property. A history of `most` entries may have had more.
    pub(crate) fn of(versions: &[Seen<'_>], name: &str, most: usize) -> Result<Self, Unreadable> {
        let mut track = Self::default();
        let mut known: Option<At> = None;
        for version in versions.iter().filter(|version| shows(&version.fields, name)) {
            let entries = history(&version.fields, name)?;
            if let Some((oldest, _)) = entries.first() {
                let whole = entries.len() < most || begins_with(&version.fields, *oldest);
                if !whole && known.is_none_or(|known| known < *oldest) {
                    track.holes.push((known, *oldest));
                }
            }
            track.steps.extend(entries);
            let now = property(&version.fields, name)?;
            // What HubSpot works out itself may change without an entry.
            if track.at(version.at + WITHIN) != now.as_deref() {
                match known {
                    None if track.steps.is_empty() => track.base = now,
                    _ => drop(track.steps.insert(version.at, now)),
                }
            }
            known = Some(version.at);
        }
        Ok(track)
    }

    /// What it is at an instant.
    pub(crate) fn at(&self, at: At) -> Option<&str> {
        match self.steps.range(..=at).next_back() {
            Some((_, value)) => value.as_deref(),
            None => self.base.as_deref(),
        }
    }

    /// The same, where what was first said is taken to have been so before.
    pub(crate) fn at_or_first(&self, at: At) -> Option<&str> {
        let before = self.base.is_none() && self.steps.range(..=at).next().is_none();
        if before { self.steps.values().next()?.as_deref() } else { self.at(at) }
    }

    /// When it was set, in order.
    pub(crate) fn changes(&self) -> impl Iterator<Item = At> {
        self.steps.keys().copied()
    }

    /// Whether it is dated by a history at all.
    pub(crate) fn is_dated(&self) -> bool {
        self.base.is_none()
    }

    /// The times over which it has one value, in order; times without one and holes are left out.
    pub(crate) fn spans(&self) -> Vec<(Option<At>, Option<At>, String)> {
        let mut found: Vec<(Option<At>, Option<At>, String)> = Vec::new();
        let begins = std::iter::once((None, &self.base)).chain(self.steps.iter().map(|(at, value)| (Some(*at), value)));
        for (from, value) in begins {
            if let Some((_, until @ None, held)) = found.last_mut() {
                if value.as_ref() == Some(held) {
                    continue;
                }
                *until = from;
            }
            found.extend(value.clone().map(|value| (from, None, value)));
        }
        for (from, until) in self.holes.iter().filter_map(|(from, until)| Some(((*from)?, *until))) {
            for span in &mut found {
                let crosses = span.0.is_none_or(|begin| begin <= from) && span.1.is_none_or(|end| end >= until);
                if crosses {
                    span.1 = Some(from);
                }
            }
        }
        found
    }
}

/// Whether a property was asked for when the record was read. HubSpot shows an empty one as null.
fn shows(record: &Object<'_>, name: &str) -> bool {
    let properties = record.get("properties").and_then(|properties| properties.object().ok());
    // What can't be taken apart is found to be so further on.
    properties.is_none_or(|properties| properties.names().any(|shown| shown == name))
}

/// A property's history, oldest first.
fn history(record: &Object<'_>, name: &str) -> Result<Vec<Entry>, Unreadable> {
    let Some(all) = record.get("propertiesWithHistory") else { return Ok(Vec::new()) };
    let Some(list) = all.object()?.get(name) else { return Ok(Vec::new()) };
    let entry = |node: &mrr_connector_sdk::json::Node<'_>| {
        let entry = node.object()?;
        let value = entry.get("value").map(|value| told(&value)).transpose()?.flatten();
        Ok((instant(&entry.need("timestamp")?)?, value))
    };
    let mut entries: Vec<Entry> = list.list()?.iter().rev().map(entry).collect::<Result<_, _>>()?;
    // A stable sort: of one millisecond's entries the newest stays last.
    entries.sort_by_key(|(at, _)| *at);
    Ok(entries)
}

/// Whether an entry is from when the record was made, so that there were none before it. Entries that
/// are older came with a record that was merged into it, and say nothing of others.
fn begins_with(record: &Object<'_>, oldest: At) -> bool {
    let made = record.get("createdAt").and_then(|made| instant(&made).ok());
    made.is_some_and(|made| (oldest - made).abs() <= TimeDelta::minutes(1))
}
