//! `mrrd migrate`: the extension, the schema, the book's settings, the exchange rates.

mod book;
mod extension;
mod rates;
mod roles;
mod server;
mod views;

use std::fmt;

use crate::config::Config;
use crate::failure::Failure;
use crate::store::{MIGRATIONS, Store, end, newer, schema_version};

pub use book::{Stored, stored};
pub use rates::{Loaded, load};

/// Holds off a second migrate; syncs are not in the way of most migrations and lock for themselves.
const MIGRATING: i64 = 0x6d72_7264_0001;

/// What a migration did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Migrations that were applied, by version and name.
    pub applied: Vec<String>,
    pub extension: String,
    pub book: book::Change,
    pub rates: Option<Loaded>,
    pub roles: roles::Roles,
}

/// Brings a database up to date. Doing it again changes nothing.
pub async fn migrate(store: &Store, config: &Config) -> Result<Report, Failure> {
    // A session of its own: the lock ends with it, however we end.
    let mut client = store.session().await?;
    server::require(&client).await?;
    client.query_one("select pg_advisory_lock($1)", &[&MIGRATING]).await?;
    if let Some(version) = schema_version(&client).await?
        && version > MIGRATIONS.newest()
    {
        return Err(newer(version));
    }
    let extension = extension::bring_up(&client).await?;
    let applied = MIGRATIONS.runner().run_async(&mut *client).await?;
    let applied = applied.applied_migrations().iter().map(|migration| format!("{migration}")).collect();
    compress(&client).await?;
    extension::restore(&client).await?;
    views::write(&client).await?;
    let roles = roles::grant(&client).await?;
    let book = book::write(&mut client, config.book).await?;
    let rates = match &config.rates {
        Some(rates) => Some(rates::load(&mut client, rates).await?),
        None => None,
    };
    end(client).await;
    Ok(Report { applied, extension, book, rates, roles })
}

/// lz4 lands payloads twice as fast as the default, where the server was built with it.
async fn compress(client: &tokio_postgres::Client) -> Result<(), Failure> {
    let compression: String = client
        .query_one(
            "select coalesce(nullif(attcompression, ''), 'p')::text from pg_attribute
             where attrelid = 'raw.record'::regclass and attname = 'payload'",
            &[],
        )
        .await?
        .get(0);
    if compression == "l" {
        return Ok(());
    }
    match client.batch_execute("alter table raw.record alter column payload set compression lz4").await {
        Ok(()) => Ok(()),
        Err(error) if error.code() == Some(&tokio_postgres::error::SqlState::FEATURE_NOT_SUPPORTED) => {
            tracing::info!("this server was built without lz4, so payloads take the default compression");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.applied.as_slice() {
            [] => write!(out, "schema is up to date")?,
            applied => write!(out, "applied {}", applied.join(", "))?,
        }
        write!(out, "; extension pg_mrr {}; {}", self.extension, self.book)?;
        if let Some(rates) = &self.rates {
            write!(out, "; {rates}")?;
        }
        write!(out, "{}", self.roles)
    }
}
