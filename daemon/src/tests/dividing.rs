//! A stream that is read in parts side by side.

use mrr_connector_sdk::SourceError;

use super::database::with_database;
use super::fake::{Fake, Trouble};
use crate::engine::Status;

fn customers(count: usize) -> Fake {
    let fake = Fake::with_pages_of(10).in_parts(4);
    for number in 0..count {
        fake.customer(&format!("c{number:04}"), "Ada");
    }
    fake
}

#[test]
fn every_part_is_read_to_its_end() {
    with_database(async |database| {
        let fake = customers(1_005);
        let outcome = database.sync(&fake).await;
        assert_eq!(outcome.counts.to_string(), "1005 fetched: 1005 new, 0 changed, 0 unchanged, 0 quarantined");
        assert_eq!(database.rows("select cursors from ops.walk where stream = 'customers'").await, ["[]"]);
        let again = database.sync(&fake).await;
        assert_eq!(again.counts.unchanged, 1_005);
    });
}

#[test]
fn a_part_that_fails_is_gone_on_with_and_no_other() {
    with_database(async |database| {
        let fake = customers(1_000);
        let error = SourceError::NotFound { at: "host/customers".into(), message: "gone".into() };
        fake.trouble("customers", Some(Trouble::Fails(60, error)));
        assert_eq!(database.sync(&fake).await.status, Status::Failed);
        let landed: i64 = database.sql.query_one("select count(*) from raw.record", &[]).await.unwrap().get(0);
        // What was read is landed, and every open part is remembered where it stands.
        let open = database.rows("select unnest(cursors) from ops.walk where stream = 'customers' order by 1").await;
        assert!(open.contains(&"60:76".to_owned()) && landed < 1_000, "{open:?} {landed}");
        fake.trouble("customers", None);
        fake.asked();
        assert_eq!(database.sync(&fake).await.status, Status::Ok);
        let asked = fake.asked().iter().filter(|asked| asked.starts_with("customers/")).count();
        assert_eq!(i64::try_from(asked).unwrap(), (1_000 - landed) / 10, "{open:?}");
        assert_eq!(database.rows("select count(*) from raw.record").await, ["1000"]);
    });
}
