//! What a company's own systems push: kept, answered, and in every number a moment later.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use mrr_tests::{Cluster, Daemon, Database, Profile, workspace};

const KEY: &str = "canary-canary-canary";

/// A daemon that is pushed to, ended with its test.
struct Desk<'a> {
    cluster: &'a Cluster,
    name: &'static str,
    database: Database<'a>,
    daemon: Daemon,
    port: u16,
    running: Option<Child>,
}

impl Drop for Desk<'_> {
    fn drop(&mut self) {
        self.kill();
    }
}

impl<'a> Desk<'a> {
    fn open(cluster: &'a Cluster, name: &'static str) -> Self {
        let database = cluster.create(name).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let toml = format!(
            "[book]\ncurrency = 'EUR'\ntime_zone = 'Europe/Berlin'\n[database]\nurl = '{}'\n\
             [sources.admin]\nconnector = 'push'\nkey = '{KEY}'\n[hooks]\nlisten = '127.0.0.1:{port}'\n",
            database.url()
        );
        let daemon = Daemon::new(Profile::Dev, &toml).unwrap();
        daemon.run(&["migrate"]).unwrap();
        let mut desk = Self { cluster, name, database, daemon, port, running: None };
        desk.start();
        desk
    }

    fn start(&mut self) {
        // The most that is ever logged: none of it may hold a key or what is in a record.
        let mut run = self.daemon.command(&["--log", "trace", "run"]);
        let log = std::fs::OpenOptions::new().append(true).create(true).open(self.log()).unwrap();
        self.running = Some(run.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        self.until("it listens", |desk| TcpStream::connect(("127.0.0.1", desk.port)).is_ok());
    }

    fn log(&self) -> PathBuf {
        self.daemon.folder().path().join("log")
    }

    fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = running.kill();
            let _ = running.wait();
        }
    }

    fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            assert!(begun.elapsed() < Duration::from_secs(60), "it did not come about: {what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sends a body and does not listen for the answer.
    fn send(&self, body: &str) -> std::io::Result<TcpStream> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        let length = body.len();
        let head = format!(
            "POST /v1/push/admin HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\nAuthorization: Bearer {KEY}\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        Ok(stream)
    }

    /// Status and body of what whoever watches is told.
    fn get(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(!answer.contains("canary"), "{answer}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap_or_default().to_owned(), body.to_owned())
    }

    /// Status and body of the answer; nothing when there was none.
    fn push(&self, body: &str) -> (String, String) {
        let mut answer = String::new();
        let heard = self.send(body).and_then(|mut stream| stream.read_to_string(&mut answer));
        if heard.is_err() {
            return Default::default();
        }
        assert!(!answer.contains("canary"), "{answer}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        (head.split(' ').nth(1).unwrap_or_default().to_owned(), body.to_owned())
    }

    fn rows(&self, query: &str) -> String {
        self.database.run(query).unwrap()
    }

    fn settled(&self) {
        let waits = "select count(*) from (select from ops.touched union all select from ops.push
                     union all select from ops.run where status = 'running') as waiting";
        self.until("everything is derived", |desk| desk.rows(waits) == "0");
    }

    /// Whether others may connect to the database.
    fn allow(&self, connections: bool) {
        let server = self.cluster.database("postgres");
        server.run(&format!("alter database {} with allow_connections {connections}", self.name)).unwrap();
        if !connections {
            let end = format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'", self.name);
            server.run(&end).unwrap();
        }
    }
}

fn charge(id: &str, account: &str, amount: &str, rest: &str) -> String {
    format!(
        r#"{{"type":"subscription","id":"{id}","account_id":"{account}","plan":"Team","currency":"EUR","amount":"{amount}",{rest}}}"#
    )
}

#[test]
fn what_is_pushed_is_in_every_number() {
    let cluster = Cluster::of_this_machine().unwrap();
    let desk = Desk::open(&cluster, "pushed");
    let items = [
        r#"{"type":"account","id":"acme","name":"Acme","ts":"2025-01-01","attributes":{"segment":"SMB","country":"DE"}}"#.to_owned(),
        r#"{"type":"account","id":"acme","ts":"2025-03-01","attributes":{"segment":"Mid"}}"#.to_owned(),
        r#"{"type":"account","id":"bolt","name":"Bolt"}"#.to_owned(),
        charge("s1", "acme", "50.00", r#""interval":"month","start":"2025-01-01","ts":"2025-01-01""#),
        charge("s1", "acme", "80.00", r#""interval":"month","start":"2025-01-01","ts":"2025-03-01""#),
        charge("s2", "bolt", "1200", r#""interval":"year","start":"2025-02-01","end":"2025-04-01""#),
        r#"{"type":"user","id":"u1","account_id":"acme","email":"kim@example.com"}"#.to_owned(),
        r#"{"type":"metric","account_id":"acme","name":"seats","value":"12.5","date":"2025-03-31"}"#.to_owned(),
        r#"{"type":"event","id":"e1","account_id":"acme","name":"onboarded","ts":"2025-01-09"}"#.to_owned(),
    ];
    let mut mixed = items.to_vec();
    mixed.insert(4, charge("s3", "bolt", "49,90", r#""interval":"month","start":"2025-01-01""#));
    let (status, body) = desk.push(&mixed.join("\n"));
    assert_eq!(status, "207");
    assert!(body.contains(r#""accepted":9,"unchanged":0,"refused":1"#), "{body}");
    assert!(
        body.contains(r#""index":4,"id":"s3","status":"refused","field":"amount","message":"is no decimal number"#),
        "{body}"
    );
    desk.settled();

    let mrr = "select string_agg(round(mrr_at(day::date), 2)::text, ' ' order by day)
               from unnest(array['2024-12-31', '2025-01-31', '2025-02-28', '2025-03-31', '2025-04-01']) as day";
    assert_eq!(desk.rows(mrr), "0.00 50.00 150.00 180.00 80.00");
    let movements = "select to_char(period_start, 'MM'), round(new), round(expansion), round(churn), round(closing)
                     from mrr_movements('2025-01-01', '2025-05-01')";
    assert_eq!(desk.rows(movements), "01|50|0|0|50\n02|100|0|0|150\n03|0|30|0|180\n04|0|0|100|80");
    let segments = "select round(mrr_at('2025-02-28', 'segment:SMB')), round(mrr_at('2025-02-28', 'segment:Mid')),
                           round(mrr_at('2025-03-31', 'segment:SMB')), round(mrr_at('2025-03-31', 'segment:Mid')),
                           round(mrr_at('2025-03-31', 'country:DE'))";
    assert_eq!(desk.rows(segments), "50|0|0|80|80");
    assert_eq!(desk.rows("select count(*) from mrr_check('2025-01-01', '2025-05-01')"), "0");
    let kept = "select stream, count(*) from raw.record group by 1 order by 1";
    assert_eq!(desk.rows(kept), "accounts|3\nevents|1\nmetrics|1\nsubscriptions|3\nusers|1");
    assert_eq!(desk.rows("select payload->>'value' from raw.record where stream = 'metrics'"), "12.5");
    assert_eq!(desk.rows("select count(*) from ops.run where error like '%canary%'"), "0");

    // Said again, in another order, nothing changes.
    let rows = |desk: &Desk<'_>| {
        desk.rows("select (select count(*) from raw.record), (select count(*) from revenue.segment), (select count(*) from ops.run)")
    };
    let before = rows(&desk);
    let (status, body) = desk.push(&format!("[{}]", items.iter().rev().cloned().collect::<Vec<_>>().join(",")));
    assert_eq!(status, "200");
    assert!(body.contains(r#""accepted":0,"unchanged":9,"refused":0"#), "{body}");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(rows(&desk), before);
    let status = desk.daemon.run(&["status"]).unwrap();
    assert!(status.contains("when pushed") && status.contains("subscriptions"), "{status}");
    assert!(desk.daemon.run(&["check"]).unwrap().contains("/v1/push/admin"));
    let log = std::fs::read_to_string(desk.log()).unwrap();
    assert!(log.contains("pushed items were refused"), "{log}");
    for secret in ["canary", "kim@example.com", "Acme", "49,90"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn a_daemon_that_is_killed_before_it_answers_has_lost_and_doubled_nothing() {
    let cluster = Cluster::of_this_machine().unwrap();
    let mut desk = Desk::open(&cluster, "killed_pushed");
    let mut stored_unheard = 0;
    for turn in 0..6_u64 {
        let items: Vec<String> = (0..300)
            .map(|n| {
                charge(&format!("s{turn}-{n}"), &format!("a{n}"), "10", r#""interval":"month","start":"2025-01-01""#)
            })
            .collect();
        let body = items.join("\n");
        let stream = desk.send(&body).unwrap();
        // Sooner and later: before it is stored, while it is, and before it is derived.
        std::thread::sleep(Duration::from_millis(turn * 12));
        if turn == 5 {
            desk.until("it is stored", |desk| {
                desk.rows("select count(*) from raw.record where id like 's5-%'") == "300"
            });
        }
        desk.kill();
        drop(stream);
        let stored: usize =
            desk.rows(&format!("select count(*) from raw.record where id like 's{turn}-%'")).parse().unwrap();
        assert!(stored == 0 || stored == 300, "half a request is stored: {stored}");
        stored_unheard += stored;
        desk.start();
        if turn == 5 {
            // What nobody has asked for again is derived all the same.
            desk.until("it is derived", |desk| {
                desk.rows("select count(*) from revenue.segment where contract like 's5-%'") == "300"
            });
        }
        let (status, answer) = desk.push(&body);
        assert_eq!(status, "200");
        let whole = if stored == 0 { r#""accepted":300"# } else { r#""unchanged":300"# };
        assert!(answer.contains(whole), "{answer}");
    }
    assert!(stored_unheard > 0);
    desk.settled();
    assert_eq!(desk.rows("select count(*), max(version) from raw.record"), "1800|1");
    assert_eq!(desk.rows("select round(mrr_at('2025-01-31'))"), "18000");
}

#[test]
fn a_database_that_is_away_is_answered_with_come_again() {
    let cluster = Cluster::of_this_machine().unwrap();
    let desk = Desk::open(&cluster, "away");
    let item = charge("s1", "a1", "10", r#""interval":"month","start":"2025-01-01""#);
    assert_eq!(
        desk.get("/readyz"),
        ("200".into(), r#"{"ready":true,"database":"ok","sources":[{"name":"admin","state":"ok"}]}"#.into())
    );
    desk.allow(false);
    // It lives, is not ready, and says why.
    desk.until("it is not ready", |desk| desk.get("/readyz").0 == "503");
    let (_, why) = desk.get("/readyz");
    assert!(why.starts_with(r#"{"ready":false,"database":"#) && why.contains("PostgreSQL"), "{why}");
    assert_eq!(desk.get("/livez").0, "200");
    let (status, text) = desk.get("/metrics");
    assert!(status == "200" && text.contains("mrrd_ready 0") && text.contains("mrrd_build_info"), "{text}");
    let mut stream = desk.send(&item).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let head = answer.to_lowercase();
    assert!(head.starts_with("http/1.1 503") && head.contains("retry-after: "), "{answer}");
    desk.allow(true);
    desk.until("it is ready", |desk| desk.get("/readyz").0 == "200");
    assert_eq!(desk.push(&item).0, "200");
    desk.until("it is derived", |desk| desk.rows("select count(*) from revenue.segment") == "1");
    desk.settled();
    desk.until("it is counted", |desk| {
        desk.get("/metrics").1.contains(r#"mrrd_records_total{source="admin",outcome="inserted"} 1"#)
    });
    assert!(desk.get("/metrics").1.contains(r#"mrrd_answers_total{endpoint="push",status="503"} 1"#));
}

/// The examples are what an engineer copies.
#[test]
fn the_items_of_the_documentation_are_taken() {
    let cluster = Cluster::of_this_machine().unwrap();
    let desk = Desk::open(&cluster, "documented");
    let page = std::fs::read_to_string(workspace().join("docs/connectors/push.md")).unwrap();
    let blocks: Vec<&str> = page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 5);
    for block in blocks {
        let (status, body) = desk.push(block);
        assert_eq!(status, "200", "{block}\n{body}");
    }
    desk.settled();
    for block in page.split("```sql\n").skip(1) {
        let (query, rest) = block.split_once("```").unwrap();
        let expect = rest.split_once("```text\n").unwrap().1.split("```").next().unwrap();
        let found = desk.database.show(query).unwrap();
        let lines: Vec<&str> = found.lines().map(str::trim_end).collect();
        assert_eq!(lines.join("\n"), expect.trim_end(), "{query}");
    }
}
