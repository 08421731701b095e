//! Webhooks: what is posted is what is listed, signed, and in the manners that were asked for.

mod support;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use support::{Served, id};

const SECRET: &str = "whsec_test_of_the_sandbox";
const WORLD: [&str; 10] =
    ["--seed", "8", "--accounts", "40", "--months", "20", "--repertoire", "full", "--from", "2025-06"];
const JUNE: i64 = 1_748_736_000;
const DAY: i64 = 86_400;

struct Delivery {
    signature: String,
    body: String,
}

impl Delivery {
    fn event(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// An endpoint that refuses each event as often as it is told to.
struct Endpoint {
    url: String,
    deliveries: Arc<Mutex<Vec<Delivery>>>,
}

impl Endpoint {
    fn open(refusals: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/hooks/stripe", listener.local_addr().expect("an address"));
        let deliveries: Arc<Mutex<Vec<Delivery>>> = Arc::default();
        let seen = deliveries.clone();
        std::thread::spawn(move || {
            let mut refused: HashMap<String, usize> = HashMap::new();
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let Some(delivery) = receive(&mut stream) else { continue };
                let times = refused.entry(id(&delivery.event()).to_owned()).or_default();
                let status = if *times < refusals { "503 Service Unavailable" } else { "200 OK" };
                *times += 1;
                seen.lock().expect("no panic").push(delivery);
                let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        });
        Self { url, deliveries }
    }

    fn start(&self, arguments: &[&str]) -> Served {
        let hook = ["--webhook", &self.url, "--webhook-secret", SECRET];
        Served::start(&[&WORLD[..], &hook, arguments].concat())
    }
}

fn receive(stream: &mut TcpStream) -> Option<Delivery> {
    let mut reader = BufReader::new(stream);
    let mut headers = HashMap::new();
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|length| *length > 0)?;
    assert!(first.starts_with("POST /hooks/stripe HTTP/1.1"), "{first}");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers["content-length"].parse().expect("a length")];
    reader.read_exact(&mut body).ok()?;
    Some(Delivery { signature: headers["stripe-signature"].clone(), body: String::from_utf8(body).expect("text") })
}

/// Waits until nothing is under way; answers sent, acknowledged and failed.
fn settled(world: &Served) -> [u64; 3] {
    for _ in 0..600 {
        let report = world.request("GET", "/_sandbox/deliveries", &[]).body;
        if report["pending"] == 0 {
            return ["sent", "acknowledged", "failed"].map(|field| report[field].as_u64().expect("a number"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("deliveries never end");
}

fn verify(delivery: &Delivery) {
    let (time, digits) = delivery.signature.strip_prefix("t=").and_then(|s| s.split_once(",v1=")).expect("t and v1");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    assert!(now - time.parse::<u64>().expect("a time") < 300);
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key");
    mac.update(format!("{time}.{}", delivery.body).as_bytes());
    let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digits, expected);
}

#[test]
fn each_event_of_an_advance_is_posted_once_and_signed() {
    let endpoint = Endpoint::open(0);
    let world = endpoint.start(&[]);
    assert_eq!(settled(&world), [0, 0, 0]);
    for days in [9, 20] {
        world.advance(JUNE + days * DAY);
    }
    let counts = settled(&world);
    let listed = world.walk(&format!("/v1/events?created[gte]={JUNE}"), 100);
    assert_eq!(counts, [listed.len() as u64, listed.len() as u64, 0]);
    let deliveries = endpoint.deliveries.lock().expect("no panic");
    deliveries.iter().for_each(verify);
    let by_id = |events: Vec<Value>| events.into_iter().map(|e| (id(&e).to_owned(), e)).collect::<BTreeMap<_, _>>();
    let mut posted = by_id(deliveries.iter().map(Delivery::event).collect());
    for event in posted.values_mut() {
        assert_eq!(event["pending_webhooks"], 1);
        event["pending_webhooks"] = 0.into();
    }
    assert_eq!(posted, by_id(listed));
}

#[test]
fn an_endpoint_that_recovers_gets_everything_and_one_that_does_not_is_given_up() {
    let (recovers, dead) = (Endpoint::open(2), Endpoint::open(9));
    for (endpoint, attempts) in [(&recovers, 3), (&dead, 4)] {
        let world = endpoint.start(&[]);
        world.advance(JUNE + DAY);
        let [sent, acknowledged, failed] = settled(&world);
        assert!(sent > 3, "a day with {sent} events");
        assert_eq!((acknowledged, failed), if attempts == 3 { (sent, 0) } else { (0, sent) });
        assert_eq!(endpoint.deliveries.lock().expect("no panic").len() as u64, sent * attempts);
    }
}

#[test]
fn bad_manners_are_the_same_for_the_same_seed() {
    let manners = ["--webhook-shuffle", "--webhook-duplicates", "30", "--webhook-drop", "20"];
    let old = ["--webhook-api-version", "2024-06-20"];
    let mut seen = Vec::new();
    for _ in 0..2 {
        let endpoint = Endpoint::open(0);
        let world = endpoint.start(&[&manners[..], &old].concat());
        world.advance(JUNE + 20 * DAY);
        let [sent, acknowledged, _] = settled(&world);
        assert_eq!(sent, acknowledged);
        let listed = world.walk(&format!("/v1/events?created[gte]={JUNE}"), 100);
        assert!(listed.iter().all(|event| event["api_version"] == support::VERSION));
        let deliveries = endpoint.deliveries.lock().expect("no panic");
        let events: Vec<Value> = deliveries.iter().map(Delivery::event).collect();
        assert!(events.iter().all(|event| event["api_version"] == "2024-06-20"));
        assert!(!events.is_sorted_by_key(|event| event["created"].as_i64()));
        let mut ids: Vec<String> = events.iter().map(|event| id(event).to_owned()).collect();
        let different = ids.iter().collect::<HashSet<_>>().len();
        let (all, sent) = (listed.len(), ids.len());
        assert!((all * 7 / 10..all * 9 / 10).contains(&different), "{different} of {all} were sent");
        assert!((different * 12 / 10..different * 14 / 10).contains(&sent), "{different} were sent {sent} times");
        ids.sort();
        seen.push(ids);
    }
    assert_eq!(seen[0], seen[1]);
}
