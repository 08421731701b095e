//! The log of changes, deliveries, and records that are gone.

use mrr_connector_sdk::SourceError;
use revenue::fact::Problem;

use super::database::{Database, with_database};
use super::fake::{Fake, Trouble};
use crate::engine::{DUE, SETTLE, Status};
use crate::failure::Kind;

/// A synced source with a log, and what it was asked meanwhile forgotten.
async fn synced(database: &Database) -> Fake {
    let fake = Fake::new().with_log();
    fake.price("p1", "10").price("p2", "20").customer("c1", "Ada");
    fake.subscription("s1", "c1", "p1", "2025-01-01").subscription("s2", "c1", "p1", "2025-01-01");
    assert_eq!(database.sync(&fake).await.status, Status::Ok);
    fake.asked();
    fake
}

const PLANS: &str = "select contract, plan from revenue.segment where known_until = 'infinity' order by 1";

#[test]
fn what_an_event_names_is_read_again_once() {
    with_database(async |database| {
        let fake = synced(database).await;
        assert_eq!(database.follow(&fake).await, None);
        fake.subscription("s1", "c1", "p2", "2025-01-01");
        fake.event("e1", "subscriptions", "s1").event("e2", "subscriptions", "s1").event("e3", "subscriptions", "s1");
        let outcome = database.follow(&fake).await.unwrap();
        assert_eq!(outcome.counts.to_string(), "1 fetched: 0 new, 1 changed, 0 unchanged, 0 quarantined");
        assert_eq!(fake.asked(), ["subscriptions!s1"]);
        assert_eq!(database.rows(PLANS).await, ["s1 p2", "s2 p1"]);
        assert_eq!(database.rows("select kind, status from ops.run order by run_id").await, ["sync ok", "follow ok"]);

        // The last entry is listed once more, and is heeded only once.
        let before = database.everything().await;
        assert_eq!(database.follow(&fake).await, None);
        assert_eq!(fake.asked(), [""; 0]);
        assert_eq!(database.everything().await, before);
    });
}

#[test]
fn what_was_deleted_stays_gone_until_it_is_there_again() {
    with_database(async |database| {
        let fake = synced(database).await;
        fake.remove("subscriptions", "s1").event("e1", "subscriptions", "s1");
        let outcome = database.follow(&fake).await.unwrap();
        assert_eq!(outcome.counts.to_string(), "1 fetched: 0 new, 0 changed, 0 unchanged, 1 gone, 0 quarantined");
        assert_eq!(database.rows(PLANS).await, ["s2 p1"]);
        // A late event about what it was before.
        fake.event("e2", "subscriptions", "s1");
        let outcome = database.follow(&fake).await.unwrap();
        assert_eq!(outcome.counts.to_string(), "1 fetched: 0 new, 0 changed, 1 unchanged, 0 quarantined");
        let versions = "select version, deleted, account from raw.record where id = 's1' order by 1";
        assert_eq!(database.rows(versions).await, ["1 false c1", "2 true c1"]);

        fake.subscription("s1", "c1", "p1", "2025-01-01").event("e3", "subscriptions", "s1");
        database.follow(&fake).await.unwrap();
        assert_eq!(database.rows(PLANS).await, ["s1 p1", "s2 p1"]);
        assert_eq!(database.rows(versions).await.last().unwrap(), "3 false c1");
    });
}

#[test]
fn a_list_settles_what_events_said_before_it() {
    with_database(async |database| {
        let fake = Fake::new().with_log();
        fake.price("p1", "10").customer("c1", "Ada").subscription("s1", "c1", "p1", "2025-01-01");
        fake.event("e1", "subscriptions", "s1").event("e2", "customers", "c1").event("e3", "customers", "c9");
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        // Only the one that no list had is looked up, and nobody ever knew it.
        let asked = ["prices/0", "customers/0", "subscriptions/0", "customers!c9"];
        assert_eq!(fake.asked(), asked);
        assert_eq!(database.rows("select count(*) from ops.hint").await, ["0"]);
        assert_eq!(database.rows("select count(*) from raw.record where id = 'c9'").await, ["0"]);
    });
}

#[test]
fn what_a_complete_list_leaves_out_is_looked_up() {
    with_database(async |database| {
        let fake = synced(database).await;
        fake.remove("subscriptions", "s2");
        let outcome = database.sync(&fake).await;
        assert_eq!(outcome.counts.deleted, 1, "{outcome:?}");
        assert_eq!(fake.asked().last().unwrap(), "subscriptions!s2");
        assert_eq!(database.rows(PLANS).await, ["s1 p1"]);
        // And only once.
        let before = database.everything().await;
        let again = database.sync(&fake).await;
        assert_eq!((again.counts.deleted, fake.asked().len()), (0, 3));
        assert_eq!(database.everything().await, before);
    });
}

#[test]
fn a_list_that_is_suddenly_short_is_not_believed() {
    with_database(async |database| {
        let fake = Fake::with_pages_of(100).with_log();
        for number in 0..100 {
            fake.customer(&format!("c{number:02}"), "Ada");
        }
        database.sync(&fake).await;
        for (from, until) in [(0, 30), (30, 60)] {
            for number in from..until {
                fake.remove("customers", &format!("c{number:02}"));
            }
            let outcome = database.sync(&fake).await;
            assert_eq!(outcome.status, Status::Failed, "{until}");
            let error = outcome.errors[0].to_string();
            let expect = format!("stream `customers`: the list leaves out {until} of 100 known records");
            assert!(error.starts_with(&expect), "{error}");
            assert!(error.ends_with("run `mrrd sync --accept-deletions`"), "{error}");
            assert_eq!(database.rows("select count(*) from raw.record where deleted").await, ["0"]);
        }
        let outcome = database.sync_accepting_deletions(&fake).await;
        assert_eq!((outcome.status, outcome.counts.deleted), (Status::Ok, 60));
    });
}

#[test]
fn who_missed_a_part_of_the_log_lists_everything_again_and_says_so() {
    with_database(async |database| {
        let fake = synced(database).await;
        fake.subscription("s1", "c1", "p2", "2025-01-01").gap();
        let outcome = database.follow(&fake).await.unwrap();
        assert_eq!((outcome.status, outcome.counts.updated), (Status::Ok, 1));
        assert_eq!(fake.asked(), ["prices/0", "customers/0", "subscriptions/0"]);
        let gap = "select from_time::date, until::date from ops.gap";
        assert_eq!(database.rows(gap).await, ["2025-12-23 2026-01-01"]);
    });
}

#[test]
fn deliveries_wait_in_the_ledger_and_are_heeded_once() {
    with_database(async |database| {
        let fake = synced(database).await;
        fake.subscription("s1", "c1", "p2", "2025-01-01");
        let deliver = "insert into ops.event (source, id, happened_at, delivered, payload) values
            ('fake', 'e1', now(), true, 'e1 subscriptions s1'), ('fake', 'e2', now(), true, 'e2 subscriptions s1'),
            ('fake', 'x', now(), true, 'canary')";
        database.sql.batch_execute(deliver).await.unwrap();
        let outcome = database.follow(&fake).await.unwrap();
        assert_eq!(fake.asked(), ["subscriptions!s1"]);
        assert_eq!(database.rows(PLANS).await, ["s1 p2", "s2 p1"]);
        assert_eq!(database.rows("select count(*) from ops.event where payload is not null").await, ["0"]);
        // What can't be read is told, and the others count.
        assert_eq!(outcome.status, Status::Problems);
        let problem = "select record, field, message from ops.problem";
        let told = "x body is no delivery; what it tells is learnt by the next full sync";
        assert_eq!(database.rows(problem).await, [told]);
        // The log lists the same events later.
        fake.event("e1", "subscriptions", "s1").event("e2", "subscriptions", "s1");
        database.follow(&fake).await;
        assert_eq!(fake.asked(), [""; 0]);
    });
}

#[test]
fn a_source_is_not_followed_before_all_of_its_streams_were_listed() {
    with_database(async |database| {
        let fake = Fake::new().with_log();
        fake.price("p1", "10").customer("c1", "Ada").subscription("s1", "c1", "p1", "2025-01-01");
        let error = SourceError::NotFound { at: "host/subscriptions".into(), message: "canary".into() };
        fake.trouble("subscriptions", Some(Trouble::Fails(0, error)));
        assert_eq!(database.sync(&fake).await.status, Status::Failed);
        // Its customer is known by now, and what it pays is not.
        fake.customer("c1", "Ada Lovelace").event("e1", "customers", "c1");
        assert_eq!(database.try_follow(&fake).await.unwrap_err().kind, Kind::Unsynced);
        let derived =
            "select (select count(*) from revenue.account), count(*) from revenue.book where synced_at is not null";
        assert_eq!(database.rows(derived).await, ["0 0"]);
        fake.trouble("subscriptions", None);
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        assert_eq!(database.rows(PLANS).await, ["s1 p1"]);
    });
}

#[test]
fn a_stream_that_may_be_forbidden_is_gone_without_and_read_when_it_may() {
    with_database(async |database| {
        let mut fake = Fake::new().with_log();
        fake.spare = Some("customers");
        fake.price("p1", "10").subscription("s1", "c1", "p1", "2025-01-01");
        fake.customer("c1", "Ada").event("e1", "customers", "c1");
        let forbidden =
            SourceError::Forbidden { at: "host".into(), permission: "the right `x`".into(), message: "canary".into() };
        let problems = "select stream, record, message from ops.problem";
        let said = "customers all host: the key may not read this (canary); grant it the right `x`; \
                    until then nothing of value is known";
        // The hint of e1 can't be heeded either, and waits for nobody.
        fake.trouble("customers", Some(Trouble::Fails(0, forbidden.clone())));
        assert_eq!(database.sync(&fake).await.status, Status::Problems);
        assert_eq!(database.rows(problems).await, [said]);
        assert_eq!(database.rows(PLANS).await.len(), 1);
        fake.trouble("customers", Some(Trouble::Keeps(forbidden.clone())));
        fake.event("e2", "customers", "c1").event("e3", "prices", "p1");
        assert_eq!(database.follow(&fake).await.unwrap().status, Status::Problems);
        assert_eq!(database.rows("select count(*) from ops.hint").await, ["0"]);
        // It may be read from now on; what another stream is refused is a failure as ever.
        fake.trouble("customers", None);
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        assert_eq!(database.rows("select name from revenue.account").await, ["Ada"]);
        fake.trouble("prices", Some(Trouble::Fails(0, forbidden)));
        assert_eq!(database.sync(&fake).await.status, Status::Failed);
    });
}

#[test]
fn what_is_kept_out_does_not_hide_what_is_gone() {
    with_database(async |database| {
        let fake = synced(database).await;
        fake.remove("subscriptions", "s2").raw("subscriptions", "s3", Some("c1"), "{");
        let outcome = database.sync(&fake).await;
        assert_eq!((outcome.status, outcome.counts.deleted), (Status::Problems, 1), "{outcome:?}");
        assert_eq!(database.rows(PLANS).await, ["s1 p1"]);
    });
}

#[test]
fn one_record_that_can_not_be_read_again_leaves_the_others_their_news() {
    with_database(async |database| {
        let fake = synced(database).await;
        fake.subscription("s1", "c1", "p2", "2025-01-01").customer("c1", "Ada Lovelace");
        fake.event("e1", "subscriptions", "s1").event("e2", "customers", "c1");
        let error = SourceError::NotFound { at: "host/customers/c1".into(), message: "canary".into() };
        fake.trouble("customers", Some(Trouble::Keeps(error)));
        assert_eq!(database.follow(&fake).await.unwrap().status, Status::Failed);
        assert_eq!(database.rows(PLANS).await, ["s1 p2", "s2 p1"]);
        // It is tried again.
        fake.trouble("customers", None);
        assert_eq!(database.follow(&fake).await.unwrap().status, Status::Ok);
        assert_eq!(database.rows("select name from revenue.account").await, ["Ada Lovelace"]);
    });
}

#[test]
fn what_a_gap_asks_for_is_done_also_after_it_broke_off() {
    with_database(async |database| {
        let fake = Fake::with_pages_of(1).with_log();
        fake.price("p1", "10").price("p2", "20").customer("c1", "Ada");
        for number in 0..1_500 {
            fake.raw(
                "subscriptions",
                &format!("s{number:04}"),
                Some("c1"),
                r#"{"price":"p1","from":"2025-01-01T00:00:00Z"}"#,
            );
        }
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        // A sync that broke off behind the first thousand.
        let error = SourceError::NotFound { at: "host/subscriptions".into(), message: "canary".into() };
        fake.trouble("subscriptions", Some(Trouble::Fails(1_200, error.clone())));
        assert_eq!(database.sync(&fake).await.status, Status::Failed);
        // The first of them is changed, and nobody looks until its event is gone.
        fake.set_first("subscriptions", r#"{"price":"p2","from":"2025-01-01T00:00:00Z"}"#).gap();
        assert_eq!(database.follow(&fake).await.unwrap().status, Status::Failed);
        fake.trouble("subscriptions", None);
        let outcome = database.follow(&fake).await.unwrap();
        assert_eq!(outcome.status, Status::Ok, "{outcome:?}");
        let plan = "select contract, plan from revenue.segment where known_until = 'infinity' and plan = 'p2'";
        assert_eq!(database.rows(plan).await, ["s0000 p2"]);
        // And once is enough.
        assert_eq!(database.follow(&fake).await, None);
    });
}

#[test]
fn deliveries_that_nobody_can_read_any_more_do_not_wait_for_ever() {
    with_database(async |database| {
        let mut fake = synced(database).await;
        fake.subscription("s1", "c1", "p2", "2025-01-01");
        let deliver = "insert into ops.event (source, id, happened_at, delivered, payload) values
            ('fake', 'e1', now(), true, 'e1 subscriptions s1'), ('fake', 'x', now(), true, 'canary')";
        database.sql.batch_execute(deliver).await.unwrap();
        // The secret is taken out of the settings, so that only the log tells.
        fake.deaf = true;
        fake.event("e1", "subscriptions", "s1");
        assert_eq!(database.follow(&fake).await.unwrap().status, Status::Ok);
        assert_eq!(database.rows(PLANS).await, ["s1 p2", "s2 p1"]);
        assert_eq!(database.follow(&fake).await, None);
    });
}

#[test]
fn an_entry_that_could_not_be_read_is_no_problem_behind_the_next_sync() {
    with_database(async |database| {
        let fake = synced(database).await;
        let problem = Problem {
            stream: "log".into(),
            record: "e1".into(),
            field: "type".into(),
            message: "is missing; what it tells is learnt by the next full sync".into(),
        };
        fake.unreadable("log", vec![problem]);
        assert_eq!(database.follow(&fake).await.unwrap().status, Status::Problems);
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        assert_eq!(database.rows("select * from ops.problem").await, [""; 0]);
    });
}

#[test]
fn the_ledger_says_when_an_event_happened() {
    with_database(async |database| {
        let fake = synced(database).await;
        fake.event("e1", "subscriptions", "s1");
        database.follow(&fake).await.unwrap();
        let happened = "select happened_at, delivered from ops.event";
        assert_eq!(database.rows(happened).await, ["2025-12-31T23:00:00+00:00 false"]);
    });
}

#[test]
fn an_event_that_names_what_no_table_can_hold_is_listed_and_the_others_are_heeded() {
    with_database(async |database| {
        let fake = synced(database).await;
        fake.subscription("s1", "c1", "p2", "2025-01-01").subscription("s2", "c1", "p2", "2025-01-01");
        // An index compresses, so a long id has to be one that it can't compress.
        let long: String = (0..100).map(|part: u32| blake3::hash(&part.to_le_bytes()).to_hex().to_string()).collect();
        fake.event("e1", "subscriptions", "s\u{0}1").event("e2", "subscriptions", &long).event(
            "e\u{0}3",
            "customers",
            "c1",
        );
        fake.event("e4", "subscriptions", "s1");
        let deliver = format!(
            "insert into ops.event (source, id, happened_at, delivered, payload) values
            ('fake', 'e5', now(), true, 'e5 subscriptions {long}'), ('fake', 'e6', now(), true, 'e6 subscriptions s2')"
        );
        database.sql.batch_execute(&deliver).await.unwrap();
        let outcome = database.follow(&fake).await.unwrap();
        assert_eq!(outcome.status, Status::Problems, "{outcome:?}");
        assert_eq!(database.rows(PLANS).await, ["s1 p2", "s2 p2"]);
        let learnt = "which can't be kept; what it tells is learnt by the next full sync";
        let problems = "select stream, record, message from ops.problem order by record collate \"C\"";
        assert_eq!(
            database.rows(problems).await,
            [
                format!("log e1 the id that it names in `subscriptions` holds U+0000, {learnt}"),
                format!("log e2 the id that it names in `subscriptions` has 6400 bytes, {learnt}"),
                format!("log e5 the id that it names in `subscriptions` has 6400 bytes, {learnt}"),
                format!("log e\u{fffd}3 its id holds U+0000, {learnt}"),
            ]
        );
        // What they were to tell is known behind a full sync.
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
    });
}

#[test]
fn a_place_in_the_log_that_is_no_longer_understood_is_a_gap_only_if_the_log_reaches_back_less() {
    with_database(async |database| {
        let fake = synced(database).await;
        let forget = async |days: i32| {
            let forget = "update ops.walk set cursors = '{x}', completed_at = now() - make_interval(days => $1)
                          where stream = 'log'";
            database.sql.execute(forget, &[&days]).await.unwrap();
        };
        fake.subscription("s1", "c1", "p2", "2025-01-01").event("e1", "subscriptions", "s1");
        forget(29).await;
        assert_eq!(database.follow(&fake).await.unwrap().status, Status::Ok);
        assert_eq!(fake.asked(), ["subscriptions!s1"]);
        assert_eq!(database.rows("select * from ops.gap").await.len(), 0);

        // What no event tells any more.
        fake.subscription("s2", "c1", "p2", "2025-01-01");
        forget(40).await;
        assert_eq!(database.follow(&fake).await.unwrap().status, Status::Ok);
        assert_eq!(fake.asked(), ["prices/0", "customers/0", "subscriptions/0"]);
        assert_eq!(database.rows(PLANS).await, ["s1 p2", "s2 p2"]);
        let gap = "select from_time::date, until::date from ops.gap";
        assert_eq!(database.rows(gap).await, ["2025-11-22 2025-12-02"]);
    });
}

#[test]
fn hints_are_taken_in_their_order_without_sorting_them_all() {
    with_database(async |database| {
        let fill = "insert into ops.hint (source, stream, id)
                    select 'fake', 'subscriptions', 's' || number from generate_series(1, 20000) as number;
                    analyze ops.hint";
        database.sql.batch_execute(fill).await.unwrap();
        for (query, value) in [(DUE, "19000"), (SETTLE, "array[19000]")] {
            let query = query.replace("$1", "'fake'").replace("$2", value).replace("$3", "200");
            let rows = database.sql.query(&format!("explain (costs off) {query}"), &[]).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            let plan = plan.join("\n");
            assert!(plan.contains("hint_in_order") && !plan.contains("Sort"), "{plan}");
        }
    });
}
