//! The extension pg_mrr, whose type and functions the schema needs.

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::failure::{Failure, Kind};

/// Creates or updates the extension; returns its version.
pub async fn bring_up(client: &Client) -> Result<String, Failure> {
    let row = client
        .query_opt("select default_version, installed_version from pg_available_extensions where name = 'pg_mrr'", &[])
        .await?;
    let Some(row) = row else {
        return Err(Failure::new(
            Kind::Database,
            "the PostgreSQL server does not have the extension pg_mrr; install it there with `cargo x install`, then run `mrrd migrate` again",
        ));
    };
    let (offered, installed): (String, Option<String>) = (row.get(0), row.get(1));
    let command = match &installed {
        None => "create extension if not exists pg_mrr with schema public",
        Some(installed) if parts(installed) < parts(&offered) => "alter extension pg_mrr update",
        Some(installed) => return Ok(installed.clone()),
    };
    client.batch_execute(command).await.map_err(|error| match error.code() {
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => Failure::new(
            Kind::Database,
            format!(
                "this role may not do it; run `{command}` in this database as a superuser, then `mrrd migrate` again"
            ),
        ),
        _ => Failure::from(error).at("extension pg_mrr"),
    })?;
    Ok(offered)
}

/// Rebuilds the timelines where the extension was dropped, which took the column of its type
/// along, and was created anew. Nothing else of ours depends on it.
pub async fn restore(client: &Client) -> Result<(), Failure> {
    let whole: bool = client
        .query_one(
            "select exists (select from pg_attribute
                            where attrelid = 'revenue.timeline'::regclass and attname = 'steps' and not attisdropped)",
            &[],
        )
        .await?
        .get(0);
    if !whole {
        let timelines: i64 = client.query_one("select public.mrr_rebuild()", &[]).await?.get(0);
        tracing::info!(record_count = timelines, "timelines rebuilt after the extension was dropped");
    }
    Ok(())
}

/// A version such as 0.10.2 in an order in which 0.10 comes after 0.9.
fn parts(version: &str) -> Vec<u64> {
    version.split(['.', '-']).map(|part| part.parse().unwrap_or(0)).collect()
}
