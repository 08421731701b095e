//! Whose rows are counted as whose: moving them, with what was known before kept as it was.

use std::collections::BTreeSet;

use deadpool_postgres::Transaction;

use super::keep::Moved;
use crate::failure::Failure;

/// The columns of revenue.segment but those that say whose it is and since when that is known.
const SEGMENT: &str = "contract, item, plan, currency, valid_from, valid_until, gross, net, amount, quantity, \
    billing_interval, evidence, origin, standing, stood_from, ending, list, net_forever, net_running, net_all, refunded, usage";

/// Moves what is known now of accounts to those that they are counted as. Returns both ends of each
/// move, whose timelines are others now.
pub async fn rows(transaction: &Transaction<'_>, moved: &[Moved]) -> Result<BTreeSet<i64>, Failure> {
    if moved.is_empty() {
        return Ok(BTreeSet::new());
    }
    let (mut accounts, mut from, mut to) = (vec![], vec![], vec![]);
    for Moved { account, from: source, to: target } in moved {
        accounts.push(*account);
        from.push(*source);
        to.push(*target);
    }
    // Before the first report there is nothing that was known otherwise.
    let reported: bool = transaction.query_one("select synced_at is not null from revenue.book", &[]).await?.get(0);
    let of = "unnest($1::bigint[], $2::bigint[], $3::bigint[]) as moved (account, source, target)";
    let theirs =
        "t.account_key = moved.source and t.member_key is not distinct from nullif(moved.account, moved.source)";
    let place = "account_key = moved.target, member_key = nullif(moved.account, moved.target)";
    let mut statements = vec![format!("update revenue.doubt t set {place} from {of} where {theirs}")];
    if reported {
        statements.push(format!(
            "with closed as (
                 update revenue.segment t set known_until = now() from {of}
                  where {theirs} and t.known_until = 'infinity' returning t.*, moved.account, moved.target
             )
             insert into revenue.segment (account_key, member_key, {SEGMENT}, known_since)
             select target, nullif(account, target), {SEGMENT}, now() from closed"
        ));
    } else {
        statements.push(format!("update revenue.segment t set {place} from {of} where {theirs}"));
    }
    for statement in statements {
        let statement = transaction.prepare_cached(&statement).await?;
        transaction.execute(&statement, &[&accounts, &from, &to]).await?;
    }
    let ends: BTreeSet<i64> = from.into_iter().chain(to).collect();
    settle(transaction, &ends.iter().copied().chain(accounts).collect()).await?;
    Ok(ends)
}

/// Sees to it that of one customer each attribute is counted once: the account's own, else that of the
/// part which was known first. The others stay with their parts, which are counted nowhere.
pub async fn settle(transaction: &Transaction<'_>, accounts: &BTreeSet<i64>) -> Result<(), Failure> {
    let accounts: Vec<i64> = accounts.iter().copied().collect();
    let settle = transaction
        .prepare_cached(
            // What this transaction has written itself is put where it belongs; what was known is kept.
            "with customer as (
                 select distinct coalesce(part_of, key) as key from revenue.account where key = any($1)
             ), part as materialized (
                 select a.key, c.key as customer from customer c join revenue.account a on a.key = c.key or a.part_of = c.key
             ), held as materialized (
                 select t.ctid as place, t.xmin = pg_current_xact_id()::xid as fresh, part.key as part, part.customer, t.*
                   from part join revenue.attribute t
                     on (t.member_key = part.key or t.account_key = part.key and t.member_key is null) and t.known_until = 'infinity'
             ), teller as (
                 select distinct on (customer, name) customer, name, part from held order by customer, name, part <> customer, part
             ), misplaced as materialized (
                 select held.*, place.key as wanted
                   from held join teller using (customer, name)
                  cross join lateral (select case when teller.part = held.part then held.customer else held.part end as key) place
                  where held.account_key <> place.key
             ), corrected as (
                 update revenue.attribute t set account_key = m.wanted, member_key = nullif(m.part, m.wanted)
                   from misplaced m where t.ctid = m.place and (m.fresh or not (select synced_at is not null from revenue.book))
             ), closed as (
                 update revenue.attribute t set known_until = now()
                   from misplaced m where t.ctid = m.place and not m.fresh and (select synced_at is not null from revenue.book)
                 returning m.wanted, m.part, t.name, t.value, t.valid_from, t.valid_until
             )
             insert into revenue.attribute (account_key, member_key, name, value, valid_from, valid_until, known_since)
             select wanted, nullif(part, wanted), name, value, valid_from, valid_until, now() from closed",
        )
        .await?;
    transaction.execute(&settle, &[&accounts]).await?;
    Ok(())
}
