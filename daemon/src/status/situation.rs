//! What the database knows of a source's runs.

use chrono::{DateTime, Utc};
use tokio_postgres::Client;

use super::state::{Running, Situation};
use crate::config::Source;
use crate::failure::Failure;
use crate::health::KINDS;

/// The situation of a source, and the database's clock.
pub async fn situation(client: &Client, source: &Source) -> Result<(Situation, DateTime<Utc>), Failure> {
    let name = &source.name;
    let mut ended = [const { None }; KINDS.len()];
    for (kind, ended) in KINDS.iter().zip(&mut ended) {
        let newest = "select status from ops.run where source = $1 and kind = $2 and status <> 'running'
                      order by run_id desc limit 1";
        *ended = client.query_opt(newest, &[name, kind]).await?.map(|row| row.get(0));
    }
    let running = client
        .query_opt(
            "select kind, coalesce(progressed_at, started_at),
                    exists (select from ops.lease where source = $1 and until > clock_timestamp())
             from (select * from ops.run where source = $1 order by run_id desc limit 1) as newest
             where status = 'running'",
            &[name],
        )
        .await?;
    let running = running.map(|row| Running { kind: row.get(0), progressed_at: row.get(1), lives: row.get(2) });
    let whole = if source.connector.push().is_some() { "push" } else { "sync" };
    let log = source.connector.feed().map_or("", |feed| feed.stream);
    let row = client
        .query_one(
            "select newest.finished_at,
                    greatest(newest.started_at,
                             (select completed_at from ops.walk where source = $1 and stream = $3)),
                    (select count(distinct (stream, record)) from ops.problem where source = $1),
                    clock_timestamp()
             from (values (1)) as one (row)
             left join lateral (select started_at, finished_at from ops.run
                                where source = $1 and kind = $2 and status in ('ok', 'problems')
                                order by run_id desc limit 1) as newest on true",
            &[name, &whole, &log],
        )
        .await?;
    let situation = Situation { ended, running, success: row.get(0), known_until: row.get(1), problems: row.get(2) };
    Ok((situation, row.get(3)))
}
