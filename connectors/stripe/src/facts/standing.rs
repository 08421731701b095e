//! When a subscription did not count although it went on, as its bills tell it: while collecting
//! is paused they are voided as they are made, while it is unpaid they are left as drafts, and
//! between a trial and its first bill there are none.

use chrono::{DateTime, TimeDelta, Utc};

use super::bills::{Bill, Mark, RETRIES};
use super::contract::Contract;
use super::doubt::Open;
use super::history::middle;
use super::span::{Span, earlier};
use crate::model::{Status, Suspension};

/// Whoever pays later than this may have been unpaid in the meantime.
const LATE: TimeDelta = TimeDelta::days(10);
/// A first bill that is not paid within a day ends its subscription.
const FIRST_PAYMENT: TimeDelta = TimeDelta::hours(23);
/// A bill is written at the latest so long after its period began.
const WRITTEN: TimeDelta = TimeDelta::days(1);

/// What bills tell of the time before a subscription is known from itself.
#[derive(Default)]
pub(super) struct Standing {
    pub(super) suspended: Vec<Span>,
    pub(super) paused: Vec<Span>,
    pub(super) open: Vec<Open>,
}

/// A piece of evidence: how it stood at an instant.
struct Piece<'a> {
    at: DateTime<Utc>,
    mark: Mark,
    /// Whether it is the end.
    ended: bool,
    origin: &'a str,
}

impl Contract<'_> {
    /// How it stood up to an instant, at which it is known by itself.
    pub(super) fn standing_by_bills(&self) -> Standing {
        let first = self.known.map(|known| known.first());
        let heard_of = |bill: &&Bill| first.is_none_or(|first| first.has_heard_of(bill.at));
        let bills = self.bills.bills.iter().filter(heard_of);
        let bills: Vec<&Bill> = bills.filter(|bill| self.trial_end().is_none_or(|end| end <= bill.at)).collect();
        let mut found = Standing::default();
        found.suspended.extend(self.before_the_first(&bills));
        let begun = self.trial_end().unwrap_or(self.start);
        let mut last = Piece { at: begun, mark: Mark::Collected, ended: false, origin: "" };
        for bill in bills.iter().filter(|bill| self.end.is_none_or(|end| bill.at < end)) {
            // Nothing goes unpaid before a bill that was sent was not paid: such a draft is kept by a pause of
            // collecting, during which service goes on.
            let kept = bill.mark == Some(Mark::Held) && !bills.iter().any(|other| other.is_owed_at(bill.at));
            let Some(mark) = bill.mark.filter(|_| !kept) else { continue };
            let next = Piece { at: bill.at, mark, ended: false, origin: &bill.origin };
            found.between(&last, &next, &bills);
            last = next;
        }
        if let Some(known) = self.known {
            let first = known.first();
            let at = earlier(Some(first.at), self.end).unwrap_or(first.at);
            let mark = match first.subscription.status {
                Status::Suspended(Suspension::AfterTrial) => {
                    found.suspended.push((begun, Some(at)));
                    return found;
                }
                Status::Trialing | Status::Incomplete => return found,
                Status::Suspended(Suspension::Unpaid) => Mark::Held,
                Status::Suspended(Suspension::Voided) => Mark::Voided,
                Status::Counts => Mark::Collected,
                // What ended because nobody paid was still unpaid.
                Status::Canceled if last.mark == Mark::Held && first.subscription.not_paid => Mark::Held,
                Status::Canceled => Mark::Collected,
            };
            let ended = first.subscription.status == Status::Canceled;
            found.between(&last, &Piece { at, mark, ended, origin: &first.origin }, &bills);
            // From here on it tells by itself how it stands.
            for (_, until) in found.suspended.iter_mut().chain(&mut found.paused) {
                *until = earlier(*until, Some(at));
            }
        }
        found
    }

    /// Before a trial's end bills are of nothing and tell nothing.
    fn trial_end(&self) -> Option<DateTime<Utc>> {
        let (_, end) = self.known?.newest().trial?;
        Some(end)
    }

    /// From the start, or the end of the trial, to when it came to count at all.
    fn before_the_first(&self, bills: &[&Bill]) -> Option<Span> {
        let Some(first) = bills.first() else { return self.never_billed() };
        let charged = first.first && first.due.is_none();
        let paid = first.settled.filter(|paid| charged && *paid - first.at <= FIRST_PAYMENT);
        match (self.trial_end(), paid) {
            // A trial that ended without a way to pay: no bill was written before there was one.
            (Some(end), _) if first.at - end > WRITTEN => Some((end, Some(first.at))),
            (None, Some(paid)) if self.start >= first.at => Some((self.start, Some(paid))),
            _ => None,
        }
    }

    /// A trial that was billed, with nothing, and no bill after it: what ended later than the first
    /// would have been written was paused for want of a way to pay, and never came to count.
    fn never_billed(&self) -> Option<Span> {
        let (trial_end, end) = (self.trial_end()?, self.end?);
        let canceled = self.known?.first().subscription.status == Status::Canceled;
        let billed = |of_trial: bool| self.bills.bills.iter().any(|bill| (bill.at < trial_end) == of_trial);
        let never = canceled && billed(true) && !billed(false);
        (never && end - trial_end > WRITTEN).then_some((trial_end, Some(end)))
    }
}

impl Standing {
    /// What two pieces of evidence, one after the other, tell of the time between them.
    fn between(&mut self, last: &Piece<'_>, next: &Piece<'_>, bills: &[&Bill]) {
        let origin =
            || [last.origin, next.origin].iter().filter(|of| !of.is_empty()).map(|of| of.to_string()).collect();
        let mut open = |from: DateTime<Utc>, until: DateTime<Utc>, reason: &str| {
            self.open.push(Open { item: None, from, until: Some(until), reason: reason.to_owned(), origin: origin() });
        };
        // The bill that nobody has paid by then, and from when on collecting it was given up.
        let unpaid = bills.iter().rfind(|bill| bill.is_owed_at(last.at));
        let given_up = unpaid.map(|bill| bill.expected() + RETRIES);
        let paid = unpaid.and_then(|bill| bill.settled).filter(|paid| *paid <= next.at);
        // What is sent to be paid is nothing that Stripe tries to charge: paying that late is a habit.
        let charged = unpaid.is_some_and(|bill| bill.due.is_none());
        if let (Some(paid), Some(given_up)) = (paid, given_up)
            && charged
            && given_up + RETRIES < paid
            && next.mark != Mark::Held
            && !bills.iter().any(|bill| bill.goes_on_past_due(bills))
        {
            self.suspended.push((given_up, Some(paid)));
        }
        // What no bill covers any more had stopped by then.
        let covered = bills.iter().filter(|bill| bill.at <= last.at).filter_map(|bill| bill.covers).max();
        let unbilled = covered.map_or(next.at, |covered| covered.max(last.at).min(next.at));
        match (last.mark, next.mark) {
            (Mark::Collected, Mark::Collected) => {
                let Some(from) = unpaid.map(|bill| bill.expected().max(last.at)) else { return };
                match paid {
                    Some(paid) if paid - from > LATE => open(from, paid, PAID_LATE),
                    // Whoever owes still and counts all the same never went unpaid.
                    None if next.ended && next.at - from > LATE => {
                        let given_up = given_up.filter(|given_up| *given_up + RETRIES < next.at);
                        self.suspended.extend(given_up.map(|given_up| (given_up.max(from), Some(next.at))));
                        open(from, next.at, NEVER_PAID);
                    }
                    _ => {}
                }
            }
            (Mark::Collected, Mark::Held) => {
                let from = given_up.map_or(unbilled, |given_up| given_up.max(last.at).min(unbilled));
                self.suspended.push((from, Some(next.at)));
                open(last.at, next.at, WENT_UNPAID);
            }
            (Mark::Collected, Mark::Voided) => {
                // What was paid for counts to its end, on whichever day the pause was entered.
                self.paused.push((unbilled, Some(next.at)));
                open(last.at, next.at, PAUSED);
            }
            (Mark::Held, Mark::Collected) => {
                // Whoever pays what is open is in good standing from then on.
                let paid = bills.iter().filter_map(|bill| bill.settled.filter(|_| bill.at <= last.at));
                let paid = paid.filter(|paid| last.at < *paid && *paid <= next.at).min();
                self.suspended.push((last.at, Some(paid.unwrap_or(next.at))));
                if paid.is_none() {
                    open(last.at, next.at, RECOVERED);
                }
            }
            (Mark::Voided, Mark::Collected) => {
                // What ended had no need to be resumed before.
                let resumed = if next.ended { next.at } else { middle(last.at, next.at) };
                self.paused.push((last.at, Some(resumed)));
                open(last.at, next.at, RESUMED);
            }
            (Mark::Held, Mark::Held | Mark::Voided) => self.suspended.push((last.at, Some(next.at))),
            (Mark::Voided, Mark::Held | Mark::Voided) => self.paused.push((last.at, Some(next.at))),
        }
    }
}

const NEVER_PAID: &str = "a bill was never paid, and nothing says from which day on the subscription was unpaid; \
                          if it went on for four weeks, it is counted for two of them, as long as Stripe tries by default";
const PAID_LATE: &str = "a bill was paid late, and nothing says whether the subscription was unpaid in the meantime; it is \
                         counted all the time, or for two weeks of more than four, as long as Stripe tries by default";
const WENT_UNPAID: &str = "the subscription went unpaid, and nothing says on which day; \
                           it is counted for two weeks after the bill that was not paid, as long as Stripe tries by default";
const PAUSED: &str = "collecting was paused some time before this bill was voided, and nothing says on which day; \
                      it is counted as far as the bill before was paid for";
const RECOVERED: &str = "the subscription was unpaid and came back, and nothing says on which day; \
                         it counts again with the next record that shows it";
const RESUMED: &str = "collecting was paused when the last bill was voided and went on later, and nothing says on which day; \
                       it counts again after half of the time up to the next record that shows it, or not if it ended";
