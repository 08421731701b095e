//! Deliveries: who calls, and how.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::database::{Database, source, with_database};
use super::fake::Fake;
use crate::scheduler;
use crate::stop::Stop;

/// `mrrd run` with an open door, until `visit` is over.
async fn while_open(database: &mut Database, visit: impl AsyncFnOnce(u16)) {
    let fake = Fake::new().with_log();
    fake.customer("c1", "Ada");
    while_open_for(database, &fake, Some("0 0 0 1 1 *"), visit).await;
}

async fn while_open_for(database: &mut Database, fake: &Fake, schedule: Option<&str>, visit: impl AsyncFnOnce(u16)) {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    database.config.hooks = Some(([127, 0, 0, 1], port).into());
    database.config.sources = vec![source("fake", fake, schedule)];
    let (switch, stop) = Stop::switch();
    let visiting = async {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "the door does not open");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        visit(port).await;
        switch.send(true).unwrap();
    };
    let (ended, ()) =
        tokio::join!(scheduler::run(&database.store, &database.config, &stop, Default::default()), visiting);
    ended.unwrap();
}

async fn deliver(port: u16, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let length = body.len();
    let head = format!(
        "POST /hooks/fake HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\nSignature: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    // To its end: a connection that was of use is not kept.
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn whoever_says_nothing_does_not_keep_it_from_stopping() {
    with_database(async |database| {
        let (mut silent, mut asked) = (None, None);
        while_open(database, async |port| {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            stream.write_all(b"POST /hooks/fake HTTP/1.1\r\nHost").await.unwrap();
            assert_eq!(deliver(port, "e1 subscriptions s1").await, "HTTP/1.1 200 OK");
            silent = Some(stream);
            asked = Some(Instant::now());
        })
        .await;
        assert!(asked.unwrap().elapsed() < Duration::from_secs(20));
        assert_eq!(database.rows("select id from ops.event").await, ["e1"]);
    });
}

#[test]
fn a_database_that_does_not_answer_is_not_waited_for_without_end() {
    with_database(async |database| {
        let sql = database.connect().await;
        while_open(database, async |port| {
            assert_eq!(deliver(port, "e1 subscriptions s1").await, "HTTP/1.1 200 OK");
            sql.batch_execute("begin; lock table ops.event").await.unwrap();
            let late = tokio::time::timeout(Duration::from_secs(20), deliver(port, "e2 subscriptions s1")).await;
            assert_eq!(late.as_deref(), Ok("HTTP/1.1 503 Service Unavailable"));
            // Whoever comes now need not wait to learn the same.
            let next = tokio::time::timeout(Duration::from_secs(2), deliver(port, "e3 subscriptions s1")).await;
            sql.batch_execute("rollback").await.unwrap();
            assert_eq!(next.as_deref(), Ok("HTTP/1.1 503 Service Unavailable"));
            let again = async {
                while deliver(port, "e4 subscriptions s1").await != "HTTP/1.1 200 OK" {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(20), again).await.unwrap();
        })
        .await;
        let known = database.rows("select id from ops.event where id in ('e1', 'e4') order by id").await;
        assert_eq!(known, ["e1", "e4"]);
    });
}

#[test]
fn those_who_wait_at_the_same_time_are_stored_by_one_commit() {
    with_database(async |database| {
        let sql = database.connect().await;
        // Never synced, so that nobody touches the rows.
        let fake = Fake::new().with_log();
        while_open_for(database, &fake, None, async |port| {
            sql.batch_execute("begin; lock table ops.event").await.unwrap();
            let bring = |number: u32| async move { deliver(port, &format!("e{number} subscriptions s{number}")).await };
            let others = async {
                tokio::time::sleep(Duration::from_millis(500)).await;
                futures_util::future::join_all((1..30).map(bring)).await
            };
            let unlock = async {
                tokio::time::sleep(Duration::from_millis(1500)).await;
                sql.batch_execute("rollback").await.unwrap();
            };
            let (first, others, ()) = tokio::join!(bring(0), others, unlock);
            assert!(others.iter().chain([&first]).all(|answer| answer == "HTTP/1.1 200 OK"), "{others:?}");
            let commits =
                "select count(*), count(distinct xmin::text) from (select xmin from ops.event where delivered) as e";
            let row = sql.query_one(commits, &[]).await.unwrap();
            assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (30, 2));
        })
        .await;
    });
}

#[test]
fn whoever_is_slow_keeps_nobody_out() {
    with_database(async |database| {
        while_open(database, async |port| {
            let mut slow = Vec::new();
            for (sent, length) in [(1, 100), (100_000, 1_000_000)].repeat(15) {
                let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let head = format!("POST /hooks/fake HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
                stream.write_all(format!("{head}{}", "x".repeat(sent)).as_bytes()).await.unwrap();
                slow.push(stream);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            let answer = tokio::time::timeout(Duration::from_secs(3), deliver(port, "e1 subscriptions s1")).await;
            assert_eq!(answer.as_deref(), Ok("HTTP/1.1 200 OK"));
            // Nor are they waited for without end.
            let mut answer = String::new();
            let ended = tokio::time::timeout(Duration::from_secs(15), slow[0].read_to_string(&mut answer)).await;
            assert!(ended.is_ok() && answer.starts_with("HTTP/1.1 408"), "{answer}");
        })
        .await;
    });
}

#[test]
fn an_event_whose_id_no_table_can_hold_is_heeded_all_the_same() {
    with_database(async |database| {
        let sql = database.connect().await;
        while_open(database, async |port| {
            // An index compresses, so a long id has to be one that it can't compress.
            let long: String = (0..100).map(|n: u32| blake3::hash(&n.to_le_bytes()).to_hex().to_string()).collect();
            assert_eq!(deliver(port, &format!("{long} subscriptions s1")).await, "HTTP/1.1 200 OK");
            let named = sql.query_one("select id like 'unreadable %' from ops.event", &[]).await.unwrap();
            assert!(named.get::<_, bool>(0));
        })
        .await;
    });
}

#[test]
fn deliveries_to_a_source_without_a_schedule_are_heeded_once_it_was_synced() {
    with_database(async |database| {
        let fake = Fake::new().with_log();
        fake.price("p1", "10").customer("c1", "Ada");
        let sql = database.connect().await;
        let until = async |condition: &str| {
            while !sql.query_one(&format!("select {condition}"), &[]).await.unwrap().get::<_, bool>(0) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let heeded = "exists (select from ops.run where kind = 'follow' and status = 'ok')";
        while_open_for(database, &fake, None, async |port| {
            assert_eq!(deliver(port, "e1 subscriptions s1").await, "HTTP/1.1 200 OK");
            // Nobody has asked for a sync.
            assert_eq!(sql.query("select from ops.run", &[]).await.unwrap().len(), 0);
        })
        .await;
        database.sync(&fake).await;
        while_open_for(database, &fake, None, async |port| {
            fake.subscription("s1", "c1", "p1", "2025-01-01");
            assert_eq!(deliver(port, "e2 subscriptions s1").await, "HTTP/1.1 200 OK");
            tokio::time::timeout(Duration::from_secs(20), until(heeded)).await.unwrap();
        })
        .await;
        assert_eq!(database.rows("select contract from revenue.segment").await, ["s1"]);
    });
}
