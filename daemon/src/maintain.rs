//! `mrrd audit`, `mrrd rebuild` and `mrrd forget`: what they say.

use crate::config::{Config, Source};
use crate::engine::{self, Audit, Status};
use crate::exit::{FAILED, PROBLEMS, report};
use crate::failure::{Failure, Kind};
use crate::grid::Grid;
use crate::stop::Stop;
use crate::store::{Store, end};

/// Compares each source with what is stored of it; the code is that of problems when they differ.
pub async fn audit(
    store: &Store,
    config: &Config,
    sources: Vec<&Source>,
    stop: &Stop,
    repair: bool,
) -> Result<u8, Failure> {
    let mut worst = 0;
    for source in sources {
        if source.connector.push().is_some() {
            println!("{}: is pushed to, so that there is nothing to compare it with", source.name);
            continue;
        }
        let Audit { compared, findings } =
            engine::audit(store, source, stop).await.map_err(|failure| failure.at(&source.name))?;
        if findings.is_empty() {
            println!("{}: {compared} records at the source, all as they are stored", source.name);
            continue;
        }
        let mut grid = Grid::new(&["SOURCE", "STREAM", "ID", "THE RECORD"]);
        for finding in &findings {
            let cells = [source.name.as_str(), finding.stream, &finding.id];
            grid.row(cells.map(str::to_owned).into_iter().chain([finding.difference.to_string()]));
        }
        print!("{grid}");
        let count = findings.len();
        if repair {
            engine::repair(store, source, &findings).await?;
            worst = worst.max(report(&source.name, engine::replay(store, source, config.book, stop).await));
        } else {
            worst = PROBLEMS;
            eprintln!(
                "{0}: {compared} records at the source, {count} differ from the database; what changed since the last sync does: \
                 `mrrd audit {0} --repair` brings all of them in",
                source.name
            );
        }
    }
    Ok(worst)
}

/// Derives each source anew, then builds the timelines of all.
pub async fn rebuild(store: &Store, config: &Config, sources: Vec<&Source>, stop: &Stop) -> Result<u8, Failure> {
    for source in sources {
        let (outcome, total) = engine::rebuild(store, source, config.book, stop).await?;
        if !matches!(outcome.status, Status::Ok | Status::Problems) {
            return Ok(report(&source.name, Ok(outcome)));
        }
        println!(
            "{}: {} accounts derived anew, {} of them otherwise than they were stored",
            source.name, total.accounts, total.changed
        );
    }
    let client = store.session().await?;
    let timelines: i64 = client.query_one("select public.mrr_rebuild()", &[]).await?.get(0);
    end(client).await;
    println!("{timelines} timelines built");
    Ok(0)
}

/// Forgets an account, once it was said twice.
pub async fn forget(store: &Store, sources: Vec<&Source>, account: &str, yes: bool) -> Result<u8, Failure> {
    let Some(source) = sources.first() else { return Ok(FAILED) };
    if !yes {
        let sentence = format!(
            "this removes every record of `{account}` for good, and its name and attributes; what it paid stays, under its id. Add --yes"
        );
        return Err(Failure::new(Kind::Settings, sentence));
    }
    let (outcome, removed) = engine::forget(store, source, account).await?;
    if !matches!(outcome.status, Status::Ok | Status::Problems) {
        return Ok(report(&source.name, Ok(outcome)));
    }
    println!(
        "{}: {removed} versions of records of `{account}` removed; what comes of it from now on is dropped",
        source.name
    );
    Ok(0)
}
