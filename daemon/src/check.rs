//! `mrrd check`: what is readable, without changing anything.

use std::fmt;

use mrr_connector_sdk::{Check, Http};

use crate::config::{Config, Source};
use crate::failpoint;
use crate::failure::{Failure, Kind};
use crate::grid::Grid;
use crate::migrate;
use crate::store::{Store, require_schema};

/// What was found, line by line.
pub struct Report {
    lines: Vec<Line>,
}

struct Line {
    what: String,
    result: Result<String, String>,
    /// Something worth knowing, which can't fail.
    remark: bool,
}

impl Report {
    /// Whether nothing has to be done.
    pub fn all_readable(&self) -> bool {
        self.lines.iter().all(|line| line.result.is_ok())
    }

    fn add(&mut self, what: impl Into<String>, result: Result<String, String>) {
        self.lines.push(Line { what: what.into(), result, remark: false });
    }

    fn remark(&mut self, what: impl Into<String>, detail: String) {
        self.lines.push(Line { what: what.into(), result: Ok(detail), remark: true });
    }
}

/// Checks database and sources. The configuration was checked when it was read.
pub async fn check(store: &Store, config: &Config, sources: &[&Source]) -> Report {
    let mut report = Report { lines: Vec::new() };
    report.add("configuration", Ok(format!("{}, {}", config.book.currency, config.book.zone.name())));
    report.add("database", database(store, config).await.map_err(|failure| failure.to_string()));
    for source in sources {
        let checked = match Http::new(source.connector.api(), failpoint::limits()) {
            Ok(http) => source.connector.check(&http).await,
            Err(error) => Err(error),
        };
        match checked {
            Ok(check) => {
                add_source(&mut report, source, check);
                if source.connector.push().is_some() {
                    let place = match config.hooks {
                        Some(address) => format!("`mrrd run` takes items at http://{address}/v1/push/{}", source.name),
                        None => "nothing can be pushed to it; write `listen` in [hooks]".to_owned(),
                    };
                    report.remark(format!("{}: push", source.name), place);
                }
            }
            Err(error) => report.add(&source.name, Err(error.to_string())),
        }
    }
    report
}

fn add_source(report: &mut Report, source: &Source, check: Check) {
    let name = &source.name;
    let account = match (check.name, check.account) {
        (Some(name), Some(id)) => Some(format!("{name} ({id})")),
        (name, id) => name.or(id),
    };
    let mode = check.mode.map(|mode| format!("{mode} mode"));
    let who = [account, mode, check.key].into_iter().flatten().collect::<Vec<_>>().join(", ");
    report.add(name, Ok(if who.is_empty() { source.vendor.to_owned() } else { who }));
    for stream in check.streams {
        report.add(format!("{name}.{}", stream.stream), stream.readable);
    }
    for finding in check.findings {
        report.remark(format!("{name}: {}", finding.what), finding.found);
    }
    for note in check.notes {
        report.remark(format!("{name}: note"), note);
    }
}

async fn database(store: &Store, config: &Config) -> Result<String, Failure> {
    let client = store.client().await?;
    require_schema(&client).await?;
    let book = migrate::stored(&**client).await?;
    let same = book.as_ref().is_some_and(|book| {
        book.currency == config.book.currency.to_string() && book.time_zone == config.book.zone.name()
    });
    if !same {
        return Err(Failure::new(Kind::Database, "[book] differs from the book in the database; run `mrrd migrate`"));
    }
    let row = client.query_one("select current_setting('server_version'), current_database()::text", &[]).await?;
    Ok(format!("PostgreSQL {}, database {}", row.get::<_, &str>(0), row.get::<_, &str>(1)))
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut grid = Grid::new(&["WHAT", "READABLE", "DETAIL"]);
        for line in &self.lines {
            let (readable, detail) = match &line.result {
                Ok(detail) if line.remark => ("", detail),
                Ok(detail) => ("yes", detail),
                Err(reason) => ("no", reason),
            };
            grid.row([line.what.clone(), readable.to_owned(), detail.clone()]);
        }
        grid.fmt(out)
    }
}
