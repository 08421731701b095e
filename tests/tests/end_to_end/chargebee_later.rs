//! What Chargebee says otherwise later: a gap that is closed, customers that are merged, records that are cleared. The
//! sandbox's company does none of it, so the records are written by hand.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use mrr_tests::{Cluster, Daemon, Database, Profile, Vendor};
use serde_json::{Value, json};

/// Midnight of a day, in Unix time.
fn day(text: &str) -> i64 {
    let day: chrono::NaiveDate = text.parse().unwrap();
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}

/// A site of which every record is put there: lists of one page, and records by their ids.
#[derive(Clone, Default)]
struct Site(Arc<Mutex<Vec<(&'static str, Value)>>>);

impl Site {
    fn put(&self, stream: &'static str, record: Value) {
        let mut records = self.0.lock().unwrap();
        records.retain(|(of, known)| *of != stream || known["id"] != record["id"]);
        records.push((stream, record));
    }

    /// The subscription in a state, and the event that made it so.
    fn change(&self, event: &str, at: &str, version: i64, customer: &str, changes: &Value) {
        let mut subscription = json!({
            "id": "sub_1", "customer_id": customer, "status": "active", "currency_code": "EUR", "billing_period": 1,
            "billing_period_unit": "month", "created_at": day("2025-01-01"), "started_at": day("2025-01-01"),
            "subscription_items": [{"item_price_id": "Team-EUR", "item_type": "plan", "quantity": 2, "amount": 10_000}],
            "updated_at": day(at), "resource_version": version, "deleted": false,
        });
        for (name, value) in changes.as_object().unwrap() {
            subscription[name] = value.clone();
        }
        let content = json!({"subscription": subscription.clone()});
        let (id, at) = (format!("ev_{version}"), day(at));
        self.put("events", json!({"id": id, "event_type": event, "occurred_at": at, "content": content}));
        self.put("subscriptions", subscription);
    }

    fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, site) = (listener.local_addr().unwrap(), self.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = site.answer(stream);
            }
        });
        format!("http://{address}")
    }

    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut first = String::new();
        reader.read_line(&mut first)?;
        let mut line = String::new();
        while reader.read_line(&mut line)? > 2 {
            line.clear();
        }
        let path: Vec<&str> = first.split([' ', '?']).nth(1).unwrap_or_default().split('/').skip(3).collect();
        let records = self.0.lock().unwrap().clone();
        let noun = path[0].trim_end_matches('s');
        let of_stream = records.iter().filter(|(of, _)| *of == path[0]).map(|(_, record)| record);
        let body = match path.get(1) {
            None => Some(json!({"list": of_stream.map(|record| json!({noun: record})).collect::<Vec<_>>()})),
            Some(id) => of_stream.into_iter().find(|record| record["id"] == *id).map(|record| json!({noun: record})),
        };
        let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
        let body = body.unwrap_or(json!({"message": "not found", "api_error_code": "resource_not_found"})).to_string();
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\nDate: Tue, 01 Apr 2025 00:00:00 GMT\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    }
}

fn synced<'a>(cluster: &'a Cluster, name: &str, site: &Site) -> (Database<'a>, Daemon) {
    let database = cluster.create(name).unwrap();
    let source = Vendor::Chargebee.source(&site.serve(), "test_x");
    let toml = format!(
        "[book]\ncurrency = \"EUR\"\ntime_zone = \"UTC\"\n\n[database]\nurl = \"{}\"\n\n{source}",
        database.url()
    );
    let daemon = Daemon::new(Profile::Dev, &toml).unwrap();
    daemon.run(&["migrate"]).unwrap();
    daemon.run(&["sync"]).unwrap();
    (database, daemon)
}

fn offered(site: &Site) {
    site.put("items", json!({"id": "Team", "name": "Team", "type": "plan"}));
    site.put(
        "item_prices",
        json!({"id": "Team-EUR", "name": "Team", "item_id": "Team", "period": 1, "period_unit": "month"}),
    );
    site.put("customers", json!({"id": "cus_1", "company": "Acme", "deleted": false}));
}

#[test]
fn a_reactivation_that_is_backdated_restates_the_closed_month_and_not_what_was_reported() {
    let cluster = Cluster::of_this_machine().unwrap();
    let site = Site::default();
    offered(&site);
    site.change("subscription_created", "2025-01-01", 1, "cus_1", &json!({}));
    let ended = json!({"status": "cancelled", "cancelled_at": day("2025-02-01")});
    site.change("subscription_cancelled", "2025-02-01", 2, "cus_1", &ended);
    let (database, daemon) = synced(&cluster, "backdated", &site);
    let february = |as_of: &str| {
        let query = format!(
            "select round(mrr_at('2025-02-15'{as_of}), 2), round(sum(churn), 2), round(sum(new + reactivation), 2)
               from mrr_movements('2025-02-01', '2025-03-01'{as_of})"
        );
        database.run(&query).unwrap().trim().to_owned()
    };
    assert_eq!(february(""), "0.00|100.00|0.00");
    let reported = database.run("select clock_timestamp()").unwrap().trim().to_owned();

    let back = json!({"current_term_start": day("2025-02-01"), "current_term_end": day("2025-04-01")});
    site.change("subscription_reactivated_with_backdating", "2025-03-10", 3, "cus_1", &back);
    daemon.run(&["sync"]).unwrap();
    assert_eq!(february(""), "100.00|0.00|0.00", "there is no gap, and nobody is new");
    assert_eq!(february(&format!(", as_of => '{reported}'")), "0.00|100.00|0.00", "what was reported stays");
}

#[test]
fn who_is_merged_or_cleared_counts_once() {
    let cluster = Cluster::of_this_machine().unwrap();
    let site = Site::default();
    offered(&site);
    site.put("customers", json!({"id": "cus_2", "company": "Bolt", "deleted": false}));
    site.change("subscription_created", "2025-01-01", 1, "cus_1", &json!({}));
    let (database, daemon) = synced(&cluster, "merged", &site);
    let who = |day: &str| {
        let query = format!("select account, name, round(mrr, 2) from account_mrr('{day}')");
        database.run(&query).unwrap().trim().to_owned()
    };
    assert_eq!(who("2025-02-15"), "cus_1|Acme|100.00");

    // The subscription moves to the other customer; its events stay where they were.
    site.put("customers", json!({"id": "cus_1", "company": "Acme", "deleted": true}));
    site.change("subscription_changed", "2025-03-01", 2, "cus_2", &json!({}));
    daemon.run(&["sync"]).unwrap();
    assert_eq!(who("2025-02-15"), "cus_2|Bolt|100.00", "the past goes along, once");
    assert_eq!(who("2025-03-15"), "cus_2|Bolt|100.00");

    // Personal data is cleared, and the subscription deleted.
    site.put("customers", json!({"id": "cus_2", "pii_cleared": "cleared", "deleted": true}));
    site.change("subscription_deleted", "2025-03-20", 3, "cus_2", &json!({"deleted": true}));
    daemon.run(&["sync"]).unwrap();
    assert_eq!(who("2025-03-15"), "cus_2|cus_2|100.00");
    assert_eq!(who("2025-03-25"), "");
    assert_eq!(database.run("select count(*) from mrr_check('2025-01-01', '2025-04-01')").unwrap().trim(), "0");
}
