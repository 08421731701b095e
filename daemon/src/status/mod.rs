//! `mrrd status`: how the syncs are doing, as seen by the database.

mod situation;
mod state;

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio_postgres::Client;

use crate::config::{Config, Source};
use crate::failure::Failure;
use crate::grid::Grid;
use crate::health::KINDS;
use crate::store::{Store, require_schema};
use situation::situation;
pub use state::State;
use state::{judge, span};

/// Problems listed for a source; the others are counted.
const LISTED: i64 = 10;

/// The report, ready to print.
pub struct Report {
    /// All there is to see.
    pub text: String,
    /// A sentence for each source that is not as it should be.
    pub faults: Vec<String>,
}

/// How each source is doing.
pub async fn status(store: &Store, config: &Config) -> Result<Report, Failure> {
    let client = store.client().await?;
    require_schema(&client).await?;
    // Sources that were taken out of the file still have their records.
    let mut names: BTreeSet<String> = config.sources.iter().map(|source| source.name.clone()).collect();
    let stored = client.query("select distinct source from ops.run", &[]).await?;
    names.extend(stored.iter().map(|row| row.get::<_, String>(0)));

    let zone: Tz = config.book.zone.name().parse().unwrap_or(Tz::UTC);
    let mut faults = Vec::new();
    let mut out = sources(&client, config, zone, &mut faults).await?.to_string();
    // Writing to a string does not fail.
    let _ = write!(out, "\n{}", runs(&client, config, zone, &names).await?);
    let records = records(&client, zone).await?;
    if !records.is_empty() {
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
    Ok(Report { text: out, faults })
}

/// The state of a source, and what to do where something has to be done.
pub async fn state(client: &Client, source: &Source, zone: Tz) -> Result<(State, Option<String>), Failure> {
    let (situation, now) = situation(client, source).await?;
    Ok(judge(&source.name, &situation, source.schedule.as_ref(), now, zone))
}

/// A line for each source that is configured; adds to `faults` what is to be done.
async fn sources(client: &Client, config: &Config, zone: Tz, faults: &mut Vec<String>) -> Result<Grid, Failure> {
    let mut grid =
        Grid::new(&["SOURCE", "STATE", "LAST SUCCESS", "KNOWN UNTIL", "RECORDS", "PROBLEMS", "WAITING", "NEXT"]);
    for source in &config.sources {
        let (situation, now) = situation(client, source).await?;
        let (state, fault) = judge(&source.name, &situation, source.schedule.as_ref(), now, zone);
        faults.extend(fault);
        let row = client
            .query_one(
                "select (select count(*) from raw.record where source = $1 and version = 1),
                        (select count(*) from ops.touched where source = $1)
                          + (select count(*) from ops.hint where source = $1)
                          + (select count(*) from ops.event where source = $1 and payload is not null)",
                &[&source.name],
            )
            .await?;
        let (records, waiting): (i64, i64) = (row.get(0), row.get(1));
        let ago = |at: Option<DateTime<Utc>>| at.map_or_else(|| "-".to_owned(), |at| format!("{} ago", span(now - at)));
        let next = [&source.schedule, &source.follow].into_iter().flatten();
        let next = match next.filter_map(|schedule| schedule.next(now, zone)).min() {
            Some(at) => format!("in {}", span(at - now)),
            None if source.connector.push().is_some() => "when pushed".to_owned(),
            None if source.schedule.is_some() => "never".to_owned(),
            None => "no schedule".to_owned(),
        };
        grid.row([
            source.name.clone(),
            state.as_str().to_owned(),
            ago(situation.success),
            ago(situation.known_until),
            records.to_string(),
            situation.problems.to_string(),
            waiting.to_string(),
            next,
        ]);
    }
    Ok(grid)
}

async fn runs(client: &Client, config: &Config, zone: Tz, names: &BTreeSet<String>) -> Result<Grid, Failure> {
    let mut grid = Grid::new(&[
        "SOURCE",
        "KIND",
        "LAST RUN",
        "STATUS",
        "FETCHED",
        "NEW",
        "CHANGED",
        "UNCHANGED",
        "GONE",
        "QUARANTINED",
        "NEXT",
        "ERROR",
    ]);
    for name in names {
        let source = config.sources.iter().find(|source| source.name == *name);
        let pushed = source.is_some_and(|source| source.connector.push().is_some());
        for kind in KINDS {
            let run = client
                .query_opt(
                    "select started_at, status, fetched, inserted, updated, unchanged, deleted, quarantined,
                            coalesce(error, '')
                     from ops.run where source = $1 and kind = $2 order by run_id desc limit 1",
                    &[&name, &kind],
                )
                .await?;
            let schedule = match kind {
                "push" if run.is_none() && !pushed => continue,
                "sync" | "follow" if run.is_none() && pushed => continue,
                "push" => None,
                "sync" => source.map(|source| &source.schedule),
                _ if run.is_none() && source.is_none_or(|source| source.follow.is_none()) => continue,
                _ => source.map(|source| &source.follow),
            };
            let next = match schedule {
                None if pushed => "when pushed".to_owned(),
                None => "not configured".to_owned(),
                Some(None) => "no schedule".to_owned(),
                Some(Some(schedule)) => {
                    schedule.next(Utc::now(), zone).map_or_else(|| "never".to_owned(), |at| show(at, zone))
                }
            };
            let (started, ended, counts, error) = match &run {
                Some(run) => {
                    let counts: Vec<String> = (2..=7).map(|column| run.get::<_, i64>(column).to_string()).collect();
                    (show(run.get(0), zone), run.get(1), counts, run.get(8))
                }
                None => ("-".to_owned(), "never".to_owned(), vec!["0".to_owned(); 6], String::new()),
            };
            let first = [name.clone(), kind.to_owned(), started, ended];
            grid.row(first.into_iter().chain(counts).chain([next, error]));
        }
    }
    Ok(grid)
}

/// An instant as the book's people read it.
fn show(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %Z").to_string()
}

async fn records(client: &Client, zone: Tz) -> Result<Grid, Failure> {
    let mut grid = Grid::new(&["SOURCE", "STREAM", "RECORDS", "VERSIONS", "LAST COMPLETE"]);
    // The first version counts the record.
    let rows = client
        .query(
            "select source, stream, coalesce(r.records, 0), coalesce(r.versions, 0), w.completed_at, w.source is null
             from ops.walk w
             full join (select source, stream, count(*) filter (where version = 1) as records, count(*) as versions
                        from raw.record group by source, stream) r using (source, stream)
             order by source, stream",
            &[],
        )
        .await?;
    for row in rows {
        let (records, versions): (i64, i64) = (row.get(2), row.get(3));
        // What is pushed is never listed.
        let never = if row.get(5) { "-" } else { "not yet" };
        let completed = row.get::<_, Option<DateTime<Utc>>>(4).map_or_else(|| never.to_owned(), |at| show(at, zone));
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
