//! Storing identities and links.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::Transaction;

use super::decide::Candidate;
use super::{IdentityRow, Touched};
use crate::failure::Failure;

/// Makes these the identities of each account; says whose changed, and what they were and are. Whoever is
/// new counts as changed.
pub async fn identities(
    transaction: &Transaction<'_>,
    accounts: &BTreeMap<i64, &[IdentityRow]>,
    new: &BTreeSet<i64>,
) -> Result<Touched, Failure> {
    let keys: Vec<i64> = accounts.keys().copied().collect();
    let select = transaction
        .prepare_cached("select account_key, kind, system, value from ops.identity where account_key = any($1)")
        .await?;
    let rows = transaction.query(&select, &[&keys]).await?;
    let stored: BTreeSet<(i64, &str, &str, &str)> =
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
    let wanted: BTreeSet<(i64, &str, &str, &str)> = accounts
        .iter()
        .flat_map(|(key, rows)| rows.iter().map(|row| (*key, row.kind, row.system.as_str(), row.value.as_str())))
        .collect();
    let gone: Vec<_> = stored.difference(&wanted).copied().collect();
    let added: Vec<_> = wanted.difference(&stored).copied().collect();

    let mut touched = Touched { accounts: new.clone(), identities: BTreeSet::new() };
    for (rows, statement) in [
        (
            &gone,
            "delete from ops.identity i using unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) as gone (account_key, kind, system, value)
             where i.account_key = gone.account_key and i.kind = gone.kind and i.system = gone.system and i.value = gone.value",
        ),
        (&added, "insert into ops.identity select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])"),
    ] {
        if rows.is_empty() {
            continue;
        }
        let (mut keys, mut kinds, mut systems, mut values) = (vec![], vec![], vec![], vec![]);
        for (key, kind, system, value) in rows {
            touched.accounts.insert(*key);
            keys.push(*key);
            kinds.push(*kind);
            systems.push(*system);
            values.push(*value);
        }
        let statement = transaction.prepare_cached(statement).await?;
        transaction.execute(&statement, &[&keys, &kinds, &systems, &values]).await?;
    }
    // An account that is new may be told by what it has, one that changed by what it had as well.
    let told = accounts.iter().filter(|(key, _)| touched.accounts.contains(*key)).flat_map(|(_, rows)| rows.iter());
    touched.identities.extend(told.cloned());
    touched.identities.extend(gone.iter().filter_map(|(_, kind, system, value)| {
        let kind = ["absorbed", "foreign_id", "domain", "email"].into_iter().find(|known| known == kind)?;
        Some(IdentityRow { kind, system: (*system).to_owned(), value: (*value).to_owned() })
    }));
    Ok(touched)
}

/// An account that is counted as another one from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    pub account: i64,
    pub from: i64,
    pub to: i64,
}

/// Writes who is linked to whom and which account that makes each be counted as; returns whose that
/// changed. `links` are those that were decided on, `ends` where they and all others that they touch lead;
/// `None` is nowhere.
pub async fn links(
    transaction: &Transaction<'_>,
    links: &BTreeMap<i64, Option<Candidate>>,
    ends: &BTreeMap<i64, Option<i64>>,
) -> Result<Vec<Moved>, Failure> {
    let all: Vec<i64> = links.keys().chain(ends.keys()).copied().collect::<BTreeSet<_>>().into_iter().collect();
    let select = transaction
        .prepare_cached(
            "select a.key, a.linked_to, a.part_of, m.rule, m.because from revenue.account a
               left join revenue.membership m on m.account_key = a.key and m.known_until = 'infinity'
              where a.key = any($1)",
        )
        .await?;
    let mut changes = Changes::default();
    let mut moved = Vec::new();
    for row in transaction.query(&select, &[&all]).await? {
        let account: i64 = row.get(0);
        let (before, counted_as): (Option<i64>, Option<i64>) = (row.get(1), row.get(2));
        let (rule, because): (Option<String>, Option<String>) = (row.get(3), row.get(4));
        let end = ends.get(&account).copied().flatten();
        let (target, rule_now, because_now) = match links.get(&account) {
            Some(link) => {
                let link = link.as_ref().filter(|_| end.is_some());
                (
                    link.map(|link| link.target),
                    link.map(|link| link.rule.as_str().to_owned()),
                    link.map(|link| link.because.clone()),
                )
            }
            // Its own link is as it was; where that leads may be elsewhere.
            None => (before.filter(|_| end.is_some()), rule.clone(), because.clone()),
        };
        if (before, counted_as, &rule, &because) == (target, end, &rule_now, &because_now) {
            continue;
        }
        changes.push(account, target, end, rule_now, because_now);
        let (from, to) = (counted_as.unwrap_or(account), end.unwrap_or(account));
        if from != to {
            moved.push(Moved { account, from, to });
        }
    }
    changes.write(transaction).await?;
    Ok(moved)
}

/// Accounts with another link than before, as arrays.
#[derive(Default)]
struct Changes {
    accounts: Vec<i64>,
    linked_to: Vec<Option<i64>>,
    part_of: Vec<Option<i64>>,
    rules: Vec<Option<String>>,
    because: Vec<Option<String>>,
}

impl Changes {
    fn push(
        &mut self,
        account: i64,
        linked_to: Option<i64>,
        part_of: Option<i64>,
        rule: Option<String>,
        because: Option<String>,
    ) {
        self.accounts.push(account);
        self.linked_to.push(linked_to);
        self.part_of.push(part_of);
        self.rules.push(rule);
        self.because.push(because);
    }

    async fn write(&self, transaction: &Transaction<'_>) -> Result<(), Failure> {
        if self.accounts.is_empty() {
            return Ok(());
        }
        let update = transaction
            .prepare_cached(
                "update revenue.account set linked_to = new.linked_to, part_of = new.part_of
                   from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as new (key, linked_to, part_of)
                  where account.key = new.key",
            )
            .await?;
        transaction.execute(&update, &[&self.accounts, &self.linked_to, &self.part_of]).await?;
        let close = transaction
            .prepare_cached(
                "update revenue.membership set known_until = now() where account_key = any($1) and known_until = 'infinity'",
            )
            .await?;
        transaction.execute(&close, &[&self.accounts]).await?;
        let insert = transaction
            .prepare_cached(
                "insert into revenue.membership (account_key, part_of, linked_to, rule, because, known_since)
                 select account_key, part_of, linked_to, rule, because, now()
                   from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])
                        as new (account_key, linked_to, part_of, rule, because)
                  where part_of is not null",
            )
            .await?;
        let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
            [&self.accounts, &self.linked_to, &self.part_of, &self.rules, &self.because];
        transaction.execute(&insert, &columns).await?;
        Ok(())
    }
}
