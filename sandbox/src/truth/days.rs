//! From moments to local days: what each account's rate is when a day ends.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::billed::{Used, given_back, used};
use super::policy::Policy;
use super::rate::{RunRate, contract_rate};
use crate::billing::bill;
use crate::world::account::Account;
use crate::world::catalogue::Catalogue;
use crate::world::clock::{Horizon, Moment};
use crate::world::contract::Contract;
use crate::world::money::Currency;

/// The rate of one account in one currency as it stands when a local day ends, told only when it differs from
/// the day before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayChange {
    /// In this currency.
    pub currency: Currency,
    /// The local day.
    pub day: NaiveDate,
    /// The rate from the end of that day on.
    pub rate: RunRate,
}

/// The day that it is somewhere at a moment.
pub fn local_day(moment: Moment, zone: Tz) -> NaiveDate {
    moment.utc().with_timezone(&zone).date_naive()
}

/// The days on which an account's rate changes under a policy, in the order of currency and day.
pub fn account_days(account: &Account, catalogue: &Catalogue, zone: Tz, policy: &Policy) -> Vec<DayChange> {
    let mut changes: Vec<_> =
        account.subscriptions.iter().flat_map(|s| s.history.iter().map(move |change| (change, s))).collect();
    changes.sort_by_key(|(change, _)| change.at);
    // Bills are written only for who asks what they alone tell.
    let ledger = (policy.usage || !policy.refunded).then(|| bill(account, catalogue, Horizon::NOW));
    let ledger = ledger.unwrap_or_default();
    let used = if policy.usage { used(account, catalogue, &ledger) } else { Vec::new() };
    let of = |s| given_back(s, catalogue, &ledger).filter(|_| !policy.refunded);
    let given_back: Vec<Option<Moment>> = account.subscriptions.iter().map(of).collect();
    let billed = used.iter().flat_map(|used| [used.from, used.until]).chain(given_back.iter().copied().flatten());
    // The customer's own coupons come and go between the changes of its subscriptions.
    let own = account.discounts.iter().flat_map(|discount| [Some(discount.start), discount.until()]).flatten();
    let mut moments: Vec<Moment> = changes.iter().map(|(change, _)| change.at).chain(own).chain(billed).collect();
    moments.sort_unstable();
    moments.dedup();
    let mut contracts = vec![Contract::default(); account.subscriptions.len()];
    let mut at_end_of: BTreeMap<(Currency, NaiveDate), RunRate> = BTreeMap::new();
    let mut changes = changes.into_iter().peekable();
    for moment in moments.into_iter().filter(|&moment| moment < Horizon::NOW) {
        while let Some((change, subscription)) = changes.next_if(|(change, _)| change.at == moment) {
            contracts[usize::from(subscription.number)].apply(change);
        }
        let inherited = account.discount_at(moment);
        let mut sums: BTreeMap<Currency, RunRate> = BTreeMap::new();
        for ((contract, of), given_back) in contracts.iter().zip(&account.subscriptions).zip(&given_back) {
            let coupon = inherited.filter(|discount| discount.is_for(of)).map(|discount| discount.coupon);
            let sum = sums.entry(of.currency).or_default();
            if given_back.is_some_and(|at| at <= moment) || !policy.counts(contract) {
                continue;
            }
            *sum += contract_rate(contract, coupon, of.currency, catalogue, policy);
            *sum += Used::at(&used, of.number, moment);
        }
        // A later change of the same day takes the place of an earlier one: only the end of the day counts.
        let day = local_day(moment, zone);
        at_end_of.extend(sums.into_iter().map(|(currency, sum)| ((currency, day), sum)));
    }
    keep_changes(at_end_of)
}

fn keep_changes(at_end_of: BTreeMap<(Currency, NaiveDate), RunRate>) -> Vec<DayChange> {
    let mut before: BTreeMap<Currency, RunRate> = BTreeMap::new();
    let mut kept = Vec::new();
    for ((currency, day), rate) in at_end_of {
        if before.insert(currency, rate).unwrap_or_default() != rate {
            kept.push(DayChange { currency, day, rate });
        }
    }
    kept
}

/// The truth about all accounts as CSV, sorted by account, day and currency. Accounts go by the names that the
/// caller's face gives them.
pub fn truth_csv<'a>(
    accounts: impl Iterator<Item = (String, &'a Account)>,
    catalogue: &Catalogue,
    zone: Tz,
    policy: &Policy,
) -> String {
    let mut rows: Vec<(String, DayChange)> = accounts
        .flat_map(|(name, account)| {
            account_days(account, catalogue, zone, policy).into_iter().map(move |change| (name.clone(), change))
        })
        .collect();
    rows.sort_by(|(a, x), (b, y)| (a, x.day, x.currency).cmp(&(b, y.day, y.currency)));
    let mut csv = String::from("account,day,currency,arr,gross_arr\n");
    for (name, DayChange { currency, day, rate }) in rows {
        let _ = writeln!(csv, "{name},{day},{},{},{}", currency.code(), rate.net, rate.gross);
    }
    csv
}
