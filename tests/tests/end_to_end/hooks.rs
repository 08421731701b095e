//! Deliveries: what is forged is refused, what is acknowledged is stored, and each is heeded once.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit as _, Mac as _};
use mrr_tests::{Cluster, Repertoire, World};
use sha2::Sha256;

use crate::synced::Synced;

const WORLD: World = World { seed: 3, accounts: 10, months: 12, repertoire: Repertoire::Plain };
const SECRET: &str = "whsec_canary";

/// A daemon that takes deliveries, ended with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Desk<'a> {
    synced: Synced<'a>,
    port: u16,
    running: Running,
}

impl<'a> Desk<'a> {
    fn open(cluster: &'a Cluster, name: &str) -> Self {
        let synced = Synced::migrated(cluster, name, WORLD, &[]).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let toml = synced.company.configuration(&synced.database.url(), "Europe/Berlin");
        let hooks = format!("webhook_secret = \"{SECRET}\"\n\n[hooks]\nlisten = \"127.0.0.1:{port}\"\n");
        synced.daemon.configure(&format!("{toml}{hooks}")).unwrap();
        synced.daemon.run(&["sync"]).unwrap();
        let running = Running(synced.daemon.start(&["run"]).unwrap());
        let desk = Self { synced, port, running };
        desk.until(|desk| TcpStream::connect(("127.0.0.1", desk.port)).is_ok());
        desk
    }

    fn until(&self, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            assert!(begun.elapsed() < Duration::from_secs(30), "it did not come about");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Status and headers of the answer.
    fn say(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
        );
        // A body that is refused is not read to its end.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer.lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n").to_lowercase()
    }

    fn deliver(&self, body: &str) -> String {
        self.say("POST", "/hooks/stripe", &signed(SECRET, now(), body), body)
    }

    fn rows(&self, query: &str) -> String {
        self.synced.database.run(query).unwrap()
    }
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

fn signed(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("Stripe-Signature: t={at},v1={hex}\r\n")
}

fn event(id: &str, customer: &str) -> String {
    format!(
        r#"{{"id":"{id}","object":"event","type":"customer.updated","created":1767225599,"livemode":false,"data":{{"object":{{"object":"customer","id":"{customer}"}}}}}}"#
    )
}

#[test]
fn only_what_is_signed_for_us_and_stored_is_acknowledged() {
    let cluster = Cluster::of_this_machine().unwrap();
    let desk = Desk::open(&cluster, "deliveries");
    let customer = desk.rows("select id from raw.record where stream = 'customers' order by 1 limit 1");
    let body = event("evt_good", &customer);
    let before = desk.rows("select count(*) from ops.event");

    for (headers, status) in [
        (String::new(), "401"),
        (signed("whsec_other", now(), &body), "401"),
        (signed(SECRET, now() - 301, &body), "401"),
        (signed(SECRET, now(), "another body"), "401"),
    ] {
        assert!(
            desk.say("POST", "/hooks/stripe", &headers, &body).starts_with(&format!("http/1.1 {status}")),
            "{headers}"
        );
    }
    let genuine = signed(SECRET, now(), &body);
    assert!(desk.say("POST", "/hooks/hubspot", &genuine, &body).starts_with("http/1.1 404"));
    assert!(desk.say("POST", "/hooks/../hooks/stripe", &genuine, &body).starts_with("http/1.1 404"));
    assert!(desk.say("GET", "/hooks/stripe", &genuine, "").starts_with("http/1.1 405"));
    let large = "x".repeat(5 << 20);
    let answer = desk.say("POST", "/hooks/stripe", &signed(SECRET, now(), &large), &large);
    assert!(answer.is_empty() || answer.starts_with("http/1.1 413"), "{answer}");
    assert_eq!(desk.rows("select count(*) from ops.event"), before);

    // What can't be stored is not acknowledged, and the sender is told to come again.
    desk.rows("alter table ops.event rename to away");
    let answer = desk.deliver(&body);
    assert!(answer.starts_with("http/1.1 503") && answer.contains("retry-after"), "{answer}");
    desk.rows("alter table ops.away rename to event");
    // Whoever comes again a second later is taken: half a second after a failure it is tried whether one can store again.
    std::thread::sleep(Duration::from_secs(1));
    assert!(desk.deliver(&body).starts_with("http/1.1 200"));
    assert_eq!(desk.rows("select delivered from ops.event where id = 'evt_good'"), "t");
    // What nobody here reads is kept in the ledger all the same.
    for other in [r#"{"id":"evt_x","type":"new.thing","created":1767225599,"data":{"object":{}}}"#, "[]", "a=b"] {
        assert!(desk.deliver(other).starts_with("http/1.1 200"), "{other}");
    }
    desk.until(|desk| desk.rows("select count(*) from ops.event where payload is not null") == "0");
    assert_eq!(desk.rows("select count(*) from ops.problem where stream = 'events'"), "2");
}

#[test]
fn an_event_that_is_delivered_often_is_heeded_once() {
    let cluster = Cluster::of_this_machine().unwrap();
    let desk = Desk::open(&cluster, "often");
    let customer = desk.rows("select id from raw.record where stream = 'customers' order by 1 limit 1");
    let body = event("evt_often", &customer);
    let acknowledged: usize = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..10)
            .map(|_| scope.spawn(|| (0..20).filter(|_| desk.deliver(&body).starts_with("http/1.1 200")).count()))
            .collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).sum()
    });
    assert_eq!(acknowledged, 200);
    assert_eq!(desk.rows("select count(*) from ops.event where id = 'evt_often'"), "1");
    desk.until(|desk| desk.rows("select count(*) from ops.run where kind = 'follow' and status = 'ok'") == "1");
    assert_eq!(desk.rows("select fetched, unchanged from ops.run where kind = 'follow'"), "1|1");
    // Its signature is in no log and no table.
    assert_eq!(desk.rows("select count(*) from ops.run where error like '%canary%'"), "0");
    drop(desk.running);
}
