//! How `mrrd status` sees a source, and where a sync begins.

use mrr_connector_sdk::SourceError;

use super::database::{Database, source, with_database};
use super::fake::{Fake, Trouble};
use crate::engine::{Manner, Status};
use crate::health::Doctor;
use crate::status::{State, status};

/// The words of a source's line in the first table.
async fn line(database: &Database) -> (Vec<String>, Vec<String>) {
    let report = status(&database.store, &database.config).await.unwrap();
    let line = report.text.lines().nth(1).unwrap_or_default();
    (line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect(), report.faults)
}

#[test]
fn a_line_says_how_a_source_is_doing() {
    with_database(async |database| {
        let fake = Fake::new().with_log();
        fake.price("p1", "10").customer("c1", "Ada").subscription("s1", "c1", "p1", "2025-01-01");
        database.config.sources = vec![source("fake", &fake, None)];
        let shown = line(database).await.0;
        assert_eq!(shown, ["fake", "never synced", "-", "-", "0", "0", "0", "no schedule"]);
        database.sync(&fake).await;
        let (shown, faults) = line(database).await;
        assert_eq!(
            (&shown[..2], &shown[4..]),
            (&["fake", "ok"].map(str::to_owned)[..], &["3", "0", "0", "no schedule"].map(str::to_owned)[..])
        );
        assert!(shown[2..4].iter().all(|age| age.ends_with(" s ago")), "{shown:?}");
        assert_eq!(faults, [""; 0]);
        let within = "select progressed_at between started_at and finished_at from ops.run";
        assert_eq!(database.rows(within).await, ["true"]);
    });
}

#[test]
fn a_run_that_gets_nowhere_is_told_from_one_that_takes_long_and_one_that_died() {
    with_database(async |database| {
        let fake = Fake::new();
        fake.customer("c1", "Ada");
        database.config.sources = vec![source("fake", &fake, None)];
        database.sync(&fake).await;
        let under_way = "insert into ops.run (source, started_at, progressed_at)
                         values ('fake', now() - interval '3 hours', now() - interval '10 minutes');
                         update ops.lease set until = now() + interval '10 seconds'";
        database.sql.batch_execute(under_way).await.unwrap();
        assert_eq!((&*line(database).await.0[1], line(database).await.1.len()), ("running", 0));

        database.sql.batch_execute("update ops.run set progressed_at = now() - interval '16 minutes'").await.unwrap();
        let (shown, faults) = line(database).await;
        assert_eq!(shown[1], "stalled");
        assert!(faults[0].starts_with("fake: the sync under way has got nowhere for 16 minutes"), "{faults:?}");
        let seen = Doctor::new(&database.store, &database.config).look().await.sources.unwrap();
        assert_eq!(seen[0].state, State::Stalled);
        assert_eq!(seen[0].fault.as_ref(), faults.first());

        database.sql.batch_execute("update ops.lease set until = now() - interval '1 second'").await.unwrap();
        let (shown, faults) = line(database).await;
        assert_eq!(shown[1], "interrupted");
        assert_eq!(faults, ["fake: the process of the newest sync is gone; run `mrrd sync fake`"]);
        // The next run goes on from there.
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        assert_eq!(line(database).await.0[1], "ok");
    });
}

#[test]
fn a_full_sync_forgets_where_an_earlier_list_stopped() {
    with_database(async |database| {
        let fake = Fake::with_pages_of(2).with_log();
        for number in 1..=6 {
            fake.customer(&format!("c{number}"), "Ada");
        }
        database.sync(&fake).await;
        let error = SourceError::NotFound { at: "host/customers".into(), message: "no".into() };
        let broken_off = async || {
            fake.trouble("customers", Some(Trouble::Fails(2, error.clone())));
            assert_eq!(database.sync(&fake).await.status, Status::Failed);
            fake.trouble("customers", None);
            fake.asked();
        };
        let log = "select cursors from ops.walk where stream = 'log'";
        let place = database.rows(log).await;

        broken_off().await;
        // Nothing tells that it is gone, and the rest of a list does not show it.
        fake.remove("customers", "c1");
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        assert!(!fake.asked().contains(&"customers/0".to_owned()), "a plain sync goes on where it stood");
        let gone = "select count(*) from raw.record where id = 'c1' and deleted";
        assert_eq!(database.rows(gone).await, ["0"]);

        broken_off().await;
        let full = Manner { full: true, ..Manner::default() };
        assert_eq!(database.sync_as(&fake, full).await.status, Status::Ok);
        assert!(fake.asked().contains(&"customers/0".to_owned()));
        assert_eq!(database.rows(gone).await, ["1"]);
        assert_eq!(database.rows(log).await, place);
    });
}
