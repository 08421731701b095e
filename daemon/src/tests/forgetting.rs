//! What ops.run keeps.

use super::database::with_database;
use super::fake::{Fake, Trouble};
use crate::status::status;
use mrr_connector_sdk::SourceError;

#[test]
fn runs_without_news_are_forgotten_after_a_week_and_others_after_five() {
    with_database(async |database| {
        // As many as a log that is looked into every minute leaves, and some that matter.
        let fill = "insert into ops.run (source, kind, status, started_at, updated, error) values
            ('fake', 'sync', 'failed', now() - interval '50 days', 0, 'older'),
            ('fake', 'sync', 'failed', now() - interval '40 days', 0, 'the newest that failed'),
            ('fake', 'sync', 'ok', now() - interval '39 days', 0, 'the newest that went well'),
            ('fake', 'follow', 'failed', now() - interval '34 days', 0, 'failed'),
            ('fake', 'follow', 'failed', now() - interval '1 day', 0, 'the newest'),
            ('fake', 'follow', 'ok', now() - interval '34 days', 1, 'with news'),
            ('fake', 'follow', 'ok', now() - interval '36 days', 1, 'with old news'),
            ('fake', 'follow', 'problems', now() - interval '8 days', 0, 'old problems'),
            ('fake', 'follow', 'problems', now() - interval '6 days', 0, 'problems'),
            ('other', 'follow', 'ok', now() - interval '90 days', 0, 'of another'),
            ('other', 'follow', 'ok', now() - interval '80 days', 0, 'of another');
            insert into ops.run (source, kind, status, started_at, inserted)
            select 'fake', 'follow', 'ok', now() - number * interval '1 minute', 0 from generate_series(60000, 1, -1) number";
        database.sql.batch_execute(fill).await.unwrap();
        database.sync(&Fake::new()).await;
        let told = "select error from ops.run where source = 'fake' and error is not null order by error";
        let kept =
            ["failed", "problems", "the newest", "the newest that failed", "the newest that went well", "with news"];
        assert_eq!(database.rows(told).await, kept);
        assert_eq!(database.rows("select count(*) from ops.run where source = 'other'").await, ["2"]);
        let quiet = "select count(*) from ops.run where source = 'fake' and kind = 'follow' and error is null";
        let count: usize = database.rows(quiet).await[0].parse().unwrap();
        assert!((10_079..=10_080).contains(&count), "{count}");
    });
}

#[test]
fn a_failure_to_follow_is_over_when_the_log_can_be_read_again() {
    with_database(async |database| {
        let fake = Fake::new().with_log();
        fake.customer("c1", "Ada");
        database.config.sources = vec![super::database::source("fake", &fake, None)];
        database.sync(&fake).await;
        let error = SourceError::NotFound { at: "host/log".into(), message: "canary".into() };
        fake.trouble("log", Some(Trouble::Fails(0, error)));
        database.follow(&fake).await.unwrap();
        let faults = status(&database.store, &database.config).await.unwrap().faults;
        assert_eq!(faults, ["fake: following failed the last time; remedy what ERROR says"]);
        fake.trouble("log", None);
        // Nothing is new, and this is news.
        assert!(database.follow(&fake).await.is_some());
        assert_eq!(status(&database.store, &database.config).await.unwrap().faults, [""; 0]);
        assert_eq!(database.follow(&fake).await, None);
    });
}
