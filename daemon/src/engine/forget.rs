//! Removing what a source sent of an account, for good.

use super::push;
use super::run::{Outcome, Purpose};
use super::session::Session;
use crate::config::Source;
use crate::failure::{Failure, Kind};
use crate::store::Store;

/// What is removed of an account, and in which order. Segments stay: they are amounts under an id,
/// and taking them away would rewrite what was reported. The account's name goes.
const REMOVED: &[&str] = &[
    "delete from ops.problem where source = $1 and (account = $2
        or (stream, record) in (select stream, id from raw.record where source = $1 and account = $2))",
    "delete from ops.hint where source = $1
        and (stream, id) in (select stream, id from raw.record where source = $1 and account = $2)",
    "delete from ops.touched where source = $1 and account = $2",
    "delete from revenue.attribute t using revenue.account a
      where a.source = $1 and a.id = $2 and (t.member_key = a.key or t.account_key = a.key and t.member_key is null)",
    "delete from ops.identity where account_key = (select key from revenue.account where source = $1 and id = $2)",
    "update revenue.membership m set because = 'forgotten' from revenue.account a
      where a.source = $1 and a.id = $2 and a.key in (m.account_key, m.linked_to)",
    "update revenue.account set name = 'forgotten' where source = $1 and id = $2",
];

/// Removes every version of every record of an account, its name and its attributes, and drops
/// what comes of it from now on. Returns how many versions were removed.
pub async fn forget(store: &Store, source: &Source, account: &str) -> Result<(Outcome, u64), Failure> {
    let mut session = Session::begin(store, &source.name, Purpose::Forget).await?;
    let name = source.name.clone();
    let removed = session
        .attempt(async |client| {
            let transaction = client.transaction().await?;
            // What is being pushed is stored before this, and removed by it, or refused behind it.
            push::turn(&transaction, &name).await?;
            let known = "select exists (select from revenue.account where source = $1 and id = $2)
                             or exists (select from raw.record where source = $1 and account = $2)";
            if !transaction.query_one(known, &[&name, &account]).await?.get::<_, bool>(0) {
                return Err(Failure::new(
                    Kind::Settings,
                    format!("source `{name}` has no account `{account}`; account_mrr(day) lists accounts by their id"),
                ));
            }
            for statement in REMOVED {
                transaction.execute(*statement, &[&name, &account]).await?;
            }
            let removed = "delete from raw.record where source = $1 and account = $2";
            let removed = transaction.execute(removed, &[&name, &account]).await?;
            let remember = "insert into ops.forgotten (source, account) values ($1, $2) on conflict do nothing";
            transaction.execute(remember, &[&name, &account]).await?;
            transaction.commit().await?;
            Ok(removed)
        })
        .await;
    let (removed, errors) = match removed {
        Ok(removed) => (removed, Vec::new()),
        Err(failure) => (0, vec![failure]),
    };
    Ok((session.finish(errors, 0).await, removed))
}
