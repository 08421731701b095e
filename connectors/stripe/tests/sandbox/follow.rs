//! A company that has been followed since it opened: its log is read all along, its records only
//! in the end.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use mrr_connector_sdk::{Connector, Http, RawRecord, Version};

/// Less than the log goes back.
const STEP: i64 = 25 * 86_400;

/// The events of each account, while the sandbox's clock goes from one second to another.
pub async fn follow(
    connector: &dyn Connector,
    http: &Http,
    url: &str,
    (from, until): (i64, i64),
) -> BTreeMap<String, BTreeMap<String, RawRecord>> {
    let mut found: BTreeMap<String, BTreeMap<String, RawRecord>> = BTreeMap::new();
    let (mut cursor, mut now) = (None, from);
    while now < until {
        now = (now + STEP).min(until);
        advance(url, now);
        loop {
            let read = connector.follow(http, cursor.as_ref()).await.unwrap();
            for event in read.page.records {
                let version = Version { payload: event.payload, seen_at: read.page.at, deleted: false };
                let raw = RawRecord { stream: "events".into(), id: event.id.clone(), versions: vec![version] };
                found.entry(event.account.unwrap()).or_default().insert(event.id, raw);
            }
            cursor = read.page.next.into_iter().next();
            if !read.more {
                break;
            }
        }
    }
    found
}

/// Moves the sandbox's clock.
fn advance(url: &str, to: i64) {
    let host = url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let request = format!(
        "POST /_sandbox/advance?to={to} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
