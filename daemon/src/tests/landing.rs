//! Pages into raw.record.

use mrr_connector_sdk::SourceError;
use revenue::fact::Problem;

use super::database::with_database;
use super::fake::{Fake, Trouble};
use crate::engine::Status;

/// A source with one customer, on one price.
fn small() -> Fake {
    let fake = Fake::new();
    fake.price("p1", "10").customer("c1", "Ada").subscription("s1", "c1", "p1", "2025-01-01");
    fake
}

const VERSIONS: &str = "select stream, id, version, account, payload from raw.record order by stream, id, version";

#[test]
fn landing_twice_writes_nothing() {
    with_database(async |database| {
        let fake = small();
        let first = database.sync(&fake).await;
        assert_eq!(
            (first.status, first.counts.to_string().as_str()),
            (Status::Ok, "3 fetched: 3 new, 0 changed, 0 unchanged, 0 quarantined")
        );
        let before = database.everything().await;
        let second = database.sync(&fake).await;
        assert_eq!(second.counts.to_string(), "3 fetched: 0 new, 0 changed, 3 unchanged, 0 quarantined");
        assert_eq!(database.everything().await, before);
        assert_eq!(database.rows("select run_id, status from ops.run order by 1").await, ["1 ok", "2 ok"]);
    });
}

#[test]
fn a_changed_record_gets_the_next_version() {
    with_database(async |database| {
        let fake = small();
        database.sync(&fake).await;
        fake.customer("c1", "Ada Lovelace");
        let outcome = database.sync(&fake).await;
        assert_eq!(outcome.counts.to_string(), "3 fetched: 0 new, 1 changed, 2 unchanged, 0 quarantined");
        let rows = database.rows("select version, payload from raw.record where id = 'c1' order by version").await;
        assert_eq!(rows, [r#"1 {"name":"Ada"}"#, r#"2 {"name":"Ada Lovelace"}"#]);
        assert_eq!(database.rows("select name from revenue.account").await, ["Ada Lovelace"]);
    });
}

#[test]
fn one_id_twice_in_a_batch_keeps_the_vendors_order() {
    with_database(async |database| {
        let fake = Fake::with_pages_of(2);
        for name in ["a", "b", "b", "c", "c", "a"] {
            fake.raw("customers", "c1", Some("c1"), &format!(r#"{{"name":"{name}"}}"#));
        }
        let outcome = database.sync(&fake).await;
        assert_eq!(outcome.counts.to_string(), "6 fetched: 1 new, 3 changed, 2 unchanged, 0 quarantined");
        let rows = database.rows("select version, payload->>'name' from raw.record order by version").await;
        assert_eq!(rows, ["1 a", "2 b", "3 c", "4 a"]);
    });
}

#[test]
fn a_bad_record_is_kept_out_and_its_neighbours_land() {
    with_database(async |database| {
        let fake = Fake::with_pages_of(100);
        for number in 0..250 {
            fake.customer(&format!("c{number:03}"), "Ada");
        }
        // An index compresses, so a long id has to be one that it can't compress.
        let long: String = (0..150).map(|part: u32| blake3::hash(&part.to_le_bytes()).to_hex().to_string()).collect();
        fake.set("customers", "c007", Some("c007"), r#"{"name":canary}"#);
        fake.set("customers", "c1\u{0}1", Some("c1"), r#"{"name":"canary"}"#);
        fake.set("customers", &long, Some("c1"), r#"{"name":"canary"}"#);
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        fake.set("customers", "deep", Some("c1"), &deep);
        let outcome = database.sync(&fake).await;
        assert_eq!(outcome.status, Status::Problems);
        assert_eq!(outcome.counts.to_string(), "253 fetched: 249 new, 0 changed, 0 unchanged, 4 quarantined");
        assert_eq!(outcome.problems, 4);
        let rows = database.rows("select left(record, 4), field, message from ops.problem order by record").await;
        let long_record = format!(
            "{}  the record (17 bytes) is kept out: it is too large, or its id is too long for an index [SQLSTATE 54000]",
            &long[..4]
        );
        let expect = [
            "c007  the record (15 bytes) is kept out: it is not valid JSON [SQLSTATE 22P02]",
            "c1\u{fffd}1  the record (17 bytes) is kept out: it holds a byte or character that PostgreSQL can't store, such as U+0000 [SQLSTATE 22021]",
            "deep  the record (200000 bytes) is kept out: it is nested too deeply [SQLSTATE 54001]",
            long_record.as_str(),
        ];
        assert_eq!(rows.len(), expect.len());
        for (row, expect) in rows.iter().zip(expect) {
            assert!(row.starts_with(expect) && !row.contains("canary"), "{row}");
        }

        // The one that is sent right by now is forgotten as a problem, and so are those that are gone.
        fake.customer("c007", "Ada").remove("customers", &long).remove("customers", "deep");
        let outcome = database.sync(&fake).await;
        assert_eq!(outcome.counts.to_string(), "251 fetched: 1 new, 0 changed, 249 unchanged, 1 quarantined");
        assert_eq!(outcome.problems, 1);
    });
}

#[test]
fn what_a_connector_cannot_take_apart_is_counted_and_listed_once() {
    with_database(async |database| {
        let fake = small();
        let problem = Problem {
            stream: "customers".into(),
            record: "c9".into(),
            field: "name".into(),
            message: "it is not text; the customer is left out".into(),
        };
        fake.unreadable("customers", vec![problem]);
        let outcome = database.sync(&fake).await;
        assert_eq!(outcome.counts.to_string(), "4 fetched: 3 new, 0 changed, 0 unchanged, 1 quarantined");
        let before = database.everything().await;
        assert_eq!(database.sync(&fake).await.status, Status::Problems);
        assert_eq!(database.everything().await, before);
        fake.unreadable("customers", Vec::new());
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
    });
}

#[test]
fn a_record_without_an_account_is_kept_with_a_problem_beside_it() {
    with_database(async |database| {
        let fake = small();
        // An index compresses, so a long id has to be one that it can't compress.
        let long: String = (0..15).map(|part: u32| blake3::hash(&part.to_le_bytes()).to_hex().to_string()).collect();
        fake.raw("subscriptions", &long, None, r#"{"price":"p1"}"#);
        let problem = Problem {
            stream: "subscriptions".into(),
            record: long.clone(),
            field: "customer".into(),
            message: "is missing; the record is kept, but is in no number".into(),
        };
        let other = Problem { field: "id".into(), ..problem.clone() };
        fake.unreadable("subscriptions", vec![problem.clone(), other]);
        let outcome = database.sync(&fake).await;
        assert_eq!((outcome.status, outcome.problems), (Status::Problems, 1));
        assert_eq!(outcome.counts.to_string(), "4 fetched: 4 new, 0 changed, 0 unchanged, 0 quarantined");
        // What is no longer said of it is forgotten, the rest stays as it is.
        fake.unreadable("subscriptions", vec![problem]);
        database.sync(&fake).await;
        let kept = "select version, r.account is null as nobodys, payload, field
                    from raw.record r join ops.problem p on (p.stream, p.record) = (r.stream, r.id)";
        assert_eq!(database.rows(kept).await, [r#"1 true {"price":"p1"} customer"#]);
        assert_eq!(database.rows("select contract from revenue.segment").await, ["s1"]);
        let before = database.everything().await;
        assert_eq!(database.sync(&fake).await.counts.unchanged, 4);
        assert_eq!(database.everything().await, before);

        fake.subscription(&long, "c1", "p1", "2025-01-01").unreadable("subscriptions", Vec::new());
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        assert_eq!(database.rows("select contract from revenue.segment where contract <> 's1'").await.len(), 1);
    });
}

#[test]
fn the_cursor_and_the_rows_before_it_commit_together() {
    with_database(async |database| {
        let fake = small();
        // The last statement of the landing transaction fails for the customers.
        database
            .sql
            .batch_execute(
                "create function public.refuse() returns trigger language plpgsql as
                     $$ begin raise exception 'canary %', new.stream using detail = 'canary'; end $$;
                 create trigger refuse before insert on ops.walk
                     for each row when (new.stream = 'customers') execute function public.refuse()",
            )
            .await
            .unwrap();
        let outcome = database.sync(&fake).await;
        assert_eq!(outcome.status, Status::Failed);
        let sentence = outcome.errors[0].to_string();
        assert!(sentence.starts_with("stream `customers`: a constraint or trigger"), "{sentence}");
        assert!(!sentence.contains("canary"), "{sentence}");
        assert_eq!(database.rows(VERSIONS).await, [r#"prices p1 1 {"amount":"10"}"#]);
        assert_eq!(database.rows("select status, error from ops.run").await, [format!("failed {sentence}")]);
        let counted = "select fetched, inserted from ops.run";
        assert_eq!(database.rows(counted).await, ["1 1"]);

        database.sql.batch_execute("drop trigger refuse on ops.walk").await.unwrap();
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        assert_eq!(database.rows(VERSIONS).await.len(), 3);
    });
}

#[test]
fn a_failed_stream_goes_on_where_it_stopped_and_the_others_are_read() {
    with_database(async |database| {
        let fake = Fake::with_pages_of(2);
        fake.price("p1", "10");
        for number in 0..5 {
            fake.customer(&format!("c{number}"), "Ada");
        }
        fake.subscription("s1", "c1", "p1", "2025-01-01");
        let error = SourceError::NotFound { at: "host/customers".into(), message: "gone".into() };
        fake.trouble("customers", Some(Trouble::Fails(2, error)));
        let outcome = database.sync(&fake).await;
        assert_eq!(outcome.status, Status::Failed);
        assert!(outcome.errors[0].to_string().starts_with("stream `customers`: host/customers: not found"));
        assert_eq!(fake.asked(), ["prices/0", "customers/0", "customers/1", "customers/2", "subscriptions/0"]);
        assert_eq!(outcome.counts.inserted, 6);
        // Half of the streams would give wrong numbers.
        assert_eq!(database.rows("select count(*) from revenue.account").await, ["0"]);
        assert_eq!(database.rows("select synced_at is null from revenue.book").await, ["true"]);

        fake.trouble("customers", None);
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        assert_eq!(fake.asked(), ["prices/0", "customers/2", "subscriptions/0"]);
        assert_eq!(database.rows("select count(*) from revenue.account").await, ["5"]);
        assert_eq!(database.rows("select synced_at is null from revenue.book").await, ["false"]);
    });
}

#[test]
fn a_lost_key_stops_the_source_at_once() {
    with_database(async |database| {
        let fake = small();
        let error = SourceError::Unauthorized { at: "host/prices".into(), message: "revoked".into() };
        fake.trouble("prices", Some(Trouble::Fails(0, error)));
        let outcome = database.sync(&fake).await;
        assert_eq!((outcome.status, outcome.errors.len()), (Status::Failed, 1));
        assert_eq!(fake.asked(), ["prices/0"]);
    });
}

#[test]
fn a_cursor_that_comes_twice_is_blamed_on_the_connector() {
    with_database(async |database| {
        let fake = Fake::with_pages_of(1);
        for number in 0..5 {
            fake.customer(&format!("c{number}"), "Ada");
        }
        fake.trouble("customers", Some(Trouble::Loops(3)));
        let outcome = database.sync(&fake).await;
        assert_eq!(outcome.status, Status::Failed);
        assert_eq!(
            outcome.errors[0].to_string(),
            "stream `customers`: connector `fake` gave a cursor twice, so the walk would never end: the vendor's list repeats itself, or the connector errs; report this to its maintainers"
        );
    });
}

#[test]
fn a_panicking_connector_is_blamed_without_its_words() {
    with_database(async |database| {
        let fake = small();
        fake.trouble("customers", Some(Trouble::Panics(0)));
        let outcome = database.sync(&fake).await;
        assert_eq!(
            outcome.errors[0].to_string(),
            "stream `customers`: connector `fake` panicked; report this to its maintainers"
        );
    });
}

#[test]
fn a_cursor_that_is_no_longer_understood_begins_the_walk_anew() {
    with_database(async |database| {
        let fake = Fake::with_pages_of(1);
        for number in 0..3 {
            fake.customer(&format!("c{number}"), "Ada");
        }
        let error = SourceError::NotFound { at: "host".into(), message: "gone".into() };
        fake.trouble("customers", Some(Trouble::Fails(2, error)));
        assert_eq!(database.sync(&fake).await.status, Status::Failed);
        assert_eq!(database.rows("select cursors[1] from ops.walk where stream = 'customers'").await, ["2"]);
        fake.asked();
        fake.trouble("customers", Some(Trouble::Forgets));
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        let asked = ["prices/0", "customers/2", "customers/0", "customers/1", "customers/2", "subscriptions/0"];
        assert_eq!(fake.asked(), asked);
        assert_eq!(database.rows("select count(*) from raw.record").await, ["3"]);
    });
}
