//! `mrrd run`.

use std::time::Duration;

use mrr_connector_sdk::SourceError;

use super::database::{source, with_database};
use super::fake::{Fake, Trouble};
use crate::scheduler;
use crate::stop::Stop;

#[test]
fn one_broken_source_leaves_the_others_their_schedule() {
    with_database(async |database| {
        let (good, broken, slow) = (Fake::new(), Fake::new(), Fake::with_pages_of(1));
        good.customer("c1", "Ada");
        let error = SourceError::Unauthorized { at: "host".into(), message: "revoked".into() };
        broken.trouble("prices", Some(Trouble::Fails(0, error)));
        let mut slow = slow;
        slow.delay = Duration::from_millis(600);
        database.config.sources = vec![
            source("broken", &broken, Some("* * * * * *")),
            source("good", &good, Some("* * * * * *")),
            source("manual", &good, None),
            source("slow", &slow, Some("* * * * * *")),
        ];
        let (switch, stop) = Stop::switch();
        let stopping = async {
            tokio::time::sleep(Duration::from_millis(4_500)).await;
            switch.send(true).unwrap();
        };
        let (ended, ()) =
            tokio::join!(scheduler::run(&database.store, &database.config, &stop, Default::default()), stopping);
        ended.unwrap();
        let runs = database.rows("select source, count(*) >= 3, min(status) from ops.run where status <> 'interrupted' group by 1 order by 1").await;
        assert_eq!(runs[..2], ["broken true failed", "good true ok"]);
        assert_eq!(runs.len(), 3, "{runs:?}");
        // A run of 1.8 s does not overlap with the next one, which waits for the next second.
        let overlaps = "select 1 from ops.run a join ops.run b on a.source = b.source and b.run_id > a.run_id
                        and b.started_at < a.finished_at";
        assert_eq!(database.rows(overlaps).await.len(), 0);
    });
}
