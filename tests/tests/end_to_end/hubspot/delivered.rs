//! Changes that HubSpot posts, while its index knows nothing of them.

use std::net::{TcpListener, TcpStream};
use std::process::Child;
use std::time::{Duration, Instant};

use mrr_tests::Cluster;

use super::followed::second;
use super::{COUNTED, Portal};

/// A daemon that takes deliveries, ended with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it did not come about: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_is_delivered_is_what_a_list_tells() {
    let cluster = Cluster::of_this_machine().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/hooks/crm");
    let endpoint = format!("--webhook={url}");
    // The index is ages behind, so that only a delivery can tell.
    let serve = [
        "--from=2024-09",
        "--search-lag=10000000000000",
        &endpoint,
        "--webhook-secret=canary-secret",
        "--webhook-shuffle",
        "--webhook-duplicates=30",
    ];
    let settings =
        format!("{COUNTED}\nfollow = false\nwebhook_secret = ['old-canary', 'canary-secret']\nwebhook_url = '{url}'");
    let portal = Portal::open(&cluster, "hubspot_delivered", &serve, &settings);
    let toml = std::fs::read_to_string(portal.daemon.folder().path().join("mrrd.toml")).unwrap();
    portal.daemon.configure(&format!("{toml}\n[hooks]\nlisten = '127.0.0.1:{port}'\n")).unwrap();
    portal.read("sync");
    let versions = |stream: &str| portal.rows(&format!("select count(*) from raw.record where stream = '{stream}'"));
    let (companies, deals) = (versions("companies"), versions("deals"));

    let running = Running(portal.daemon.start(&["run"]).unwrap());
    until("it listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    for day in ["2024-09-02", "2025-06-01", "2025-12-01"] {
        portal.company.advance(second(day)).unwrap();
        until("it is delivered", || portal.company.has_delivered().unwrap());
        let waiting = "select (select count(*) from ops.event where payload is not null)
                            + (select count(*) from ops.hint) + (select count(*) from ops.touched)";
        until("it is heeded", || portal.rows(waiting) == "0");
    }
    until("the run is over", || portal.rows("select count(*) from ops.run where status = 'running'") == "0");
    drop(running);
    // However many batches come, looks for them are not made without a pause.
    let hasty = "select count(*) from (select started_at - lag(started_at) over (order by started_at) as gap
                                       from ops.run where kind = 'follow') as run where gap < interval '9 s'";
    assert_eq!(portal.rows(hasty), "0");
    assert_ne!((versions("companies"), versions("deals")), (companies, deals));
    // A batch that came twice is one, and no problem came of any.
    assert_eq!(portal.rows("select count(*) > 5, bool_and(delivered) from ops.event"), "t|t");
    assert_eq!(portal.rows("select count(*) from ops.problem where stream = 'changes'"), "0");
    assert_eq!(portal.rows("select count(*) > 0 from ops.event where payload like '%canary%'"), "f");

    // Of companies a list has nothing new: not of those that were merged or put away either.
    let companies = versions("companies");
    portal.read("sync");
    assert_eq!(versions("companies"), companies);
    let gone = "select count(*) > 0 from raw.record where stream = 'companies' and deleted";
    assert_eq!(portal.rows(gone), "t");
}
