//! How a subscription stood while it was in force: on trial, paused, past due, about to end, paid back.

use chrono::{DateTime, Utc};
use revenue::fact::{Standing, Stood};

use super::contract::Contract;
use super::known::Snapshot;
use super::span::{Span, earlier};
use crate::model::Status;

impl Contract<'_> {
    /// When it stood otherwise than active.
    pub(super) fn stood(&self) -> Vec<Stood> {
        let as_if = |standing: Standing, spans: Vec<Span>| {
            let within = spans.into_iter().map(|(from, until)| (from.max(self.start), earlier(until, self.end)));
            let some = within.filter(|(from, until)| until.is_none_or(|until| *from < until));
            let contract = || self.id.to_owned();
            some.map(move |(from, until)| Stood { contract: contract(), standing, from, until }).collect::<Vec<_>>()
        };
        [
            as_if(Standing::Trial, self.trials()),
            as_if(Standing::Paused, self.paused.clone()),
            as_if(Standing::PastDue, self.past_due()),
            as_if(Standing::Ending, self.ending()),
            as_if(Standing::Refunded, self.refunded.map(|since| (since, None)).into_iter().collect()),
        ]
        .concat()
    }

    /// From the bill that could not be collected, or from the first known state that shows it, to
    /// its payment.
    fn past_due(&self) -> Vec<Span> {
        let known_from = self.known.map(|known| known.first().at);
        let late = self.bills.bills.iter().filter(|bill| known_from.is_none_or(|known| bill.at < known));
        let late = late.filter(|bill| bill.mark.is_some() && !bill.first);
        let by_bills = late.filter_map(|bill| {
            let expected = bill.expected();
            let until = bill.settled.map_or(known_from, |paid| earlier(Some(paid), known_from));
            let overdue = bill.due.is_some() && until.is_none_or(|until| expected < until);
            (bill.failed || overdue).then_some((expected, until))
        });
        let mut spans: Vec<Span> = by_bills.collect();
        let since = |snapshot: &Snapshot| {
            let owed = self.bills.bills.iter().rfind(|bill| bill.is_owed_at(snapshot.at));
            // An event tells the instant.
            let at = owed.filter(|_| snapshot.seen).map_or(snapshot.at, |bill| bill.expected());
            at.min(snapshot.at)
        };
        spans.extend(self.while_known(|snapshot| snapshot.subscription.past_due.then(|| since(snapshot))));
        spans
    }

    /// From when its end was asked for to when it was withdrawn or came.
    fn ending(&self) -> Vec<Span> {
        self.while_known(|snapshot| {
            let subscription = &snapshot.subscription;
            let asked = subscription.canceled_at.filter(|asked| *asked <= snapshot.at).unwrap_or(snapshot.at);
            let planned = subscription.cancel_at_period_end || subscription.cancel_at.is_some();
            let ended = subscription.status == Status::Canceled;
            (if ended { subscription.canceled_at.is_some() } else { planned }).then_some(asked)
        })
    }

    /// The times over which known states show something, of which each tells since when.
    fn while_known(&self, since: impl Fn(&Snapshot) -> Option<DateTime<Utc>>) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let mut last: Option<DateTime<Utc>> = None;
        for snapshot in self.known.iter().flat_map(|known| known.snapshots()) {
            let open = spans.last_mut().filter(|span| span.1.is_none());
            match (open, since(snapshot)) {
                (None, Some(since)) => spans.push((last.map_or(since, |last| since.max(last)), None)),
                (Some(span), None) => span.1 = Some(snapshot.at),
                _ => {}
            }
            last = Some(snapshot.at);
        }
        spans
    }
}
