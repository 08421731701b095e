//! From when to when a discount was attached to something, by all that shows it there or not.

use chrono::{DateTime, Utc};

use super::doubt::Open;
use super::history::middle;
use crate::model::Applied;

/// Something that shows a discount, or does not show it any more.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    pub(super) at: DateTime<Utc>,
    pub(super) shown: bool,
    pub(super) by: By,
    /// The record, as `stream/id`.
    pub(super) origin: String,
}

/// What shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// A bill: one that does not name a discount may have had nothing to take it off.
    Bill,
    /// A state that was read.
    State,
    /// What an event tells of right before it, or without saying since when.
    Untimed,
    /// What happened at that very instant.
    Event,
}

/// How long a discount was attached.
#[derive(Debug, Default)]
pub(super) struct Attachment {
    /// `None` when it goes back as far as what it is attached to.
    pub(super) from: Option<DateTime<Utc>>,
    pub(super) until: Option<DateTime<Utc>>,
    /// When nobody knows whether it was attached still.
    pub(super) open: Option<Open>,
}

/// Follows a discount. `late` is whether it was given after the start of what it is attached to.
pub(super) fn follow(applied: &Applied, late: bool, mut sights: Vec<Sight>) -> Attachment {
    sights.sort_by_key(|sight| sight.at);
    let first = sights.iter().position(|sight| sight.shown);
    // A bill that is written anew names what the first one did: no bill brings back what an event took off.
    let taken_off = sights.iter().skip(first.map_or(0, |first| first + 1));
    let mut taken_off = taken_off.filter(|sight| !sight.shown && sight.by == By::Event && sight.at > applied.start);
    if let Some(at) = taken_off.next().map(|sight| sight.at) {
        sights.retain(|sight| !(sight.shown && sight.by == By::Bill && sight.at > at));
    }
    let missing = |sight: &&Sight| !sight.shown && sight.by != By::Bill;
    // Its own beginning, unless a state before should then have shown it. Where a state tells that
    // it was not there at first, it does not go back to the start.
    let from = match first.map(|first| sights.split_at(first)) {
        Some((before, [first, ..])) => match before.iter().rfind(missing) {
            Some(last) if applied.start <= last.at => Some(first.at),
            Some(_) => Some(applied.start),
            None => late.then_some(applied.start),
        },
        _ => late.then_some(applied.start),
    };
    // Once it is gone it does not come back: what does not show it before it was shown last, was
    // not to be believed.
    let last = sights.iter().rposition(|sight| sight.shown);
    let after = sights.get(last.map_or(0, |last| last + 1)..).unwrap_or_default();
    let Some(gone) = after.iter().find(|sight| sight.at >= applied.start) else {
        return Attachment { from, until: applied.end, open: None };
    };
    if let Some(end) = applied.end.filter(|end| *end <= gone.at) {
        return Attachment { from, until: Some(end), open: None };
    }
    let last = last.and_then(|last| sights.get(last));
    let known = last.map_or(applied.start, |last| last.at.max(applied.start));
    let by_bills = last.is_none_or(|last| last.by == By::Bill);
    let until = match gone.by {
        By::Event => gone.at,
        _ if by_bills => middle(known, gone.at),
        _ => gone.at,
    };
    // Nobody knows for how long a state that was read was still the same.
    let read = gone.by == By::State && !by_bills;
    let open = (gone.by != By::Event && !read && known < gone.at).then(|| Open {
        item: None,
        from: known,
        until: Some(gone.at),
        reason: format!(
            "the discount {} was taken off before its time, and nothing says on which day; \
             it is counted for half of the time between the last record that shows it and the next",
            applied.id
        ),
        origin: last.map(|last| last.origin.clone()).into_iter().chain([gone.origin.clone()]).collect(),
    });
    Attachment { from, until: Some(until), open }
}
