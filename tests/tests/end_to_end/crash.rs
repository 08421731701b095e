//! A daemon that is killed loses nothing and doubles nothing.

use std::thread::sleep;
use std::time::Duration;

use mrr_tests::{Cluster, Repertoire, World};

use crate::synced::Synced;

const WORLD: World = World { seed: 5, accounts: 80, months: 24, repertoire: Repertoire::Plain };

#[test]
fn a_sync_killed_again_and_again_ends_in_the_same_rows() {
    let cluster = Cluster::of_this_machine().unwrap();
    let undisturbed = Synced::migrated(&cluster, "undisturbed", WORLD, &[]).unwrap();
    undisturbed.daemon.run(&["sync"]).unwrap();

    let killed = Synced::migrated(&cluster, "killed", WORLD, &["--latency-ms=20"]).unwrap();
    let mut kills = 0;
    // Each attempt lives a little longer than the one before, so that it dies in every stage.
    for attempt in 1.. {
        let mut sync = killed.daemon.start(&["sync"]).unwrap();
        sleep(Duration::from_millis(150 * attempt));
        match sync.try_wait().unwrap() {
            Some(status) => {
                assert!(status.success(), "{status}");
                break;
            }
            None => {
                sync.kill().unwrap();
                sync.wait().unwrap();
                kills += 1;
            }
        }
    }
    assert!(kills >= 3, "the sync was over after {kills} kills: there was no middle to kill it in");
    assert_eq!(killed.contents().unwrap(), undisturbed.contents().unwrap());
    assert_eq!(killed.compare().unwrap().differences, 0);
    let interrupted = killed.database.run("select count(*) from ops.run where status = 'interrupted'").unwrap();
    assert_ne!(interrupted, "0", "the runs that were killed are not marked");
}
