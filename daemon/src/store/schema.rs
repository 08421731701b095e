//! Which schema a database has, and which one this program needs.

use tokio_postgres::Client;

use crate::failure::{Failure, Kind};

mod embedded {
    refinery::embed_migrations!("../sql/migrations");
}

/// refinery's own table. It can't live in schema ops, which is itself made by a migration.
pub const HISTORY: &str = "public.mrrd_migration";

/// The migrations in this program.
pub struct Migrations;

/// The migrations in this program.
pub const MIGRATIONS: Migrations = Migrations;

impl Migrations {
    /// The runner that applies them.
    pub fn runner(&self) -> refinery::Runner {
        let mut runner = embedded::migrations::runner();
        runner.set_migration_table_name(HISTORY);
        runner
    }

    /// The version of the newest one.
    pub fn newest(&self) -> i64 {
        self.runner().get_migrations().iter().map(refinery::Migration::version).max().unwrap_or(0)
    }
}

/// The database's schema version; `None` when `mrrd migrate` has never run there.
pub async fn schema_version(client: &Client) -> Result<Option<i64>, Failure> {
    if client.query_one("select to_regclass($1) is null", &[&HISTORY]).await?.get(0) {
        return Ok(None);
    }
    Ok(client.query_one(&format!("select max(version)::bigint from {HISTORY}"), &[]).await?.get(0))
}

/// Refuses a schema that is not exactly the one this program was built with.
pub async fn require_schema(client: &Client) -> Result<(), Failure> {
    let needed = MIGRATIONS.newest();
    match schema_version(client).await? {
        Some(version) if version == needed => Ok(()),
        Some(version) if version > needed => Err(newer(version)),
        Some(version) => Err(Failure::new(
            Kind::Database,
            format!("the database's schema is version {version} and this mrrd needs {needed}; run `mrrd migrate`"),
        )),
        None => Err(Failure::new(Kind::Database, "the database has no mrrd schema yet; run `mrrd migrate`")),
    }
}

/// The refusal of a schema from the future.
pub fn newer(version: i64) -> Failure {
    let known = MIGRATIONS.newest();
    Failure::new(
        Kind::Database,
        format!("the database's schema is version {version} and this mrrd knows up to {known}; install a newer mrrd"),
    )
}
