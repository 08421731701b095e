//! What an operator does beside syncing: auditing, rebuilding, trying again, forgetting.

use super::database::{Database, source, with_database};
use super::fake::{Fake, Trouble};
use crate::engine::{self, Status};
use crate::stop::Stop;

/// Three customers with a subscription each.
fn three() -> Fake {
    let fake = Fake::new().with_log();
    fake.price("p1", "10").price("p2", "20");
    for (customer, subscription) in [("c1", "s1"), ("c2", "s2"), ("c3", "s3")] {
        fake.customer(customer, "Ada").subscription(subscription, customer, "p1", "2025-01-01");
    }
    fake
}

/// The findings, and how many records the source has.
async fn audit(database: &Database, fake: &Fake) -> (Vec<String>, usize) {
    let audit = engine::audit(&database.store, &source("fake", fake, None), &Stop::never()).await.unwrap();
    let line = |finding: &engine::Finding| format!("{}/{} {}", finding.stream, finding.id, finding.difference);
    (audit.findings.iter().map(line).collect(), audit.compared)
}

const NOW: &str = "select a.id, a.name, s.contract, s.plan, s.net from revenue.segment s
    join revenue.account a on a.key = s.account_key where s.known_until = 'infinity' order by 1, 3";

#[test]
fn an_audit_finds_exactly_what_differs_and_a_repair_brings_it_in() {
    with_database(async |database| {
        let fake = three();
        database.sync(&fake).await;
        let before = database.everything().await;
        assert_eq!(audit(database, &fake).await, (vec![], 8));
        assert_eq!(database.everything().await, before);

        // Damaged by hand, with and without its hash; deleted; and added. And one that the list leaves out.
        let sql = &database.sql;
        sql.batch_execute(
            r#"update raw.record set payload = '{"name":"Eve"}' where id = 'c1';
               update raw.record set payload = '{"price":"p2","from":"2025-01-01T00:00:00Z"}', hash = decode(repeat('11', 16), 'hex') where id = 's2';
               delete from raw.record where id in ('c3', 's3');
               insert into raw.record (source, stream, id, version, account, payload, hash, observed_at)
                 values ('fake', 'subscriptions', 's9', 1, 'c1', '{"price":"p2","from":"2025-01-01T00:00:00Z"}', decode(repeat('22', 16), 'hex'), now())"#,
        )
        .await
        .unwrap();
        let found = [
            "customers/c1 is another one in the database",
            "customers/c3 is not in the database",
            "subscriptions/s2 is another one in the database",
            "subscriptions/s3 is not in the database",
            "subscriptions/s9 is not at the source any more",
        ];
        assert_eq!(audit(database, &fake).await.0, found);

        let source = source("fake", &fake, None);
        let findings = engine::audit(&database.store, &source, &Stop::never()).await.unwrap().findings;
        engine::repair(&database.store, &source, &findings).await.unwrap();
        let outcome = engine::replay(&database.store, &source, database.config.book, &Stop::never()).await.unwrap();
        assert_eq!(outcome.status, Status::Ok);
        assert_eq!(audit(database, &fake).await, (vec![], 8));
        assert_eq!(
            database.rows(NOW).await,
            ["c1 Ada s1 p1 120000000", "c2 Ada s2 p1 120000000", "c3 Ada s3 p1 120000000"]
        );
        // What was there before stays on record.
        assert_eq!(database.rows("select count(*) from raw.record where id = 'c1'").await, ["2"]);
    });
}

#[test]
fn a_rebuild_comes_out_the_same_and_mends_what_was_changed_by_hand() {
    with_database(async |database| {
        let fake = three();
        database.sync(&fake).await;
        let source = source("fake", &fake, None);
        let (before, read) = (database.everything().await, database.rows("select last_day from revenue.book").await);
        let rebuilt =
            async || engine::rebuild(&database.store, &source, database.config.book, &Stop::never()).await.unwrap();
        let (outcome, total) = rebuilt().await;
        assert_eq!((outcome.status, total.accounts, total.changed), (Status::Ok, 3, 0));
        assert_eq!(database.everything().await, before);

        database.sql.batch_execute("update revenue.segment set net = 1 where contract = 's1'").await.unwrap();
        let (_, total) = rebuilt().await;
        assert_eq!((total.accounts, total.changed), (3, 1));
        assert_eq!(database.rows(NOW).await[0], "c1 Ada s1 p1 120000000");
        assert_eq!(
            database.rows("select kind, status from ops.run order by run_id").await,
            ["sync ok", "rebuild ok", "rebuild ok"]
        );
        // Nothing was read of the source, so the book does not say that it was.
        assert_eq!(database.rows("select last_day from revenue.book").await, read);
    });
}

#[test]
fn what_could_not_be_read_is_read_again_when_it_is_asked_for() {
    with_database(async |database| {
        let fake = three();
        fake.set("subscriptions", "s4", Some("c1"), r#"{"price":"p7","from":"2025-01-01T00:00:00Z"}"#);
        // Larger than a record may be.
        fake.set("customers", "c4", Some("c4"), &format!(r#"{{"name":"{}"}}"#, "x".repeat(65 << 20)));
        assert_eq!(database.sync(&fake).await.status, Status::Problems);
        let problems = "select stream, record, account from ops.problem order by 1, 2";
        let before = database.rows(problems).await;
        assert_eq!(before.len(), 2, "{before:?}");

        // Nothing names them in the log; both are mended at the source.
        fake.customer("c4", "Dan").subscription("s4", "c1", "p2", "2025-01-01");
        assert_eq!(database.follow(&fake).await, None);
        fake.event("e1", "subscriptions", "s4");
        let source = source("fake", &fake, None);
        let outcome = engine::replay(&database.store, &source, database.config.book, &Stop::never()).await.unwrap();
        assert_eq!(outcome.status, Status::Ok, "{outcome:?}");
        assert_eq!(database.rows(problems).await, [""; 0]);
        assert_eq!(database.rows("select name from revenue.account where id = 'c4'").await, ["Dan"]);

        // What can't be read yet keeps its problem, and the run says so.
        fake.set("subscriptions", "s4", Some("c1"), r#"{"price":"p7","from":"2025-01-01T00:00:00Z"}"#);
        database.sync(&fake).await;
        fake.trouble("customers", Some(Trouble::Panics(9)));
        let outcome = engine::replay(&database.store, &source, database.config.book, &Stop::never()).await.unwrap();
        assert_eq!((outcome.status, outcome.problems), (Status::Problems, 1));
    });
}

#[test]
fn what_is_forgotten_stays_forgotten() {
    with_database(async |database| {
        let fake = three();
        fake.customer("c1", "Canary Person");
        database.sync(&fake).await;
        let source = source("fake", &fake, None);
        let mrr = "select mrr_at('2025-06-30'), mrr_at('2025-06-30', as_of => (select synced_at from revenue.book))";
        let before = database.rows(mrr).await;
        let (outcome, removed) = engine::forget(&database.store, &source, "c1").await.unwrap();
        assert_eq!((outcome.status, removed), (Status::Ok, 2));

        // The source sends it again, also changed.
        fake.customer("c1", "Canary Person II").event("e1", "customers", "c1");
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        database.follow(&fake).await;
        engine::rebuild(&database.store, &source, database.config.book, &Stop::never()).await.unwrap();
        for table in
            ["raw.record", "revenue.account", "revenue.attribute", "revenue.segment", "ops.problem", "ops.event"]
        {
            let canary = format!("select count(*) from {table} t where t::text like '%Canary%'");
            assert_eq!(database.rows(&canary).await, ["0"], "{table}");
        }
        assert_eq!(database.rows("select count(*) from raw.record where account = 'c1'").await, ["0"]);
        // What it paid is what was reported.
        assert_eq!(database.rows(mrr).await, before);
        assert_eq!(database.rows("select name from revenue.account where id = 'c1'").await, ["forgotten"]);
        assert_eq!(audit(database, &fake).await.0, [""; 0]);

        let refused = engine::forget(&database.store, &source, "c9").await.unwrap().0;
        assert!(refused.errors[0].to_string().contains("no account `c9`"), "{refused:?}");
    });
}
