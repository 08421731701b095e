//! What somebody decides about which accounts are one customer.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::{ClientWrapper, Transaction};

use super::decide::Candidate;
use super::{Touched, find, hold, relink};
use crate::config::Crosswalk;
use crate::engine::derive::refresh;
use crate::failure::{Failure, Kind};

/// An account by its source and that source's id: `stripe/cus_1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub source: String,
    pub id: String,
}

impl std::str::FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('/') {
            Some((source, id)) if !source.is_empty() && !id.is_empty() => {
                Ok(Self { source: source.into(), id: id.into() })
            }
            _ => Err("write SOURCE/ID, such as stripe/cus_123".into()),
        }
    }
}

impl std::fmt::Display for Named {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}/{}", self.source, self.id)
    }
}

/// What is decided about an account.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It is the same customer as this one.
    Linked(Named),
    /// It stands alone.
    Alone,
    /// Whatever the rules say.
    ByRules,
}

/// Decides about accounts, links them at once, and builds their timelines anew.
pub async fn decide(
    client: &mut ClientWrapper,
    crosswalk: &Crosswalk,
    decided: &[(Named, Verdict)],
    note: Option<&str>,
) -> Result<(), Failure> {
    let transaction = client.transaction().await?;
    hold(&transaction).await?;
    let mut accounts = BTreeSet::new();
    for (account, verdict) in decided {
        let key = key(&transaction, account).await?;
        accounts.insert(key);
        match verdict {
            Verdict::Linked(to) => {
                let target = self::key(&transaction, to).await?;
                refuse_circle(&transaction, (account, key), (to, target)).await?;
                keep(&transaction, account, Some(to), note).await?;
            }
            Verdict::Alone => keep(&transaction, account, None, note).await?,
            Verdict::ByRules => {
                let delete = "delete from revenue.link where source = $1 and id = $2";
                transaction.execute(delete, &[&account.source, &account.id]).await?;
            }
        }
        // One after the other: the next decision may lead through this one.
        let touched = Touched { accounts: std::mem::take(&mut accounts), identities: BTreeSet::new() };
        let changed = relink(&transaction, crosswalk, &touched).await?;
        refresh(&transaction, changed).await?;
    }
    Ok(transaction.commit().await?)
}

async fn keep(
    transaction: &Transaction<'_>,
    account: &Named,
    to: Option<&Named>,
    note: Option<&str>,
) -> Result<(), Failure> {
    transaction
        .execute(
            "insert into revenue.link (source, id, to_source, to_id, note) values ($1, $2, $3, $4, $5)
             on conflict (source, id) do update
                set to_source = excluded.to_source, to_id = excluded.to_id, note = excluded.note,
                    decided_by = excluded.decided_by, decided_at = excluded.decided_at",
            &[&account.source, &account.id, &to.map(|to| &to.source), &to.map(|to| &to.id), &note],
        )
        .await?;
    Ok(())
}

async fn key(transaction: &Transaction<'_>, account: &Named) -> Result<i64, Failure> {
    let select = "select key from revenue.account where source = $1 and id = $2";
    let row = transaction.query_opt(select, &[&account.source, &account.id]).await?;
    row.map(|row| row.get(0)).ok_or_else(|| {
        let sentence = format!("there is no account {account}; write SOURCE/ID as in revenue.account");
        Failure::new(Kind::Settings, sentence)
    })
}

async fn refuse_circle(
    transaction: &Transaction<'_>,
    account: (&Named, i64),
    to: (&Named, i64),
) -> Result<(), Failure> {
    // By what is decided, where that is not followed yet, else by what is linked.
    let circle = "with recursive above as (
                      select $2::bigint as key, array[$2::bigint] as path
                      union all
                      select next.key, path || next.key
                        from above
                        join revenue.account a using (key)
                        left join revenue.link l on l.source = a.source and l.id = a.id
                        left join revenue.account t on t.source = l.to_source and t.id = l.to_id
                       cross join lateral (select case when l.source is null then a.linked_to else t.key end as key) next
                       where above.key <> $1 and next.key is not null and not next.key = any(above.path)
                  )
                  select (select string_agg(source || '/' || id, ' -> ' order by place)
                            from unnest(path) with ordinality step (key, place) join revenue.account using (key))
                    from above where key = $1";
    if let Some(row) = transaction.query_opt(circle, &[&account.1, &to.1]).await? {
        let sentence = format!(
            "{1} is part of {0} already ({2}), so linking {0} to it would make a circle; unlink one of these first",
            account.0,
            to.0,
            row.get::<_, String>(0)
        );
        return Err(Failure::new(Kind::Settings, sentence));
    }
    Ok(())
}

/// The accounts that are counted as one with this one, itself excepted.
pub async fn parts(client: &ClientWrapper, account: &Named) -> Result<Vec<Named>, Failure> {
    let rows = client
        .query(
            "select p.source, p.id from revenue.account a
               join revenue.account p on p.part_of = coalesce(a.part_of, a.key)
              where a.source = $1 and a.id = $2 order by 1, 2",
            &[&account.source, &account.id],
        )
        .await?;
    Ok(rows.iter().map(|row| Named { source: row.get(0), id: row.get(1) }).collect())
}

/// An account that is linked to none, and whom it may be.
#[derive(Debug)]
pub struct Unmatched {
    pub account: Named,
    pub name: String,
    /// What a rule found for more than one customer, or what has the same name.
    pub suggestions: Vec<String>,
}

/// Accounts that have charges in force, of sources that are no CRM, and that are linked to none.
pub async fn unmatched(client: &mut ClientWrapper, most: i64) -> Result<Vec<Unmatched>, Failure> {
    let transaction = client.transaction().await?;
    let rows = transaction
        .query(
            "select a.key, a.source, a.id, a.name,
                    array(select c.source || '/' || c.id || ' (the same name)' from revenue.account c
                            join ops.source k on k.source = c.source and k.crm
                           where lower(c.name) = lower(a.name) and c.part_of is null order by 1 limit 3)
               from revenue.account a join ops.source s using (source)
              where not s.crm and a.part_of is null and exists (select from ops.source where crm)
                and exists (select from revenue.segment g join revenue.book b on g.valid_from <= b.last_day and b.last_day < g.valid_until
                             where g.account_key = a.key and g.known_until = 'infinity' and g.net <> 0)
              order by a.source, a.id limit $1",
            &[&most],
        )
        .await?;
    let keys: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    let found = find::candidates(&transaction, &keys).await?;
    let named = names(&transaction, &found).await?;
    Ok(rows
        .iter()
        .map(|row| {
            let candidates = found.get(&row.get::<_, i64>(0)).map_or(&[][..], Vec::as_slice);
            let mut suggestions: Vec<String> = candidates
                .iter()
                .filter_map(|candidate| Some(format!("{} ({})", named.get(&candidate.target)?, candidate.because)))
                .collect();
            suggestions.sort();
            suggestions.dedup();
            suggestions.extend(row.get::<_, Vec<String>>(4));
            Unmatched { account: Named { source: row.get(1), id: row.get(2) }, name: row.get(3), suggestions }
        })
        .collect())
}

async fn names(
    transaction: &Transaction<'_>,
    found: &BTreeMap<i64, Vec<Candidate>>,
) -> Result<BTreeMap<i64, String>, Failure> {
    let keys: Vec<i64> = found.values().flatten().map(|candidate| candidate.target).collect();
    let select = "select key, source || '/' || id from revenue.account where key = any($1)";
    Ok(transaction.query(select, &[&keys]).await?.iter().map(|row| (row.get(0), row.get(1))).collect())
}
