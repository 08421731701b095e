//! What schema revenue says now about some accounts.

use std::collections::BTreeMap;

use deadpool_postgres::Transaction;

use super::rows::{AttributeRow, Current, DoubtRow, PolicyRates, SegmentRow};
use crate::engine::problem::ProblemRow;
use crate::failure::Failure;
use crate::store::DayColumn;

/// Reads the rows that are known now.
pub async fn read(
    transaction: &Transaction<'_>,
    source: &str,
    keys: &BTreeMap<String, i64>,
    accounts: &[String],
) -> Result<Current, Failure> {
    let keys: Vec<i64> = keys.values().copied().collect();
    let mut current = Current::default();
    let select = transaction
        .prepare_cached(
            "select coalesce(member_key, account_key), segment_id, contract, item, plan, currency, valid_from, valid_until, gross, net,
                    amount, quantity, billing_interval, evidence, origin,
                    standing, stood_from, ending, list, net_forever, net_running, net_all, refunded, usage
             from revenue.segment
             where (account_key = any($1) and member_key is null or member_key = any($1)) and known_until = 'infinity'",
        )
        .await?;
    for row in transaction.query(&select, &[&keys]).await? {
        let segment = SegmentRow {
            contract: row.get(2),
            item: row.get(3),
            plan: row.get(4),
            currency: row.get(5),
            from: row.get::<_, DayColumn>(6).0,
            until: row.get::<_, DayColumn>(7).0,
            gross: row.get(8),
            net: row.get(9),
            amount: row.try_get(10)?,
            quantity: row.try_get(11)?,
            interval: row.get(12),
            evidence: row.get(13),
            origin: row.get(14),
            standing: row.get(15),
            stood_from: row.get::<_, Option<DayColumn>>(16).map(|day| day.0),
            ending: row.get(17),
            policies: PolicyRates {
                list: row.get(18),
                net_forever: row.get(19),
                net_running: row.get(20),
                net_all: row.get(21),
            },
            refunded: row.get(22),
            usage: row.get(23),
        };
        current.segments.entry(row.get(0)).or_default().push((row.get(1), segment));
    }
    let select = transaction
        .prepare_cached(
            "select coalesce(member_key, account_key), name, value, valid_from, valid_until, account_key
             from revenue.attribute
             where (account_key = any($1) and member_key is null or member_key = any($1)) and known_until = 'infinity'",
        )
        .await?;
    for row in transaction.query(&select, &[&keys]).await? {
        let attribute = AttributeRow {
            name: row.get(1),
            value: row.get(2),
            from: row.get::<_, DayColumn>(3).0,
            until: row.get::<_, DayColumn>(4).0,
        };
        current.attributes.entry(row.get(0)).or_default().push((row.get(5), attribute));
    }
    let select = transaction
        .prepare_cached(
            "select coalesce(member_key, account_key), contract, valid_from, valid_until, reason, origin
             from revenue.doubt where account_key = any($1) and member_key is null or member_key = any($1)",
        )
        .await?;
    for row in transaction.query(&select, &[&keys]).await? {
        current.doubts.entry(row.get(0)).or_default().push(DoubtRow {
            contract: row.get(1),
            from: row.get::<_, DayColumn>(2).0,
            until: row.get::<_, DayColumn>(3).0,
            reason: row.get(4),
            origin: row.get(5),
        });
    }
    let select = transaction
        .prepare_cached(
            "select account, stream, record, field, message from ops.problem where source = $1 and account = any($2)",
        )
        .await?;
    for row in transaction.query(&select, &[&source, &accounts]).await? {
        current.problems.entry(row.get(0)).or_default().push(ProblemRow {
            stream: row.get(1),
            record: row.get(2),
            field: row.get(3),
            message: row.get(4),
        });
    }
    Ok(current)
}
