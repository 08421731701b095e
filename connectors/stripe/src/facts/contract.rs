//! One subscription with all that is known of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use revenue::money::Currency;

use super::bills::ContractBills;
use super::book::Book;
use super::known::Known;
use super::planned::{Plan, Planned};
use super::span::{Span, earlier};
use crate::model::{Item, Line, Price, Status};

/// A subscription with everything that was said about it.
pub(super) struct Contract<'a> {
    pub(super) id: &'a str,
    pub(super) known: Option<&'a Known>,
    pub(super) bills: &'a ContractBills,
    /// What its schedules change, oldest first.
    pub(super) planned: &'a [Planned],
    pub(super) book: &'a Book,
    /// When it began.
    pub(super) start: DateTime<Utc>,
    /// When it ended, or is known to end.
    pub(super) end: Option<DateTime<Utc>>,
    /// Whether it is still to begin, and its schedule is all there is.
    pub(super) scheduled: bool,
    /// When there was no service although it went on: unpaid, or not paid for yet.
    pub(super) suspended: Vec<Span>,
    /// When collecting was paused on purpose.
    pub(super) paused: Vec<Span>,
    /// Since when all is given back that was paid for its last period.
    pub(super) refunded: Option<DateTime<Utc>>,
}

/// What was made within this time of its subscription was there from its start.
pub(super) const FROM_THE_START: TimeDelta = TimeDelta::minutes(5);

impl<'a> Contract<'a> {
    pub(super) fn of(
        id: &'a str,
        known: Option<&'a Known>,
        bills: &'a ContractBills,
        plan: Option<&'a Plan>,
        book: &'a Book,
    ) -> Self {
        let first = bills.lines.first().map_or(DateTime::UNIX_EPOCH, |line| line.start);
        let covered = bills.lines.iter().map(|line| line.end).max();
        let (start, end) = match known {
            None => (first, covered),
            Some(known) => {
                let subscription = known.newest();
                let end = match subscription.status {
                    Status::Counts | Status::Suspended(_) => subscription.ended.or(subscription.cancel_at),
                    Status::Canceled => subscription.ended.or(covered).or_else(|| canceled_by(known)),
                    Status::Trialing => None,
                    Status::Incomplete => Some(subscription.start),
                };
                (subscription.start, earlier(end, known.gone))
            }
        };
        let end = earlier(end, plan.and_then(|plan| plan.ends));
        let planned = plan.map_or(&[][..], |plan| &plan.steps);
        Self {
            id,
            known,
            bills,
            planned,
            book,
            start,
            end,
            scheduled: false,
            suspended: vec![],
            paused: vec![],
            refunded: None,
        }
    }

    /// A subscription that a schedule will make.
    pub(super) fn scheduled(id: &'a str, plan: &'a Plan, bills: &'a ContractBills, book: &'a Book) -> Self {
        let start = plan.steps.first().map_or(DateTime::UNIX_EPOCH, |step| step.at);
        let (known, end) = (None, plan.ends);
        Self {
            id,
            known,
            bills,
            planned: &plan.steps,
            book,
            start,
            end,
            scheduled: true,
            suspended: vec![],
            paused: vec![],
            refunded: None,
        }
    }

    /// When somebody entered it: later than its start if it was backdated.
    pub(super) fn made(&self) -> DateTime<Utc> {
        self.known.map_or(self.start, |known| known.newest().created.max(self.start))
    }

    /// What is planned behind all that is known.
    pub(super) fn ahead(&self) -> impl Iterator<Item = &'a Planned> {
        let known = self.known.and_then(|known| known.snapshots().last()).map(|newest| newest.at);
        let all = self.scheduled;
        self.planned.iter().filter(move |step| all || known.is_some_and(|known| known < step.at))
    }

    /// The lines of each item that was ever known or billed. A line that does not name its item is
    /// for the one that has or had its price; without one it stands for an item of its own.
    pub(super) fn lines_by_item(&self) -> BTreeMap<&'a str, Vec<&'a Line>> {
        let mut items_of: BTreeMap<&str, BTreeSet<&'a str>> = BTreeMap::new();
        let mut by_item: BTreeMap<&'a str, Vec<&'a Line>> = BTreeMap::new();
        for line in &self.bills.lines {
            if let Some(item) = &line.subject.item {
                items_of.entry(&line.price).or_default().insert(item);
            }
        }
        for item in self.items() {
            items_of.entry(&item.price.id).or_default().insert(&item.id);
            by_item.entry(&item.id).or_default();
        }
        for line in &self.bills.lines {
            let item = line.subject.item.as_deref().unwrap_or_else(|| {
                let known = items_of.get(line.price.as_str());
                known.and_then(|items| items.first().copied()).unwrap_or(&line.price)
            });
            by_item.entry(item).or_default().push(line);
        }
        by_item
    }

    /// The items of all known states, the newest first.
    pub(super) fn items(&self) -> impl Iterator<Item = &'a Item> {
        self.known.into_iter().flat_map(Known::items)
    }

    /// A price that is or was embedded in an item.
    pub(super) fn embedded_price(&self, id: &str) -> Option<&'a Price> {
        self.items().map(|item| &item.price).find(|price| price.id == id)
    }

    /// An item that is there now.
    pub(super) fn present(&self, item: &str) -> Option<&'a Item> {
        self.known?.newest().items.iter().find(|present| present.id == item)
    }

    /// The currency it is billed in.
    pub(super) fn currency(&self) -> Option<Currency> {
        let named = self.known.and_then(|known| known.newest().currency);
        named.or_else(|| self.bills.lines.first().map(|line| line.currency))
    }

    /// Whether an item was there when its subscription was made.
    pub(super) fn is_original(&self, item: &Item) -> bool {
        let made = self.known.map(|known| known.newest().created);
        item.created.zip(made).is_none_or(|(item, subscription)| item <= subscription + FROM_THE_START)
    }

    /// When a present item is known to end.
    pub(super) fn item_end(&self, item: &str) -> Option<DateTime<Utc>> {
        let subscription = self.known?.newest();
        let ends = subscription.status == Status::Counts && subscription.cancel_at_period_end;
        if ends && subscription.cancel_at.is_none() { self.present(item).map(|item| item.period_end) } else { None }
    }
}

/// When it was first known to be canceled.
fn canceled_by(known: &Known) -> Option<DateTime<Utc>> {
    let mut snapshots = known.snapshots();
    snapshots.find(|snapshot| snapshot.subscription.status == Status::Canceled).map(|snapshot| snapshot.at)
}
