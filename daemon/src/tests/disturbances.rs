//! Two syncs at once, lost connections, requests to stop, processes that died.

use std::time::Duration;

use super::database::{Database, with_database};
use super::fake::{Fake, Trouble};
use crate::engine::Status;
use crate::failure::Kind;
use crate::stop::Stop;
use crate::store::Lease;

fn customers(count: usize, pages_of: usize) -> Fake {
    let fake = Fake::with_pages_of(pages_of);
    fake.price("p1", "10");
    for number in 0..count {
        fake.customer(&format!("c{number:05}"), "Ada");
        fake.subscription(&format!("s{number:05}"), &format!("c{number:05}"), "p1", "2025-01-01");
    }
    fake
}

/// Waits until a sync has landed something, and goes on.
async fn landing(database: &Database) {
    while database.rows("select count(*) from raw.record").await == ["0"] {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn a_second_sync_of_a_source_says_who_holds_it() {
    with_database(async |database| {
        let lease = Lease::take(&database.store, "fake").await.unwrap();
        let failure = database.try_sync(&customers(1, 1), &Stop::never()).await.unwrap_err();
        assert_eq!(failure.kind, Kind::Busy);
        let sentence = failure.to_string();
        let process = std::process::id();
        let beginning = format!("source `fake` is being synced by process {process}, the session with pid ");
        assert!(sentence.starts_with(&beginning), "{sentence}");
        assert!(sentence.contains(" from this machine, connected since "), "{sentence}");
        assert_eq!(database.rows("select count(*) from ops.run").await, ["0"]);
        drop(lease);
    });
}

#[test]
fn a_run_that_died_is_marked_and_its_leftovers_are_derived() {
    with_database(async |database| {
        let fake = customers(3, 10);
        database.sync(&fake).await;
        let before = database.rows("select account_key, contract, net from revenue.segment order by 1").await;
        // As a process leaves it that was killed between landing and deriving.
        database
            .sql
            .batch_execute(
                "insert into ops.run (source, fetched) values ('fake', 5);
                 insert into ops.touched values ('fake', 'c00001');
                 delete from revenue.segment where contract = 's00001'",
            )
            .await
            .unwrap();
        database.sync(&fake).await;
        let runs =
            database.rows("select status, finished_at is not null, error is null from ops.run order by run_id").await;
        assert_eq!(runs, ["ok true true", "interrupted true false", "ok true true"]);
        assert_eq!(database.rows("select account_key, contract, net from revenue.segment order by 1").await, before);
    });
}

#[test]
fn a_sync_outlives_the_end_of_its_connections() {
    with_database(async |database| {
        let undisturbed = "select stream, id, version, payload from raw.record order by 1, 2, 3";
        let mut fake = customers(1_500, 50);
        fake.delay = Duration::from_millis(20);
        let killing = async {
            let mut killed = 0;
            landing(database).await;
            for _ in 0..30 {
                tokio::time::sleep(Duration::from_millis(100)).await;
                let terminate = "select pg_terminate_backend(pid) from pg_stat_activity
                                 where datname = current_database() and application_name = 'mrrd'";
                killed += database.sql.query(terminate, &[]).await.unwrap().len();
            }
            killed
        };
        let (outcome, killed) = tokio::join!(database.sync(&fake), killing);
        assert!(killed > 1, "{killed}");
        assert_eq!(outcome.status, Status::Ok, "{outcome:?}");
        // Nothing is counted twice, however often a batch was tried.
        assert_eq!(outcome.counts.to_string(), "3001 fetched: 3001 new, 0 changed, 0 unchanged, 0 quarantined");
        assert_eq!(database.rows("select fetched, inserted from ops.run").await, ["3001 3001"]);
        assert_eq!(database.rows(undisturbed).await.len(), 3001);
        assert_eq!(database.rows("select count(*) from revenue.segment").await, ["1500"]);
    });
}

#[test]
fn a_request_to_stop_lands_what_was_read_and_the_next_sync_goes_on() {
    with_database(async |database| {
        let fake = customers(400, 10);
        fake.trouble("customers", Some(Trouble::Hangs(20)));
        let (switch, stop) = Stop::switch();
        let stopping = async {
            fake.until_asked("customers/20").await;
            switch.send(true).unwrap();
        };
        let (outcome, ()) = tokio::join!(database.try_sync(&fake, &stop), stopping);
        let outcome = outcome.unwrap();
        assert_eq!(outcome.status, Status::Interrupted);
        assert_eq!(outcome.counts.fetched, 201);
        assert_eq!(database.rows("select count(*) from raw.record").await, ["201"]);
        assert_eq!(database.rows("select status from ops.run").await, ["interrupted"]);
        fake.asked();
        fake.trouble("customers", None);
        let outcome = database.sync(&fake).await;
        assert_eq!((outcome.status, outcome.counts.unchanged), (Status::Ok, 1));
        assert_eq!(fake.asked()[..2], ["prices/0", "customers/20"]);
        assert_eq!(database.rows("select count(*) from raw.record").await, ["801"]);
    });
}

#[test]
fn a_sync_that_was_taken_over_stops() {
    with_database(async |database| {
        let mut fake = customers(300, 10);
        fake.delay = Duration::from_millis(10);
        // Another process closes our run, as it does when it finds the lock free.
        let closing = async {
            landing(database).await;
            database.sql.batch_execute("update ops.run set status = 'interrupted'").await.unwrap();
        };
        let (outcome, ()) = tokio::join!(database.sync(&fake), closing);
        assert_eq!(outcome.status, Status::Failed);
        assert!(outcome.errors[0].to_string().contains("another sync of source `fake` took over"), "{outcome:?}");
        assert_eq!(database.rows("select status from ops.run").await, ["interrupted"]);
    });
}

#[test]
fn a_database_that_goes_back_in_time_takes_the_sync_with_it() {
    with_database(async |database| {
        let mut fake = customers(1_200, 50);
        fake.delay = Duration::from_millis(15);
        // What a failover to a standby does that lacked the last transactions.
        let failing_over = async {
            let remember = "begin isolation level repeatable read; create schema before;
                 create table before.run as table ops.run; create table before.walk as table ops.walk;
                 create table before.record as table raw.record; create table before.touched as table ops.touched; commit";
            let forget = "begin; lock table ops.run in access exclusive mode;
                 select pg_terminate_backend(pid, 5000) from pg_stat_activity
                 where datname = current_database() and application_name = 'mrrd';
                 update ops.run set fetched = b.fetched, inserted = b.inserted, batches = b.batches from before.run b;
                 truncate raw.record, ops.walk, ops.touched; insert into raw.record table before.record;
                 insert into ops.walk table before.walk; insert into ops.touched table before.touched; commit";
            // The run must be under way, or there is nothing that could go back.
            landing(database).await;
            database.sql.batch_execute(remember).await.unwrap();
            // And something more must be confirmed, or there is nothing to forget.
            let lost = "select (select count(*) from raw.record) > (select count(*) from before.record)";
            while database.rows(lost).await != ["true"] {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            database.sql.batch_execute(forget).await.unwrap();
        };
        let (outcome, ()) = tokio::join!(database.sync(&fake), failing_over);
        assert_eq!(outcome.status, Status::Ok, "{outcome:?}");
        assert_eq!(database.rows("select count(*) from raw.record").await, ["2401"]);
        assert_eq!(database.rows("select count(*) from revenue.segment").await, ["1200"]);
        let counts = outcome.counts;
        assert_eq!(counts.fetched, counts.inserted + counts.unchanged);
        assert_eq!(database.rows("select fetched, inserted from ops.run").await, [format!("{} 2401", counts.fetched)]);
    });
}

#[test]
fn a_page_of_the_log_that_the_database_lost_is_read_again() {
    with_database(async |database| {
        let fake = Fake::new().with_log();
        fake.price("p1", "10").price("p2", "20").customer("c1", "Ada");
        fake.subscription("s1", "c1", "p1", "2025-01-01").subscription("s2", "c1", "p1", "2025-01-01");
        database.sync(&fake).await;
        fake.subscription("s1", "c1", "p2", "2025-01-01").subscription("s2", "c1", "p2", "2025-01-01");
        fake.event("e1", "subscriptions", "s1").event("e2", "subscriptions", "s2").event("e3", "subscriptions", "s2");
        fake.trouble("log", Some(Trouble::Hangs(2)));
        let failing_over = async {
            while database.rows("select cursors[1] from ops.walk where stream = 'log'").await != ["2"] {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            // What was so before the first two pages, none of which had a record.
            let forget = "update ops.run set batches = 0 where status = 'running';
                 update ops.walk set cursors = '{0}' where stream = 'log'; truncate ops.event, ops.hint;
                 select pg_terminate_backend(pid, 5000) from pg_stat_activity
                 where datname = current_database() and application_name = 'mrrd'";
            database.sql.batch_execute(forget).await.unwrap();
            fake.trouble("log", None);
        };
        let (outcome, ()) = tokio::join!(database.follow(&fake), failing_over);
        assert_eq!(outcome.unwrap().status, Status::Ok);
        let plans = "select contract, plan from revenue.segment where known_until = 'infinity' order by 1";
        assert_eq!(database.rows(plans).await, ["s1 p2", "s2 p2"]);
    });
}
