//! What the database says about who may be whom.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::Transaction;

use super::circle::LINKS;
use super::decide::{Candidate, Decision};
use super::{IdentityRow, Touched};
use crate::failure::{Failure, Kind};

/// The accounts whose links may be others than they were: those of CRMs, and all others. What changes
/// of a CRM's account touches whoever can be told by the same; what changes of another account touches
/// that one, and what its source merged into it. Whoever is in a circle is looked at each time.
pub async fn affected(transaction: &Transaction<'_>, touched: &Touched) -> Result<(Vec<i64>, Vec<i64>), Failure> {
    let accounts: Vec<i64> = touched.accounts.iter().copied().collect();
    let (mut kinds, mut systems, mut values) = (vec![], vec![], vec![]);
    for IdentityRow { kind, system, value } in &touched.identities {
        kinds.push(*kind);
        systems.push(system);
        values.push(value);
    }
    let select = transaction
        .prepare_cached(
            "with touched as materialized (
                 select a.key, a.source, a.id, s.connector, coalesce(s.crm, false) as crm
                   from revenue.account a left join ops.source s using (source) where a.key = any($1)
             ), told as materialized (
                 select * from unnest($2::text[], $3::text[], $5::text[]) as told (kind, system, value)
             ), affected as (
                 select key from touched
                 union
                 select i.account_key from told join ops.identity i using (kind, system, value)
                  where told.kind in ('domain', 'email') and exists (select from touched where crm)
                 union
                 select a.key from told
                   join ops.source s on s.connector = told.system
                  cross join lateral (select a.key from revenue.account a where a.source = s.source and a.id = told.value offset 0) a
                  where told.kind = 'foreign_id' and exists (select from touched where crm)
                 union
                 select a.key from told
                  cross join (select distinct source from touched) s
                  cross join lateral (select a.key from revenue.account a where a.source = s.source and a.id = told.value offset 0) a
                  where told.kind = 'absorbed'
                 union
                 select a.key from ops.problem p
                  cross join lateral (select a.key from revenue.account a where a.source = p.source and a.id = p.record offset 0) a
                  where p.stream = $4
                 union
                 select i.account_key from touched
                   join ops.identity i on i.kind = 'foreign_id' and i.system = touched.connector and i.value = touched.id
                  where touched.crm
                 union
                 select a.key from touched
                   join revenue.link l on l.to_source = touched.source and l.to_id = touched.id
                  cross join lateral (select a.key from revenue.account a where a.source = l.source and a.id = l.id offset 0) a
             )
             select a.key, coalesce(s.crm, false)
               from affected
              -- Keeps the planner from reading all accounts for a few, here and above.
              cross join lateral (select a.key, a.source from revenue.account a where a.key = affected.key offset 0) a
               left join ops.source s using (source) order by 1",
        )
        .await?;
    let (mut of_crms, mut others) = (Vec::new(), Vec::new());
    for row in transaction.query(&select, &[&accounts, &kinds, &systems, &LINKS, &values]).await? {
        if row.get(1) { of_crms.push(row.get(0)) } else { others.push(row.get(0)) }
    }
    Ok((of_crms, others))
}

/// Whom each of these accounts may be linked to. `because` names no address: who reads metrics may read it.
pub async fn candidates(
    transaction: &Transaction<'_>,
    accounts: &[i64],
) -> Result<BTreeMap<i64, Vec<Candidate>>, Failure> {
    let select = transaction
        .prepare_cached(
            "select asked.key, found.rule, target.key, coalesce(target.part_of, target.key), found.because
               from revenue.account asked
               left join ops.source s using (source)
              cross join lateral (
                 select 'absorbed' as rule, i.account_key as key,
                        format('%s merged it into %s', asked.source, a.id) as because
                   from ops.identity i join revenue.account a on a.key = i.account_key
                  where i.kind = 'absorbed' and i.value = asked.id and a.source = asked.source
                 union all
                 select 'foreign_id', a.key, format('it has the %s id %s', i.system, i.value)
                   from ops.identity i
                   join ops.source c on c.connector = i.system and c.crm
                   join revenue.account a on a.source = c.source and a.id = i.value
                  where i.account_key = asked.key and i.kind = 'foreign_id' and not coalesce(s.crm, false)
                 union all
                 select 'foreign_id', i.account_key, format('%s/%s has its id', a.source, a.id)
                   from ops.identity i
                   join revenue.account a on a.key = i.account_key
                   join ops.source c on c.source = a.source and c.crm
                  where i.kind = 'foreign_id' and i.system = s.connector and i.value = asked.id and not s.crm
                 union all
                 select own.kind, i.account_key, case own.kind when 'domain' then 'both have ' || own.value else 'both have one address' end
                   from ops.identity own
                   join ops.identity i on i.kind = own.kind and i.system = own.system and i.value = own.value
                   join revenue.account a on a.key = i.account_key
                   join ops.source c on c.source = a.source and c.crm
                  where own.account_key = asked.key and own.kind in ('domain', 'email') and not coalesce(s.crm, false)
              ) found
              -- Keeps the planner from reading all accounts for a few.
              cross join lateral (select t.key, t.part_of from revenue.account t where t.key = found.key offset 0) target
              where asked.key = any($1) and target.key <> asked.key",
        )
        .await?;
    let mut found: BTreeMap<i64, Vec<Candidate>> = BTreeMap::new();
    for row in transaction.query(&select, &[&accounts]).await? {
        found.entry(row.get(0)).or_default().push(Candidate {
            rule: row.get::<_, &str>(1).parse().map_err(|error: String| Failure::new(Kind::Database, error))?,
            target: row.get(2),
            counted_as: row.get(3),
            because: row.get(4),
        });
    }
    Ok(found)
}

/// What somebody decided about these accounts. A decision for an account that is not there yet leaves
/// the account alone until it is.
pub async fn decisions(transaction: &Transaction<'_>, accounts: &[i64]) -> Result<BTreeMap<i64, Decision>, Failure> {
    let select = transaction
        .prepare_cached(
            "select a.key, t.key from revenue.account a
               join revenue.link l using (source, id)
               left join revenue.account t on t.source = l.to_source and t.id = l.to_id
              where a.key = any($1)",
        )
        .await?;
    let rows = transaction.query(&select, &[&accounts]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get(0), row.get::<_, Option<i64>>(1).map_or(Decision::Alone, Decision::Linked)))
        .collect())
}

/// The links of these accounts, of those that lead to them, and of all that they and their new targets
/// lead to.
pub async fn links(
    transaction: &Transaction<'_>,
    wanted: &BTreeMap<i64, Option<Candidate>>,
) -> Result<BTreeMap<i64, i64>, Failure> {
    let accounts: Vec<i64> = wanted.keys().copied().collect();
    let targets: Vec<i64> = wanted.values().flatten().map(|link| link.target).collect();
    let select = transaction
        .prepare_cached(
            // Union and not union all: a circle ends where it began.
            "with recursive below as (
                 select unnest($1::bigint[]) as key
                 union select a.key from below
                 cross join lateral (select a.key from revenue.account a where a.linked_to = below.key offset 0) a
             ), above as (
                 select key from below union select unnest($2::bigint[])
                 union select a.linked_to from above
                 cross join lateral (select a.linked_to from revenue.account a where a.key = above.key offset 0) a
                 where a.linked_to is not null
             )
             select above.key, a.linked_to from above
             cross join lateral (select a.linked_to from revenue.account a where a.key = above.key offset 0) a
             where a.linked_to is not null",
        )
        .await?;
    let rows = transaction.query(&select, &[&accounts, &targets]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Accounts that somebody decided about and that are not linked so, those that are linked by a decision
/// that was taken back, and those in a circle, which such a decision may have been part of.
pub async fn undone(transaction: &Transaction<'_>) -> Result<BTreeSet<i64>, Failure> {
    let select = transaction
        .prepare_cached(
            "select a.key from revenue.link l
               join revenue.account a using (source, id)
               left join revenue.account t on t.source = l.to_source and t.id = l.to_id
              where a.linked_to is distinct from t.key
             union
             select m.account_key from revenue.membership m
               join revenue.account a on a.key = m.account_key
              where m.rule = 'decided' and m.known_until = 'infinity'
                and not exists (select from revenue.link l where l.source = a.source and l.id = a.id)
             union
             select a.key from ops.problem p
             cross join lateral (select a.key from revenue.account a where a.source = p.source and a.id = p.record offset 0) a
              where p.stream = $1",
        )
        .await?;
    Ok(transaction.query(&select, &[&LINKS]).await?.iter().map(|row| row.get(0)).collect())
}
