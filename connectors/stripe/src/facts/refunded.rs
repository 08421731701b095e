//! When all was given back that was paid for the running time of a subscription that is over, or is to end.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::bills::{Bill, Paid};
use super::contract::Contract;
use crate::model::Refund;

impl Contract<'_> {
    /// Since when; `None` while some of it is kept or service goes on. `refunds` are those of the account.
    ///
    /// Which time is running the newest period tells that was paid for. Where a later one was paid for after the refund,
    /// money was given back for what is past.
    pub(super) fn given_back(&self, refunds: &[Refund]) -> Option<DateTime<Utc>> {
        let known = self.known?;
        let ends = self.end.is_some() || known.newest().cancel_at_period_end;
        if refunds.is_empty() || !ends {
            return None;
        }
        let mut begins: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
        // What was used is billed for the time before.
        for line in self.bills.lines.iter().filter(|line| line.is_period() && self.metered(&line.price).is_none()) {
            let begin = begins.entry(&line.origin).or_insert(line.start);
            *begin = line.start.max(*begin);
        }
        let of_period = |bill: &'_ Bill| Some((*begins.get(bill.origin.as_str())?, bill.paid.clone()?));
        let (_, paid) = self.bills.bills.iter().filter_map(of_period).max_by_key(|(begin, _)| *begin)?;
        paid.given_back(refunds)
    }
}

impl Paid {
    /// When refunds had come to all that was paid.
    fn given_back(&self, refunds: &[Refund]) -> Option<DateTime<Utc>> {
        let mine = |refund: &&Refund| refund.payments.iter().any(|payment| self.by.contains(payment));
        let mut mine: Vec<&Refund> = refunds.iter().filter(mine).collect();
        mine.sort_by_key(|refund| refund.at);
        let mut sum = Decimal::ZERO;
        let full = mine.into_iter().find(|refund| {
            sum = sum.saturating_add(refund.amount);
            sum >= self.amount
        });
        full.filter(|_| self.amount > Decimal::ZERO).map(|refund| refund.at)
    }
}
