//! What whoever watches is told.

use std::time::{Duration, Instant};

use mrr_connector_sdk::SourceError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::database::{source, with_database};
use super::fake::{Fake, Trouble};
use crate::scheduler;
use crate::stop::Stop;

/// Status and body.
async fn get(port: u16, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(!answer.contains("canary"), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap_or_default().to_owned(), body.to_owned())
}

#[test]
fn a_source_that_is_broken_shows_and_takes_nobody_along() {
    with_database(async |database| {
        let (well, broken) = (Fake::new(), Fake::new());
        well.price("p1", "10").customer("c1", "Ada").subscription("s1", "c1", "p1", "2025-01-01");
        let error = SourceError::Unauthorized { at: "fake".into(), message: "no".into() };
        broken.trouble("prices", Some(Trouble::Fails(0, error)));
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        database.config.hooks = Some(([127, 0, 0, 1], port).into());
        let never = Some("0 0 0 1 1 *");
        database.config.sources = vec![source("broken", &broken, never), source("well", &well, never)];
        let (switch, stop) = Stop::switch();
        let visiting = async {
            let begun = Instant::now();
            let ended = "select count(*) from ops.run where status in ('ok', 'failed')";
            while database.rows(ended).await != ["2"] {
                assert!(begun.elapsed() < Duration::from_secs(30));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            // What was seen before may be told for a moment.
            tokio::time::sleep(Duration::from_millis(1_200)).await;
            assert_eq!(get(port, "/livez").await, ("200".into(), "ok\n".into()));
            let (status, body) = get(port, "/readyz").await;
            assert_eq!(status, "200");
            let told: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!((&told["ready"], &told["database"]), (&true.into(), &"ok".into()));
            let state =
                |index: usize| (told["sources"][index]["name"].as_str(), told["sources"][index]["state"].as_str());
            assert_eq!((state(0), state(1)), ((Some("broken"), Some("degraded")), (Some("well"), Some("ok"))));
            let reason = told["sources"][0]["reason"].as_str().unwrap();
            assert!(reason.contains("run `mrrd sync broken`"), "{reason}");

            let (status, text) = get(port, "/metrics").await;
            assert_eq!(status, "200");
            for line in [
                "mrrd_ready 1",
                "mrrd_source_degraded{source=\"broken\"} 1",
                "mrrd_source_degraded{source=\"well\"} 0",
                "mrrd_source_stalled{source=\"well\"} 0",
                "mrrd_runs_total{source=\"broken\",kind=\"sync\",status=\"failed\"} 1",
                "mrrd_runs_total{source=\"well\",kind=\"sync\",status=\"ok\"} 1",
                "mrrd_records_total{source=\"well\",outcome=\"inserted\"} 3",
                "mrrd_run_duration_seconds_count{source=\"well\",kind=\"sync\"} 1",
                "mrrd_problems{source=\"well\"} 0",
                "mrrd_hints_waiting{source=\"well\"} 0",
                "mrrd_answers_total{endpoint=\"livez\",status=\"200\"} 1",
                "mrrd_rate_limit_waits_total{source=\"well\"} 0",
                concat!("mrrd_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
                "# EOF",
            ] {
                assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
            }
            assert!(text.contains("mrrd_last_success_age_seconds{source=\"well\",kind=\"sync\"} "), "{text}");
            assert!(!text.contains("mrrd_last_success_age_seconds{source=\"broken\""), "{text}");
            assert_eq!(text.matches("# EOF").count(), 1);
            switch.send(true).unwrap();
        };
        let (ended, ()) =
            tokio::join!(scheduler::run(&database.store, &database.config, &stop, Default::default()), visiting);
        ended.unwrap();
    });
}
