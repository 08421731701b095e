//! `mrrd migrate`.

use super::database::with_database;
use super::fake::Fake;
use crate::config::Rates;
use crate::migrate::{self, migrate};
use crate::stop::Stop;

#[test]
fn migrating_again_changes_nothing() {
    with_database(async |database| {
        let before = database.everything().await;
        let report = migrate(&database.store, &database.config).await.unwrap();
        assert!(report.to_string().starts_with("schema is up to date; extension pg_mrr "), "{report}");
        assert!(report.to_string().ends_with("; book as it was"), "{report}");
        assert_eq!(database.everything().await, before);
    });
}

#[test]
fn two_migrations_at_once_wait_for_each_other() {
    with_database(async |database| {
        database
            .sql
            .batch_execute(
                "drop schema raw, revenue, ops cascade; drop table public.mrrd_migration; drop extension pg_mrr cascade",
            )
            .await
            .unwrap();
        let (one, two) =
            tokio::join!(migrate(&database.store, &database.config), migrate(&database.store, &database.config));
        let applied = [one.unwrap().applied.len(), two.unwrap().applied.len()];
        assert_eq!(applied.iter().min(), Some(&0));
        assert_eq!(
            database.rows("select count(*) from public.mrrd_migration").await,
            [applied.iter().max().unwrap().to_string()]
        );
    });
}

#[test]
fn a_schema_from_the_future_and_one_from_the_past_are_refused() {
    with_database(async |database| {
        database
            .sql
            .batch_execute("insert into public.mrrd_migration select 30000101000000, 'later', applied_on, checksum from public.mrrd_migration limit 1")
            .await
            .unwrap();
        let expect = "the database's schema is version 30000101000000 and this mrrd knows up to ";
        let failure = migrate(&database.store, &database.config).await.unwrap_err().to_string();
        assert!(failure.starts_with(expect) && failure.ends_with("; install a newer mrrd"), "{failure}");
        let failure = database.try_sync(&Fake::new(), &Stop::never()).await.unwrap_err().to_string();
        assert!(failure.starts_with(expect), "{failure}");

        database
            .sql
            .batch_execute(
                "delete from public.mrrd_migration where version >= (select version from public.mrrd_migration order by 1 desc offset 1 limit 1)",
            )
            .await
            .unwrap();
        let failure = database.try_sync(&Fake::new(), &Stop::never()).await.unwrap_err().to_string();
        assert!(failure.ends_with("; run `mrrd migrate`"), "{failure}");
        database.sql.batch_execute("drop table public.mrrd_migration").await.unwrap();
        let failure = database.try_sync(&Fake::new(), &Stop::never()).await.unwrap_err().to_string();
        assert_eq!(failure, "the database has no mrrd schema yet; run `mrrd migrate`");
    });
}

#[test]
fn another_time_zone_derives_every_account_anew() {
    with_database(async |database| {
        let fake = Fake::new();
        fake.price("p1", "10").customer("c1", "Ada").customer("c2", "Bob");
        fake.subscription("s1", "c1", "p1", "2025-01-01");
        database.sync(&fake).await;

        database.config.book.zone = revenue::calendar::Zone::named("America/New_York").unwrap();
        let failure = database.try_sync(&fake, &Stop::never()).await.unwrap_err().to_string();
        assert!(failure.contains("run `mrrd migrate`"), "{failure}");
        let report = migrate(&database.store, &database.config).await.unwrap().to_string();
        assert!(
            report.ends_with("the book's time zone was changed, and the next sync derives 2 accounts anew"),
            "{report}"
        );
        database.sync(&fake).await;
        let days = "select valid_from, known_until = 'infinity' as now from revenue.segment order by known_since";
        assert_eq!(database.rows(days).await, ["2025-01-01 false", "2024-12-31 true"]);

        database.config.book.currency = "USD".parse().unwrap();
        let report = migrate(&database.store, &database.config).await.unwrap().to_string();
        assert!(report.ends_with("the book's currency was changed"), "{report}");
        assert_eq!(database.rows("select * from ops.touched").await.len(), 0);
    });
}

#[test]
fn only_rates_that_differ_are_written() {
    with_database(async |database| {
        let file = std::env::temp_dir().join(format!("mrrd-rates-{}.csv", std::process::id()));
        let rates = Rates { file: file.clone(), source: "ECB".into() };
        let mut client = database.store.session().await.unwrap();
        std::fs::write(&file, "Date,USD,JPY,\n2026-10-30,1.1172,N/A,\n2026-10-29,1.113,175.92,\n").unwrap();
        for expect in ["3 exchange rates read, 3 written", "3 exchange rates read, 0 written"] {
            assert_eq!(migrate::load(&mut client, &rates).await.unwrap().to_string(), expect);
        }
        std::fs::write(&file, "Date,USD,JPY,\n2026-10-30,1.1172,175.68,\n2026-10-29,1.114,175.920,\n").unwrap();
        assert_eq!(migrate::load(&mut client, &rates).await.unwrap().to_string(), "4 exchange rates read, 2 written");
        let stored = "select base, quote, day, rate, source from revenue.exchange_rate order by day, quote";
        assert_eq!(database.rows(stored).await[1], "EUR USD 2026-10-29 1.114 ECB");

        std::fs::write(&file, "Date,USD\n2026-11-01,2\n2026-11-02,x\n").unwrap();
        let failure = migrate::load(&mut client, &rates).await.unwrap_err().to_string();
        assert_eq!(failure, format!("{}:3: `x` is not a rate for USD; write a decimal above 0 or N/A", file.display()));
        assert_eq!(database.rows(stored).await.len(), 4);
        std::fs::remove_file(&file).unwrap();
    });
}
