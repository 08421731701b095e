//! Since when what is new of an account is known.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use deadpool_postgres::Transaction;

use super::account::Derived;
use super::records::References;
use crate::failure::Failure;

/// The boundary between an account's old known time and its new one.
///
/// For an account without a past it is the landing of its newest record, so that a rebuild from
/// raw gives it again. Otherwise a changed reference, such as a price, may be the cause as well;
/// and where neither is later than what the account's rows say already (a changed time zone, a
/// newer connector), it is now.
pub async fn boundaries(
    transaction: &Transaction<'_>,
    references: &References,
    keys: &BTreeMap<String, i64>,
    found: &BTreeMap<String, Derived>,
) -> Result<HashMap<i64, DateTime<Utc>>, Failure> {
    let of_accounts: Vec<i64> = keys.values().copied().collect();
    let select = transaction
        .prepare_cached(
            "select key, max(at), now() from (
                 select coalesce(member_key, account_key), known_since from revenue.segment
                 where (account_key = any($1) or member_key = any($1)) and known_until = 'infinity'
                 union all select coalesce(member_key, account_key), known_until from revenue.segment
                 where (account_key = any($1) or member_key = any($1)) and known_until < 'infinity'
                 union all select coalesce(member_key, account_key), known_since from revenue.attribute
                 where (account_key = any($1) or member_key = any($1)) and known_until = 'infinity'
                 union all select coalesce(member_key, account_key), known_until from revenue.attribute
                 where (account_key = any($1) or member_key = any($1)) and known_until < 'infinity'
             ) as boundary (key, at)
             group by key",
        )
        .await?;
    let past: HashMap<i64, (DateTime<Utc>, DateTime<Utc>)> = transaction
        .query(&select, &[&of_accounts])
        .await?
        .iter()
        .map(|row| (row.get(0), (row.get(1), row.get(2))))
        .collect();
    let boundary = |key: i64, landed_at: DateTime<Utc>| {
        let Some(&(last, now)) = past.get(&key) else { return landed_at };
        let cause = references.changed_at.map_or(landed_at, |changed_at| changed_at.max(landed_at));
        if cause > last { cause } else { now.max(last) }
    };
    Ok(found
        .iter()
        .filter_map(|(account, derived)| keys.get(account).map(|key| (*key, boundary(*key, derived.landed_at))))
        .collect())
}
