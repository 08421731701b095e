//! One subscription: its states, and the facts that follow.

use chrono::{DateTime, Utc};
use revenue::fact::{AccountFacts, Doubt, Evidence};

use super::book::Book;
use super::gather::{By, Told};
use super::history::{Entry, entries};
use crate::model::{Span, Status};

/// A subscription with all that is known of it.
pub(super) struct Contract<'a> {
    pub(super) id: &'a str,
    pub(super) told: &'a Told,
    pub(super) book: &'a Book,
    /// Oldest first; what is planned comes last.
    pub(super) entries: Vec<Entry>,
}

impl<'a> Contract<'a> {
    pub(super) fn of(id: &'a str, told: &'a Told, book: &'a Book) -> Self {
        let mut contract = Self { id, told, book, entries: entries(told) };
        contract.plan();
        contract
    }

    /// Adds charges, discounts, standings, doubts and problems.
    pub(super) fn add(&self, facts: &mut AccountFacts) {
        let mut charges = self.charges(&mut facts.problems);
        let (mut discounts, mut doubts) = self.discounts(&mut facts.problems);
        if let Some(rebuilt) = self.rebuilt(&mut facts.problems) {
            charges.extend(rebuilt.charges);
            discounts.extend(rebuilt.discounts);
            doubts.extend(rebuilt.doubts);
        }
        for doubt in &doubts {
            charges = charges.into_iter().flat_map(|charge| super::charge::graded(charge, doubt)).collect();
        }
        facts.charges.extend(charges);
        facts.discounts.extend(discounts);
        facts.stood.extend(self.stood());
        facts.doubts.extend(doubts);
    }

    /// From when to when an entry holds, cut where it says itself that service ends; `None` when that is never.
    pub(super) fn span(&self, index: usize) -> Option<Span> {
        let entry = self.entries.get(index)?;
        let next = self.entries.get(index + 1).map(|next| next.at);
        let subscription = &entry.subscription;
        // A cancelled one that was reactivated may still name its former end.
        let end = subscription.cancelled.filter(|end| *end > entry.at || subscription.status == Status::Ending);
        let until = [next, end, subscription.contract_end.filter(|end| *end > entry.at)].into_iter().flatten().min();
        let from = match (subscription.status, subscription.started) {
            (Status::Future, Some(started)) => started.max(entry.at),
            _ => entry.at,
        };
        until.is_none_or(|until| from < until).then_some((from, until))
    }

    /// Those that are in force, with the time over which they hold.
    pub(super) fn in_force(&self) -> impl Iterator<Item = (&Entry, Span)> {
        let in_force = self.entries.iter().enumerate().filter(|(_, entry)| entry.subscription.status.in_force());
        in_force.filter_map(|(index, entry)| Some((entry, self.span(index)?)))
    }

    /// From when on states are known, and when service began if that was before.
    pub(super) fn unknown(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let first = self.entries.first()?;
        let started = first.subscription.started.or(first.subscription.created)?;
        (first.by != By::Creation && started < first.at).then_some((started, first.at))
    }

    pub(super) fn doubt(
        &self,
        from: DateTime<Utc>,
        until: Option<DateTime<Utc>>,
        reason: String,
        origin: String,
    ) -> Doubt {
        Doubt { contract: self.id.to_owned(), from, until, reason, origin: vec![origin] }
    }
}

impl Entry {
    /// How it is known.
    pub(super) fn evidence(&self) -> Evidence {
        if matches!(self.by, By::Record | By::Plan) { Evidence::Observed } else { Evidence::History }
    }
}
