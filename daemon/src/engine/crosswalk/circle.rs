//! Links that make a circle, as problems of its members.

use std::collections::BTreeMap;

use deadpool_postgres::Transaction;

use crate::engine::problem::record_name;
use crate::failure::Failure;
use crate::store::text;

/// The stream by which ops.problem has links that make a circle: where somebody can mend them.
pub const LINKS: &str = "revenue.link";

/// Notes of each member of a circle that it is in one, and forgets it of all others: whoever was in one is always among
/// those that are linked anew.
pub async fn keep(transaction: &Transaction<'_>, circles: &[Vec<i64>]) -> Result<(), Failure> {
    let members: Vec<i64> = circles.iter().flatten().copied().collect();
    let (mut sources, mut ids, mut messages) = (vec![], vec![], vec![]);
    if !members.is_empty() {
        let select = "select key, source, id from revenue.account where key = any($1)";
        let rows = transaction.query(select, &[&members]).await?;
        let named: BTreeMap<i64, (String, String)> =
            rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect();
        for circle in circles {
            let path = circle.iter().chain(circle.first()).filter_map(|member| named.get(member));
            let path: Vec<String> = path.map(|(source, id)| format!("{source}/{id}")).collect();
            let message = format!(
                "the links {} make a circle, so each of them stands alone; unlink one with `mrrd accounts unlink \
                 SOURCE/ID`, or correct its row of revenue.link",
                path.join(" -> ")
            );
            tracing::warn!(path = path.join(" -> "), "links make a circle, so each of these accounts stands alone");
            for (source, id) in circle.iter().filter_map(|member| named.get(member)) {
                sources.push(source.clone());
                ids.push(record_name(id));
                messages.push(text(&message, 1_000));
            }
        }
    }
    let forget = transaction
        .prepare_cached(
            "delete from ops.problem where stream = $1
                and (source, record) not in (select * from unnest($2::text[], $3::text[]))",
        )
        .await?;
    transaction.execute(&forget, &[&LINKS, &sources, &ids]).await?;
    let keep = transaction
        .prepare_cached(
            "insert into ops.problem (source, stream, record, message)
             select source, $1, record, message from unnest($2::text[], $3::text[], $4::text[]) as new (source, record, message)
             on conflict (source, stream, record, field, coalesce(account, ''))
             do update set message = excluded.message where problem.message <> excluded.message",
        )
        .await?;
    transaction.execute(&keep, &[&LINKS, &sources, &ids, &messages]).await?;
    Ok(())
}
