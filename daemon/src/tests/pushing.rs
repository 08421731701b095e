//! Items that are pushed: who may, what is stored, and what each answer says.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::database::{Database, with_database};
use crate::config::Source;
use crate::scheduler;
use crate::stop::Stop;

const KEY: &str = "canary-canary-canary";

/// A source that is pushed to.
fn source() -> Source {
    let settings = format!("key = ['{KEY}', 'another-key-of-ours']").parse().unwrap();
    let connector = mrr_connector_push::configure(settings, chrono_tz::Tz::UTC).unwrap();
    Source {
        name: "admin".into(),
        vendor: "push",
        connector: connector.into(),
        schedule: None,
        follow: None,
        contracted: false,
        crosswalk: std::sync::Arc::default(),
    }
}

/// `mrrd run` with such a source, until `visit` is over.
async fn while_open(database: &mut Database, visit: impl AsyncFnOnce(&Visitor)) {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    database.config.hooks = Some(([127, 0, 0, 1], port).into());
    database.config.sources = vec![source()];
    let (switch, stop) = Stop::switch();
    let sql = database.connect().await;
    let visiting = async {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "the door does not open");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        visit(&Visitor { port, sql }).await;
        switch.send(true).unwrap();
    };
    let (ended, ()) =
        tokio::join!(scheduler::run(&database.store, &database.config, &stop, Default::default()), visiting);
    ended.unwrap();
}

struct Visitor {
    port: u16,
    sql: tokio_postgres::Client,
}

/// Status line, headers and body of an answer.
struct Answer {
    head: String,
    body: serde_json::Value,
}

impl Answer {
    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// `207: accepted a1, refused amount`.
    fn told(&self) -> String {
        let items = self.body["items"].as_array().cloned().unwrap_or_default();
        let told = items.iter().map(|item| {
            let what = item.get("field").or_else(|| item.get("id")).and_then(|of| of.as_str()).unwrap_or("-");
            format!("{} {what}", item["status"].as_str().unwrap_or("-"))
        });
        format!("{}: {}", self.status(), told.collect::<Vec<_>>().join(", "))
    }
}

impl Visitor {
    async fn say(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
        );
        // A body that is refused is not read to its end.
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(body).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(!answer.contains("canary"), "{answer}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        Answer { head: head.to_owned(), body: serde_json::from_str(body).unwrap_or_default() }
    }

    async fn push(&self, body: &str) -> Answer {
        self.push_as(&format!("Authorization: Bearer {KEY}\r\n"), body.as_bytes()).await
    }

    async fn push_as(&self, headers: &str, body: &[u8]) -> Answer {
        self.say("POST", "/v1/push/admin", headers, body).await
    }

    async fn until(&self, condition: &str) {
        let begun = Instant::now();
        while !self.sql.query_one(&format!("select {condition}"), &[]).await.unwrap().get::<_, bool>(0) {
            assert!(begun.elapsed() < Duration::from_secs(20), "it did not come about: {condition}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn settled(&self) {
        self.until(
            "not exists (select from ops.touched) and not exists (select from ops.push)
                    and not exists (select from ops.run where status = 'running')",
        )
        .await;
    }
}

fn subscription(id: &str, account: &str, amount: &str) -> String {
    format!(
        r#"{{"type":"subscription","id":"{id}","account_id":"{account}","plan":"Team","currency":"EUR","amount":{amount},"interval":"month","start":"2025-01-01"}}"#
    )
}

#[test]
fn items_are_stored_answered_one_by_one_and_derived() {
    with_database(async |database| {
        while_open(database, async |visitor| {
            let account = r#"{"type":"account","id":"a1","name":"Acme","attributes":{"country":"DE"}}"#;
            let metric = r#"{"type":"metric","account_id":"a1","name":"seats","value":12,"date":"2025-01-31"}"#;
            let body = format!(
                "[{account},{},{},{metric}]",
                subscription("s1", "a1", "\"50\""),
                subscription("s2", "a1", "50")
            );
            assert_eq!(
                visitor.push(&body).await.told(),
                "207: accepted a1, accepted s1, refused amount, accepted seats/2025-01-31/a1"
            );
            visitor.settled().await;
        })
        .await;
        let raw = "select stream, id, version, account, deleted from raw.record order by 1, 2";
        assert_eq!(
            database.rows(raw).await,
            ["accounts a1 1 a1 false", "metrics seats/2025-01-31/a1 1 a1 false", "subscriptions s1 1 a1 false"]
        );
        let segments =
            "select contract, plan, net, valid_from, evidence from revenue.segment where known_until = 'infinity'";
        assert_eq!(database.rows(segments).await, ["s1 Team 600000000 2025-01-01 observed"]);
        assert_eq!(database.rows("select name, value from revenue.attribute").await, ["country DE"]);
        assert_eq!(database.rows("select name from revenue.account").await, ["Acme"]);
        let runs = "select kind, status, fetched, inserted from ops.run";
        assert_eq!(database.rows(runs).await, ["push ok 3 3"]);
    });
}

#[test]
fn what_is_known_writes_nothing() {
    with_database(async |database| {
        let dated = r#"{"type":"account","id":"a1","ts":"2025-02-01","name":"Acme"}"#;
        let older = r#"{"type":"account","id":"a1","ts":"2025-01-01","name":"Ac"}"#;
        let all = format!(
            "{older}\n{dated}\n{}\n{}",
            subscription("s1", "a1", "\"50\""),
            r#"{"type":"event","account_id":"a1","name":"x"}"#
        );
        while_open(database, async |visitor| {
            assert_eq!(visitor.push(&all).await.status(), "200");
            visitor.settled().await;
        })
        .await;
        let before = database.everything().await;
        let runs = database.rows("select count(*) from ops.run").await;
        while_open(database, async |visitor| {
            let again = visitor.push(&all).await;
            assert_eq!((again.body["accepted"].as_u64(), again.body["unchanged"].as_u64()), (Some(0), Some(4)));
            // In another order, each alone, and with the other key.
            for item in all.lines().rev() {
                let headers = "Authorization: bearer another-key-of-ours\r\n";
                assert!(visitor.push_as(headers, item.as_bytes()).await.told().starts_with("200: unchanged"));
            }
            assert_eq!(
                visitor.push(r#"{"type":"subscription","id":"s9","deleted":true}"#).await.told(),
                "200: unchanged s9"
            );
        })
        .await;
        assert_eq!(database.everything().await, before);
        assert_eq!(database.rows("select count(*) from ops.run").await, runs);
    });
}

#[test]
fn versions_are_kept_in_the_order_in_which_they_are_said() {
    with_database(async |database| {
        let gone = r#"{"type":"subscription","id":"s1","deleted":true}"#;
        let [ten, twenty] = ["\"10\"", "\"20\""].map(|amount| subscription("s1", "a1", amount));
        while_open(database, async |visitor| {
            // Of several that don't say since when, the last of a request is it.
            assert_eq!(visitor.push(&format!("{twenty}\n{ten}")).await.told(), "200: superseded s1, accepted s1");
            assert_eq!(visitor.push(&twenty).await.told(), "200: accepted s1");
            assert_eq!(visitor.push(&ten).await.told(), "200: accepted s1");
            assert_eq!(
                visitor.push(&format!("{gone}\n{gone}\n{ten}")).await.told(),
                "200: accepted s1, unchanged s1, accepted s1"
            );
            // What was said before it was gone is news again.
            let dated = r#"{"type":"account","id":"a2","ts":"2025-02-01"}"#;
            let gone = r#"{"type":"account","id":"a2","deleted":true}"#;
            for (item, status) in [
                (dated, "accepted"),
                (dated, "unchanged"),
                (gone, "accepted"),
                (dated, "accepted"),
                (dated, "unchanged"),
            ] {
                assert_eq!(visitor.push(item).await.told(), format!("200: {status} a2"));
            }
            visitor.settled().await;
        })
        .await;
        let versions = "select version, account, deleted, payload->>'amount' as amount
                        from raw.record where id = 's1' order by version";
        assert_eq!(
            database.rows(versions).await,
            ["1 a1 false 10", "2 a1 false 20", "3 a1 false 10", "4 a1 true", "5 a1 false 10"]
        );
    });
}

#[test]
fn who_has_no_key_learns_nothing_and_leaves_nothing() {
    with_database(async |database| {
        while_open(database, async |visitor| {
            let item = subscription("s1", "a1", "\"50\"");
            for headers in [
                "",
                "Authorization: Bearer wrong-wrong-wrong-wrong\r\n",
                "Authorization: Bearer \r\n",
                "Authorization: canary-canary-canary\r\n",
                "Authorization: Basic Y2FuYXJ5LWNhbmFyeS1jYW5hcnk6\r\n",
            ] {
                let answer = visitor.push_as(headers, item.as_bytes()).await;
                assert_eq!((answer.status(), &answer.body), ("401", &serde_json::Value::Null), "{headers}");
            }
            let right = format!("Authorization: Bearer {KEY}\r\n");
            for (method, path, status) in [
                ("POST", "/v1/push/other", "404"),
                ("POST", "/v1/push/", "404"),
                ("POST", "/v1/push/admin/x", "404"),
                ("POST", "/v1/push/../push/admin", "404"),
                ("POST", "/hooks/admin", "404"),
                ("GET", "/v1/push/admin", "405"),
                ("PUT", "/v1/push/admin", "405"),
            ] {
                assert_eq!(
                    visitor.say(method, path, &right, item.as_bytes()).await.status(),
                    status,
                    "{method} {path}"
                );
            }
        })
        .await;
        assert_eq!(database.rows("select count(*) from raw.record").await, ["0"]);
    });
}

#[test]
fn bodies_have_limits_and_may_be_compressed() {
    let packed = |body: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    };
    with_database(async |database| {
        while_open(database, async |visitor| {
            let gzip = format!("Authorization: Bearer {KEY}\r\nContent-Encoding: gzip\r\n");
            let item = subscription("s1", "a1", "\"50\"");
            assert_eq!(visitor.push_as(&gzip, &packed(item.as_bytes())).await.told(), "200: accepted s1");
            assert_eq!(visitor.push_as(&gzip, item.as_bytes()).await.status(), "400");
            let bomb = packed(&vec![b' '; 200 << 20]);
            assert!(bomb.len() < 1 << 20);
            assert_eq!(visitor.push_as(&gzip, &bomb).await.status(), "413");
            let large = format!("[{}{item}]", " ".repeat(5 << 20));
            // Whoever goes on sending may not see the answer.
            assert!(["413", ""].contains(&visitor.push(&large).await.status()));
            let many = |count| format!("[{}]", vec!["{}"; count].join(","));
            assert_eq!(visitor.push(&many(2_501)).await.status(), "413");
            assert_eq!(visitor.push(&many(2_500)).await.status(), "422");
            let brotli = format!("Authorization: Bearer {KEY}\r\nContent-Encoding: br\r\n");
            assert_eq!(visitor.push_as(&brotli, item.as_bytes()).await.status(), "415");
            for (body, status) in [("", "400"), ("[{]", "400"), ("a=b", "400"), ("{\"a\":", "422"), ("[]", "200")] {
                assert_eq!(visitor.push(body).await.status(), status, "{body}");
            }
            let right = format!("Authorization: Bearer {KEY}\r\n");
            assert_eq!(visitor.push_as(&right, b"{\"a\":\"\xff\"}").await.status(), "400");
        })
        .await;
    });
}

#[test]
fn what_can_not_be_stored_is_not_acknowledged() {
    with_database(async |database| {
        while_open(database, async |visitor| {
            visitor.sql.batch_execute("begin; lock table raw.record").await.unwrap();
            let late = visitor.push(&subscription("s1", "a1", "\"50\"")).await;
            visitor.sql.batch_execute("rollback").await.unwrap();
            assert_eq!(late.status(), "503");
            assert!(late.head.to_lowercase().contains("retry-after: "), "{}", late.head);
            assert_eq!(visitor.push(&subscription("s1", "a1", "\"50\"")).await.told(), "200: accepted s1");
        })
        .await;
        assert_eq!(database.rows("select version from raw.record").await, ["1"]);
    });
}

#[test]
fn many_who_push_the_same_at_once_leave_one_version() {
    with_database(async |database| {
        while_open(database, async |visitor| {
            let item = subscription("s1", "a1", "\"50\"");
            let other = subscription("s2", "a1", "\"50\"");
            let bodies = [format!("{item}\n{other}"), format!("{other}\n{item}")];
            let pushes = (0..40).map(|turn| visitor.push(&bodies[turn % 2]));
            let answers = futures_util::future::join_all(pushes).await;
            let accepted: u64 = answers.iter().filter_map(|answer| answer.body["accepted"].as_u64()).sum();
            assert!(answers.iter().all(|answer| answer.status() == "200"));
            assert_eq!(accepted, 2);
            visitor.settled().await;
        })
        .await;
        assert_eq!(database.rows("select id, version from raw.record order by 1").await, ["s1 1", "s2 1"]);
    });
}

#[test]
fn what_is_pushed_while_its_account_is_derived_is_derived_too() {
    with_database(async |database| {
        let other = database.connect().await;
        while_open(database, async |visitor| {
            // The table is held, so that deriving begins, reads what there is, and waits.
            for turn in 0..2 {
                visitor.sql.batch_execute("begin; lock table revenue.segment in access exclusive mode").await.unwrap();
                assert_eq!(visitor.push(&subscription("s1", "a1", &format!("\"{}\"", 100 + turn))).await.status(), "200");
                let begun = Instant::now();
                while other
                    .query_one("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()", &[])
                    .await
                    .unwrap()
                    .get::<_, i64>(0)
                    == 0
                {
                    assert!(begun.elapsed() < Duration::from_secs(20));
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                let last = subscription("s1", "a1", &format!("\"{}\"", 200 + turn));
                let pushing = visitor.push(&last);
                let releasing = async {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    visitor.sql.batch_execute("commit").await.unwrap();
                };
                let (pushed, ()) = tokio::join!(pushing, releasing);
                assert_eq!(pushed.status(), "200");
                visitor.settled().await;
                let amounts = "select amount::text from revenue.segment where known_until = 'infinity' and valid_until = 'infinity'";
                let amount: String = visitor.sql.query_one(amounts, &[]).await.unwrap().get(0);
                assert_eq!(amount, (200 + turn).to_string());
            }
        })
        .await;
    });
}

#[test]
fn what_an_earlier_process_left_is_derived_at_the_start() {
    with_database(async |database| {
        let items =
            mrr_connector_push::configure(format!("key = '{KEY}'").parse().unwrap(), chrono_tz::Tz::UTC).unwrap();
        let item = items.push().unwrap().read(&subscription("s1", "a1", "\"50\""), 1).unwrap().remove(0).unwrap();
        // As a process leaves it that was killed before it could answer.
        crate::engine::push(&database.store, "admin", &[&item]).await.unwrap();
        while_open(database, async |visitor| {
            visitor.until("exists (select from revenue.segment)").await;
            assert_eq!(visitor.push(&subscription("s1", "a1", "\"50\"")).await.told(), "200: unchanged s1");
        })
        .await;
    });
}

#[test]
fn what_was_forgotten_is_refused() {
    with_database(async |database| {
        let store = database.store.clone();
        while_open(database, async |visitor| {
            let account = r#"{"type":"account","id":"a1","name":"Ada"}"#;
            let metric = r#"{"type":"metric","account_id":"a1","name":"seats","value":1,"date":"2025-01-31"}"#;
            let all = format!("{account}\n{metric}\n{}", subscription("s1", "a1", "\"50\""));
            assert_eq!(visitor.push(&all).await.status(), "200");
            visitor.settled().await;
            crate::engine::forget(&store, &source(), "a1").await.unwrap();
            let answer = visitor.push(&format!("{all}\n{}", subscription("s2", "a2", "\"50\""))).await;
            assert_eq!(answer.told(), "207: refused a1, refused seats/2025-01-31/a1, refused s1, accepted s2");
            assert!(answer.body["items"][0]["message"].as_str().unwrap().contains("forgotten on request"));
        })
        .await;
        assert_eq!(database.rows("select id from raw.record").await, ["s2"]);
    });
}
