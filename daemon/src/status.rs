//! `mrrd status`: how the syncs are doing, as seen by the database.

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::Utc;
use chrono_tz::Tz;
use tokio_postgres::Client;

use crate::config::Config;
use crate::failure::Failure;
use crate::grid::Grid;
use crate::store::{Store, require_schema};

/// Problems listed for a source; the others are counted.
const LISTED: i64 = 10;

/// The report, ready to print.
pub async fn status(store: &Store, config: &Config) -> Result<String, Failure> {
    let client = store.client().await?;
    require_schema(&client).await?;
    // Sources that were taken out of the file still have their records.
    let mut names: BTreeSet<String> = config.sources.iter().map(|source| source.name.clone()).collect();
    let stored = client.query("select distinct source from ops.run", &[]).await?;
    names.extend(stored.iter().map(|row| row.get::<_, String>(0)));

    let zone: Tz = config.book.zone.name().parse().unwrap_or(Tz::UTC);
    let mut out = runs(&client, config, zone, &names).await?.to_string();
    let records = records(&client, zone).await?;
    if !records.is_empty() {
        // Writing to a string does not fail.
        let _ = write!(out, "\n{records}");
    }
    let gaps = gaps(&client, zone).await?;
    if !gaps.is_empty() {
        let _ = write!(out, "\n{gaps}");
    }
    let problems = problems(&client, &names).await?;
    if !problems.is_empty() {
        let _ = write!(out, "\n{problems}");
    }
    Ok(out)
}

async fn runs(client: &Client, config: &Config, zone: Tz, names: &BTreeSet<String>) -> Result<Grid, Failure> {
    let mut grid = Grid::new(&[
        "SOURCE",
        "LAST RUN",
        "KIND",
        "STATUS",
        "FETCHED",
        "NEW",
        "CHANGED",
        "UNCHANGED",
        "GONE",
        "QUARANTINED",
        "PROBLEMS",
        "WAITING",
        "NEXT",
        "ERROR",
    ]);
    for name in names {
        let row = client
            .query_one(
                "select r.started_at, coalesce(r.kind, '-'), coalesce(r.status, 'never'), coalesce(r.fetched, 0),
                        coalesce(r.inserted, 0), coalesce(r.updated, 0), coalesce(r.unchanged, 0),
                        coalesce(r.deleted, 0), coalesce(r.quarantined, 0),
                        (select count(distinct (stream, record)) from ops.problem where source = $1),
                        (select count(*) from ops.touched where source = $1)
                          + (select count(*) from ops.hint where source = $1)
                          + (select count(*) from ops.event where source = $1 and payload is not null),
                        coalesce(r.error, '')
                 from (select 1) as one
                 left join lateral (select * from ops.run where source = $1 order by run_id desc limit 1) as r on true",
                &[&name],
            )
            .await?;
        let started: Option<chrono::DateTime<Utc>> = row.get(0);
        let at = |at| show(at, zone);
        let schedule = config.sources.iter().find(|source| source.name == *name).map(|source| &source.schedule);
        let next = match schedule {
            None => "not configured".to_owned(),
            Some(None) => "no schedule".to_owned(),
            Some(Some(schedule)) => schedule.next(Utc::now(), zone).map_or_else(|| "never".to_owned(), at),
        };
        let counts = (3..=10).map(|column| row.get::<_, i64>(column).to_string());
        let first = [name.clone(), started.map_or_else(|| "-".to_owned(), at), row.get(1), row.get(2)];
        grid.row(first.into_iter().chain(counts).chain([next, row.get(11)]));
    }
    Ok(grid)
}

/// An instant as the book's people read it.
fn show(at: chrono::DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %Z").to_string()
}

async fn records(client: &Client, zone: Tz) -> Result<Grid, Failure> {
    let mut grid = Grid::new(&["SOURCE", "STREAM", "RECORDS", "VERSIONS", "LAST COMPLETE"]);
    // The first version counts the record.
    let rows = client
        .query(
            "select w.source, w.stream, coalesce(r.records, 0), coalesce(r.versions, 0),
                    w.completed_at
             from ops.walk w
             left join (select source, stream, count(*) filter (where version = 1) as records, count(*) as versions
                        from raw.record group by source, stream) r using (source, stream)
             order by w.source, w.stream",
            &[],
        )
        .await?;
    for row in rows {
        let (records, versions): (i64, i64) = (row.get(2), row.get(3));
        let completed =
            row.get::<_, Option<chrono::DateTime<Utc>>>(4).map_or_else(|| "not yet".to_owned(), |at| show(at, zone));
        grid.row([row.get(0), row.get(1), records.to_string(), versions.to_string(), completed]);
    }
    Ok(grid)
}

/// Times whose events nobody has read.
async fn gaps(client: &Client, zone: Tz) -> Result<Grid, Failure> {
    let mut grid = Grid::new(&["SOURCE", "EVENTS MISSED FROM", "UNTIL"]);
    let rows = client
        .query(
            "select source, from_time, until from ops.gap where found_at > now() - interval '35 days' order by 1, 2",
            &[],
        )
        .await?;
    for row in rows {
        grid.row([row.get(0), show(row.get(1), zone), show(row.get(2), zone)]);
    }
    Ok(grid)
}

async fn problems(client: &Client, names: &BTreeSet<String>) -> Result<Grid, Failure> {
    let mut grid = Grid::new(&["SOURCE", "STREAM", "ID", "FIELD", "PROBLEM"]);
    for name in names {
        let rows = client
            .query(
                "select distinct stream, record, field, message from ops.problem where source = $1
                 order by stream, record, field, message limit $2",
                &[&name, &(LISTED + 1)],
            )
            .await?;
        let listed = usize::try_from(LISTED).unwrap_or_default();
        for row in rows.iter().take(listed) {
            grid.row([name.clone(), row.get(0), row.get(1), row.get(2), row.get(3)]);
        }
        if rows.len() > listed {
            let more = "further ones: select * from ops.problem";
            grid.row([name.clone(), "...".into(), String::new(), String::new(), more.into()]);
        }
    }
    Ok(grid)
}
