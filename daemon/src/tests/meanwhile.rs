//! What is read while a walk goes on, or when it may not.

use std::time::Duration;

use mrr_connector_sdk::SourceError;

use super::database::{Database, with_database};
use super::fake::{Fake, Trouble};
use crate::engine::Status;
use crate::stop::Stop;

/// A source with a log that was synced, in pages of two records.
async fn synced(database: &Database) -> Fake {
    let fake = Fake::with_pages_of(2).with_log();
    fake.price("p1", "10").price("p2", "20");
    for number in 1..=4 {
        let (customer, subscription) = (format!("c{number}"), format!("s{number}"));
        fake.customer(&customer, "Ada").subscription(&subscription, &customer, "p1", "2025-01-01");
    }
    assert_eq!(database.sync(&fake).await.status, Status::Ok);
    fake.asked();
    fake
}

/// Takes a delivery in, as the server does.
async fn deliver(database: &Database, entry: &str, id: &str) {
    let insert = "insert into ops.event (source, id, happened_at, delivered, payload)
                  values ('fake', $1, now(), true, concat_ws(' ', $1::text, 'subscriptions', $2::text))";
    database.sql.execute(insert, &[&entry, &id]).await.unwrap();
}

/// Waits until a query answers so.
async fn until(database: &Database, query: &str, answer: &str) {
    for _ in 0..1_000 {
        if database.rows(query).await == [answer] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("`{query}` answers {:?} and not {answer}", database.rows(query).await);
}

const PLAN: &str = "select plan from revenue.segment where contract = 's1' and known_until = 'infinity'";

#[test]
fn a_delivery_does_not_wait_for_the_end_of_a_walk() {
    with_database(async |database| {
        // In the stream that is walked, where a page that is older than the change is not landed yet; and in another.
        for (round, (stream, plan)) in [("subscriptions", "p2"), ("customers", "p1")].into_iter().enumerate() {
            let fake = synced(database).await;
            fake.trouble(stream, Some(Trouble::Hangs(1)));
            let sync = database.sync(&fake);
            let meanwhile = async {
                fake.until_asked(&format!("{stream}/1")).await;
                fake.subscription("s1", "c1", plan, "2025-01-01");
                deliver(database, &format!("e{round}"), "s1").await;
                until(database, PLAN, plan).await;
                assert_eq!(database.rows("select status from ops.run order by run_id desc limit 1").await, ["running"]);
                fake.trouble(stream, None);
            };
            let (outcome, ()) = tokio::join!(sync, meanwhile);
            assert_eq!(outcome.status, Status::Ok);
            assert_eq!(database.rows(PLAN).await, [plan]);
            let counted = "select fetched = inserted + updated + unchanged + deleted + quarantined from ops.run";
            assert!(database.rows(counted).await.iter().all(|holds| holds == "true"));
        }
    });
}

#[test]
fn a_first_sync_derives_nothing_before_it_has_everything() {
    with_database(async |database| {
        let fake = Fake::with_pages_of(2).with_log();
        fake.price("p1", "10").customer("c1", "Ada").subscription("s1", "c1", "p1", "2025-01-01");
        for number in 2..=5 {
            fake.customer(&format!("c{number}"), "Ada");
        }
        fake.trouble("customers", Some(Trouble::Hangs(1)));
        let sync = database.sync(&fake);
        let meanwhile = async {
            fake.until_asked("customers/1").await;
            deliver(database, "e1", "s1").await;
            until(database, "select count(*) from raw.record where id = 's1'", "1").await;
            assert_eq!(database.rows("select count(*) from revenue.segment").await, ["0"]);
            fake.trouble("customers", None);
        };
        let (outcome, ()) = tokio::join!(sync, meanwhile);
        assert_eq!(outcome.status, Status::Ok);
        assert_eq!(database.rows(PLAN).await, ["p1"]);
    });
}

#[test]
fn a_quota_that_is_nearly_used_up_ends_the_walks_and_not_what_changed() {
    with_database(async |database| {
        let fake = synced(database).await;
        let error = SourceError::QuotaSpent { at: "fake/customers".into(), quota: "daily limit", left: 9, most: 100 };
        fake.trouble("customers", Some(Trouble::Fails(1, error)));
        fake.subscription("s1", "c1", "p2", "2025-01-01").event("e1", "subscriptions", "s1");
        let outcome = database.try_sync(&fake, &Stop::never()).await.unwrap();
        assert_eq!(outcome.status, Status::Failed);
        let sentences: Vec<String> = outcome.errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            sentences,
            [
                "stream `customers`: fake/customers: 9 of 100 requests are left of the vendor's daily limit, which are kept for records that change; the next run goes on from here once it is renewed"
            ]
        );
        let asked = fake.asked();
        assert!(asked.contains(&"subscriptions!s1".to_owned()), "{asked:?}");
        assert!(!asked.iter().any(|asked| asked.starts_with("subscriptions/")), "{asked:?}");
        // Whoever follows goes on, and brings the numbers up to date.
        database.follow(&fake).await.unwrap();
        assert_eq!(database.rows(PLAN).await, ["p2"]);

        fake.trouble("customers", None);
        fake.asked();
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        assert!(!fake.asked().contains(&"customers/0".to_owned()), "it goes on where it stood");
    });
}
