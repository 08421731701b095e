//! Writing what was derived: one statement a table and kind of change, whatever the number of rows.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::pin::pin;

use chrono::{DateTime, Utc};
use deadpool_postgres::Transaction;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

use super::account::Derived;
use super::inlet::Inlet;
use super::rows::{AttributeRow, Closing, DoubtRow, SegmentRow};
use crate::engine::problem::ProblemRow;
use crate::failure::Failure;
use crate::store::DayColumn;

/// As which account each is counted.
#[derive(Debug, Default)]
pub struct Customers {
    /// By key, for those that are part of another.
    part_of: HashMap<i64, i64>,
    /// Those that others are part of.
    whole: HashSet<i64>,
}

impl Customers {
    /// Whom an account is counted as.
    pub fn of(&self, account: i64) -> i64 {
        self.part_of.get(&account).copied().unwrap_or(account)
    }

    /// Whether several accounts are counted as the one that this is counted as.
    pub fn in_group(&self, account: i64) -> bool {
        self.part_of.contains_key(&account) || self.whole.contains(&account)
    }

    /// Whom an account is counted as, and the account itself where that is another one.
    fn place(&self, account: i64) -> (i64, Option<i64>) {
        let customer = self.of(account);
        (customer, (customer != account).then_some(account))
    }
}

/// Reads as which account each of these is counted.
pub async fn customers(transaction: &Transaction<'_>, keys: &BTreeMap<String, i64>) -> Result<Customers, Failure> {
    let accounts: Vec<i64> = keys.values().copied().collect();
    let select = transaction
        .prepare_cached("select key, part_of from revenue.account where (key = any($1) or part_of = any($1)) and part_of is not null")
        .await?;
    let mut customers = Customers::default();
    for row in transaction.query(&select, &[&accounts]).await? {
        customers.part_of.insert(row.get(0), row.get(1));
        customers.whole.insert(row.get(1));
    }
    Ok(customers)
}

/// Brings revenue.account up to date; returns the keys of the accounts that have one, and which of them are new.
pub async fn accounts(
    transaction: &Transaction<'_>,
    source: &str,
    found: &BTreeMap<String, Derived>,
) -> Result<(BTreeMap<String, i64>, BTreeSet<i64>), Failure> {
    let ids: Vec<&str> = found.keys().map(String::as_str).collect();
    let select = transaction
        .prepare_cached("select id, key, name from revenue.account where source = $1 and id = any($2)")
        .await?;
    let stored: HashMap<String, (i64, String)> = transaction
        .query(&select, &[&source, &ids])
        .await?
        .iter()
        .map(|row| (row.get(0), (row.get(1), row.get(2))))
        .collect();

    let mut keys: BTreeMap<String, i64> = stored.iter().map(|(id, (key, _))| (id.clone(), *key)).collect();
    let (mut new_ids, mut new_names, mut renamed, mut names) = (vec![], vec![], vec![], vec![]);
    for (id, derived) in found {
        let Some(rows) = &derived.rows else { continue };
        match (stored.get(id), &rows.name) {
            (None, Some(name)) => {
                new_ids.push(id);
                new_names.push(name);
            }
            (Some((key, before)), name) => {
                // A source that no longer knows a name leaves the id, as a rebuild would.
                let name = name.as_ref().unwrap_or(id);
                if before != name {
                    renamed.push(*key);
                    names.push(name);
                }
            }
            (None, None) => {}
        }
    }
    let mut new = BTreeSet::new();
    if !new_ids.is_empty() {
        let insert = transaction
            .prepare_cached(
                "insert into revenue.account (source, id, name)
                 select $1, id, name from unnest($2::text[], $3::text[]) as new (id, name)
                 returning id, key",
            )
            .await?;
        let rows = transaction.query(&insert, &[&source, &new_ids, &new_names]).await?;
        new.extend(rows.iter().map(|row| row.get::<_, i64>(1)));
        keys.extend(rows.iter().map(|row| (row.get::<_, String>(0), row.get::<_, i64>(1))));
    }
    if !renamed.is_empty() {
        let update = transaction
            .prepare_cached(
                "update revenue.account set name = new.name
                 from unnest($1::bigint[], $2::text[]) as new (key, name) where account.key = new.key",
            )
            .await?;
        transaction.execute(&update, &[&renamed, &names]).await?;
    }
    Ok((keys, new))
}

/// Writes the difference.
pub async fn changes(
    transaction: &Transaction<'_>,
    source: &str,
    closing: &Closing<'_>,
    customers: &Customers,
) -> Result<(), Failure> {
    close_segments(transaction, &closing.closed_segments).await?;
    add_segments(transaction, &closing.new_segments, customers).await?;
    close_attributes(transaction, &closing.closed_attributes).await?;
    add_attributes(transaction, &closing.new_attributes).await?;
    remove_doubts(transaction, &closing.gone_doubts).await?;
    add_doubts(transaction, &closing.new_doubts, customers).await?;
    remove_problems(transaction, source, &closing.gone_problems).await?;
    add_problems(transaction, source, &closing.new_problems).await
}

/// Makes these the problems of one account.
pub async fn replace_problems(
    transaction: &Transaction<'_>,
    source: &str,
    account: &str,
    problems: &[ProblemRow],
) -> Result<(), Failure> {
    transaction.execute("delete from ops.problem where source = $1 and account = $2", &[&source, &account]).await?;
    let problems: Vec<(&str, &ProblemRow)> = problems.iter().map(|problem| (account, problem)).collect();
    add_problems(transaction, source, &problems).await
}

async fn close_segments(transaction: &Transaction<'_>, closed: &[(i64, DateTime<Utc>)]) -> Result<(), Failure> {
    if closed.is_empty() {
        return Ok(());
    }
    let (ids, until): (Vec<i64>, Vec<DateTime<Utc>>) = closed.iter().copied().unzip();
    let update = transaction
        .prepare_cached(
            "update revenue.segment set known_until = closed.until
             from unnest($1::bigint[], $2::timestamptz[]) as closed (segment_id, until)
             where segment.segment_id = closed.segment_id and segment.known_until = 'infinity'",
        )
        .await?;
    transaction.execute(&update, &[&ids, &until]).await?;
    Ok(())
}

/// In the order in which rows are written.
const SEGMENT_COLUMNS: &str = "\
    account_key, member_key, contract, item, plan, currency, valid_from, valid_until, gross, net, \
    amount, quantity, billing_interval, evidence, origin, known_since, \
    standing, stood_from, ending, list, net_forever, net_running, net_all, refunded, usage";

async fn add_segments(
    transaction: &Transaction<'_>,
    new: &[(i64, &SegmentRow, DateTime<Utc>)],
    customers: &Customers,
) -> Result<(), Failure> {
    if new.is_empty() {
        return Ok(());
    }
    let inlet = Inlet::of(transaction, "segment", SEGMENT_COLUMNS).await?;
    let sink = transaction.copy_in(&inlet.copy()).await?;
    let types = [
        Type::INT8,
        Type::INT8,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::DATE,
        Type::DATE,
        Type::INT8,
        Type::INT8,
        Type::NUMERIC,
        Type::NUMERIC,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT_ARRAY,
        Type::TIMESTAMPTZ,
        Type::TEXT,
        Type::DATE,
        Type::BOOL,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::BOOL,
        Type::BOOL,
    ];
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
    for (key, row, since) in new {
        let (customer, member) = customers.place(*key);
        writer
            .as_mut()
            .write(&[
                &customer,
                &member,
                &row.contract,
                &row.item,
                &row.plan,
                &row.currency,
                &DayColumn(row.from),
                &DayColumn(row.until),
                &row.gross,
                &row.net,
                &row.amount,
                &row.quantity,
                &row.interval,
                &row.evidence,
                &row.origin,
                since,
                &row.standing,
                &row.stood_from.map(DayColumn),
                &row.ending,
                &row.policies.list,
                &row.policies.net_forever,
                &row.policies.net_running,
                &row.policies.net_all,
                &row.refunded,
                &row.usage,
            ])
            .await?;
    }
    writer.finish().await?;
    inlet.pour(transaction).await
}

async fn close_attributes(
    transaction: &Transaction<'_>,
    closed: &[((i64, i64), &AttributeRow, DateTime<Utc>)],
) -> Result<(), Failure> {
    if closed.is_empty() {
        return Ok(());
    }
    let update = transaction
        .prepare_cached(
            "update revenue.attribute set known_until = closed.until
             from unnest($1::bigint[], $2::text[], $3::text[], $4::date[], $5::date[], $6::timestamptz[], $7::bigint[])
                  as closed (account_key, name, value, valid_from, valid_until, until, part)
             where attribute.account_key = closed.account_key and attribute.name = closed.name
               and attribute.member_key is not distinct from nullif(closed.part, closed.account_key)
               and attribute.value = closed.value and attribute.valid_from = closed.valid_from
               and attribute.valid_until = closed.valid_until and attribute.known_until = 'infinity'",
        )
        .await?;
    let columns = Columns::of(closed.iter().map(|((counted_as, _), row, until)| (*counted_as, *row, *until)));
    let parts: Vec<i64> = closed.iter().map(|((_, part), ..)| *part).collect();
    let Columns { keys, names, values, from, until, at } = &columns;
    transaction.execute(&update, &[keys, names, values, from, until, at, &parts]).await?;
    Ok(())
}

/// As the account's own: whose they are counted as is settled where several are one customer.
async fn add_attributes(
    transaction: &Transaction<'_>,
    new: &[(i64, &AttributeRow, DateTime<Utc>)],
) -> Result<(), Failure> {
    if new.is_empty() {
        return Ok(());
    }
    let insert = transaction
        .prepare_cached(
            "insert into revenue.attribute (account_key, name, value, valid_from, valid_until, known_since)
             select * from unnest($1::bigint[], $2::text[], $3::text[], $4::date[], $5::date[], $6::timestamptz[])",
        )
        .await?;
    let Columns { keys, names, values, from, until, at } = &Columns::of(new.iter().copied());
    transaction.execute(&insert, &[keys, names, values, from, until, at]).await?;
    Ok(())
}

/// Attributes as arrays, one a column.
#[derive(Default)]
struct Columns<'a> {
    keys: Vec<i64>,
    names: Vec<&'a str>,
    values: Vec<&'a str>,
    from: Vec<DayColumn>,
    until: Vec<DayColumn>,
    at: Vec<DateTime<Utc>>,
}

impl<'a> Columns<'a> {
    fn of(rows: impl Iterator<Item = (i64, &'a AttributeRow, DateTime<Utc>)>) -> Self {
        let mut columns = Self::default();
        for (key, row, at) in rows {
            columns.keys.push(key);
            columns.names.push(&row.name);
            columns.values.push(&row.value);
            columns.from.push(DayColumn(row.from));
            columns.until.push(DayColumn(row.until));
            columns.at.push(at);
        }
        columns
    }
}

async fn remove_doubts(transaction: &Transaction<'_>, gone: &[(i64, &DoubtRow)]) -> Result<(), Failure> {
    for (key, row) in gone {
        let delete = transaction
            .prepare_cached(
                "delete from revenue.doubt where coalesce(member_key, account_key) = $1 and (account_key = $1 or member_key = $1)
                 and contract = $2 and valid_from = $3
                 and valid_until = $4 and reason = $5 and origin = $6",
            )
            .await?;
        let (from, until) = (DayColumn(row.from), DayColumn(row.until));
        transaction.execute(&delete, &[key, &row.contract, &from, &until, &row.reason, &row.origin]).await?;
    }
    Ok(())
}

async fn add_doubts(
    transaction: &Transaction<'_>,
    new: &[(i64, &DoubtRow)],
    customers: &Customers,
) -> Result<(), Failure> {
    if new.is_empty() {
        return Ok(());
    }
    let inlet =
        Inlet::of(transaction, "doubt", "account_key, member_key, contract, valid_from, valid_until, reason, origin")
            .await?;
    let sink = transaction.copy_in(&inlet.copy()).await?;
    let types = [Type::INT8, Type::INT8, Type::TEXT, Type::DATE, Type::DATE, Type::TEXT, Type::TEXT_ARRAY];
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
    for (key, row) in new {
        let (customer, member) = customers.place(*key);
        let (from, until) = (DayColumn(row.from), DayColumn(row.until));
        writer.as_mut().write(&[&customer, &member, &row.contract, &from, &until, &row.reason, &row.origin]).await?;
    }
    writer.finish().await?;
    inlet.pour(transaction).await
}

async fn remove_problems(
    transaction: &Transaction<'_>,
    source: &str,
    gone: &[(&str, &ProblemRow)],
) -> Result<(), Failure> {
    if gone.is_empty() {
        return Ok(());
    }
    let column = |of: fn(&ProblemRow) -> &String| gone.iter().map(|(_, row)| of(row).as_str()).collect::<Vec<_>>();
    let accounts: Vec<&str> = gone.iter().map(|(account, _)| *account).collect();
    let delete = transaction
        .prepare_cached(
            "delete from ops.problem using unnest($2::text[], $3::text[], $4::text[], $5::text[])
                    as gone (account, stream, record, field)
             where problem.source = $1 and problem.account = gone.account and problem.stream = gone.stream
               and problem.record = gone.record and problem.field = gone.field",
        )
        .await?;
    let columns = (column(|row| &row.stream), column(|row| &row.record), column(|row| &row.field));
    transaction.execute(&delete, &[&source, &accounts, &columns.0, &columns.1, &columns.2]).await?;
    Ok(())
}

async fn add_problems(transaction: &Transaction<'_>, source: &str, new: &[(&str, &ProblemRow)]) -> Result<(), Failure> {
    if new.is_empty() {
        return Ok(());
    }
    let column = |of: fn(&ProblemRow) -> &String| new.iter().map(|(_, row)| of(row).as_str()).collect::<Vec<_>>();
    let accounts: Vec<&str> = new.iter().map(|(account, _)| *account).collect();
    let insert = transaction
        .prepare_cached(
            "insert into ops.problem (source, account, stream, record, field, message)
             select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])",
        )
        .await?;
    let columns =
        (column(|row| &row.stream), column(|row| &row.record), column(|row| &row.field), column(|row| &row.message));
    transaction.execute(&insert, &[&source, &accounts, &columns.0, &columns.1, &columns.2, &columns.3]).await?;
    Ok(())
}
