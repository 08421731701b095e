//! `mrrd problems`: what could not be read, and the records as received.

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::grid::Grid;
use crate::store::{Store, require_schema};

/// Every problem of a source, or of all.
pub async fn list(store: &Store, config: &Config, source: Option<&str>) -> Result<String, Failure> {
    let client = store.client().await?;
    require_schema(&client).await?;
    let zone: chrono_tz::Tz = config.book.zone.name().parse().unwrap_or(chrono_tz::Tz::UTC);
    let mut grid = Grid::new(&["SOURCE", "STREAM", "ID", "FIELD", "ACCOUNT", "SINCE", "PROBLEM"]);
    let rows = client
        .query(
            "select source, stream, record, field, coalesce(account, '-'), found_at, message from ops.problem
             where $1::text is null or source = $1 order by source, stream, record, field, account",
            &[&source],
        )
        .await?;
    for row in &rows {
        let since = row.get::<_, DateTime<Utc>>(5).with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string();
        grid.row([row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), since, row.get(6)]);
    }
    Ok(if rows.is_empty() { "no problems\n".to_owned() } else { grid.to_string() })
}

/// One record: what is wrong with it, and its newest version as it was received.
pub async fn show(store: &Store, source: &str, stream: &str, id: &str) -> Result<String, Failure> {
    let client = store.client().await?;
    require_schema(&client).await?;
    let problems = client
        .query(
            "select field, message from ops.problem where source = $1 and stream = $2 and record = $3 order by field",
            &[&source, &stream, &id],
        )
        .await?;
    let record = client
        .query_opt(
            "select version, observed_at, deleted, payload::text from raw.record
             where source = $1 and stream = $2 and id = $3 order by version desc limit 1",
            &[&source, &stream, &id],
        )
        .await?;
    if problems.is_empty() && record.is_none() {
        let sentence =
            format!("`{source}` has no record {stream}/{id}; `mrrd problems {source}` lists those with a problem");
        return Err(Failure::new(Kind::Settings, sentence));
    }
    let mut out = String::new();
    for row in &problems {
        let (field, message): (String, String) = (row.get(0), row.get(1));
        let colon = if field.is_empty() { "" } else { ": " };
        out.push_str(&format!("{field}{colon}{message}\n"));
    }
    match record {
        None => out.push_str("it is not stored: `mrrd problems --replay` reads it again\n"),
        Some(row) => {
            let (version, observed): (i32, DateTime<Utc>) = (row.get(0), row.get(1));
            let gone = if row.get(2) { ", gone" } else { "" };
            out.push_str(&format!("version {version}, observed {observed}{gone}\n{}\n", row.get::<_, String>(3)));
        }
    }
    Ok(out)
}
