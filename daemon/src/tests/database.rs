//! A database of its own for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, NoTls};

use super::fake::Fake;
use crate::config::{self, Book, Config, Source};
use crate::engine::{self, Manner, Outcome};
use crate::failure::Failure;
use crate::migrate;
use crate::stop::Stop;
use crate::store::{Store, tls};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A migrated database, dropped at the end of a test that passes.
pub struct Database {
    name: String,
    server: tokio_postgres::Config,
    pub config: Config,
    pub store: Store,
    pub sql: Client,
}

/// Runs a test in a fresh database, if there is a server.
pub fn with_database(test: impl AsyncFnOnce(&mut Database)) {
    let Ok(url) = std::env::var("MRR_TEST_DATABASE_URL") else {
        println!("skipped: MRR_TEST_DATABASE_URL is not set");
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut database = Database::create(&url).await;
        test(&mut database).await;
        database.drop().await;
    });
}

async fn connect(config: &tokio_postgres::Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A fake as a source.
pub fn source(name: &str, fake: &Fake, schedule: Option<&str>) -> Source {
    let schedule = schedule.map(|schedule| schedule.parse().unwrap());
    Source {
        name: name.into(),
        vendor: "fake",
        connector: std::sync::Arc::new(fake.clone()),
        schedule,
        follow: None,
        contracted: false,
        crosswalk: std::sync::Arc::default(),
    }
}

impl Database {
    async fn create(url: &str) -> Self {
        let server: tokio_postgres::Config = url.parse().unwrap();
        let name = format!("mrrd_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        connect(&server).await.batch_execute(&format!("create database {name}")).await.unwrap();
        let mut of_test = server.clone();
        // As the configuration has it for a socket.
        of_test.dbname(&name).ssl_mode(SslMode::Disable);
        let book = Book { currency: "EUR".parse().unwrap(), zone: revenue::calendar::Zone::UTC };
        let to_database = config::Database { connection: of_test.clone(), tls: tls(None).unwrap() };
        let store = Store::new(&to_database).unwrap();
        let config = Config {
            book,
            database: to_database,
            rates: None,
            hooks: None,
            crosswalk: std::sync::Arc::default(),
            sources: Vec::new(),
        };
        migrate::migrate(&store, &config).await.unwrap();
        Self { name, server, config, store, sql: connect(&of_test).await }
    }

    /// One more session.
    pub async fn connect(&self) -> Client {
        connect(&self.config.database.connection).await
    }

    async fn drop(self) {
        let name = self.name;
        drop((self.store, self.sql));
        connect(&self.server).await.batch_execute(&format!("drop database {name} with (force)")).await.unwrap();
    }

    /// Syncs a fake source named `fake`.
    pub async fn sync(&self, fake: &Fake) -> Outcome {
        self.try_sync(fake, &Stop::never()).await.unwrap()
    }

    pub async fn try_sync(&self, fake: &Fake, stop: &Stop) -> Result<Outcome, Failure> {
        let source = source("fake", fake, None);
        engine::prepare(&self.store, &self.config).await?;
        engine::sync(&self.store, &source, self.config.book, stop, Manner::default()).await
    }

    /// Follows a fake source named `fake`; `None` when nothing was new.
    pub async fn follow(&self, fake: &Fake) -> Option<Outcome> {
        self.try_follow(fake).await.unwrap()
    }

    pub async fn try_follow(&self, fake: &Fake) -> Result<Option<Outcome>, Failure> {
        engine::follow(&self.store, &source("fake", fake, None), self.config.book, &Stop::never()).await
    }

    /// Syncs although many records are gone.
    pub async fn sync_accepting_deletions(&self, fake: &Fake) -> Outcome {
        self.sync_as(fake, Manner { accept_deletions: true, ..Manner::default() }).await
    }

    /// Syncs in a manner of its own.
    pub async fn sync_as(&self, fake: &Fake, manner: Manner) -> Outcome {
        engine::sync(&self.store, &source("fake", fake, None), self.config.book, &Stop::never(), manner).await.unwrap()
    }

    /// The rows of a query, columns joined by a blank.
    pub async fn rows(&self, query: &str) -> Vec<String> {
        let query = format!(
            "select concat_ws(' ', variadic array(select value from json_each_text(to_json(q)))) from ({query}) q"
        );
        self.sql.query(&query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Everything that a sync must leave alone when nothing is new, down to the row versions.
    pub async fn everything(&self) -> Vec<String> {
        let mut all = Vec::new();
        for table in [
            "raw.record",
            "revenue.account",
            "revenue.segment",
            "revenue.attribute",
            "revenue.doubt",
            "revenue.timeline",
            "revenue.day_change",
            "revenue.month_change",
            "revenue.book",
            "ops.problem",
            "ops.touched",
            "ops.event",
            "ops.hint",
            "ops.gap",
        ] {
            all.extend(self.rows(&format!("select '{table}', xmin::text, t::text from {table} t order by 3")).await);
        }
        all
    }
}
