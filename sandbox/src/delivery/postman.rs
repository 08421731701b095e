//! Posting in the background, a few at a time, with the patience that vendors have in small.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Client, header};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};

use super::plan::plan;
use super::{Letter, Route, Seal};

/// So many deliveries are under way at once.
const AT_ONCE: usize = 8;

/// How long to wait before each further attempt.
const PATIENCE: [Duration; 3] = [Duration::from_millis(200), Duration::from_millis(400), Duration::from_millis(800)];

/// How long a receiver has for its answer.
const TIME_OUT: Duration = Duration::from_secs(10);

/// Posts events to the endpoint.
pub(crate) struct Postman<L> {
    route: Route,
    seed: u64,
    outbox: mpsc::UnboundedSender<Arc<L>>,
    round: Arc<Round>,
}

/// What every delivery needs, and what has become of them.
struct Round {
    client: Client,
    url: reqwest::Url,
    seal: Seal,
    sender: &'static str,
    permits: Semaphore,
    planned: AtomicU64,
    sent: AtomicU64,
    acknowledged: AtomicU64,
    failed: AtomicU64,
}

impl<L: Letter> Postman<L> {
    /// Someone who posts in the name of `sender`, a user agent.
    pub fn new(route: Route, seal: Seal, sender: &'static str, seed: u64) -> Option<Self> {
        let url = route.url.clone();
        let client = Client::builder().timeout(TIME_OUT).no_proxy().build().ok()?;
        let count = || AtomicU64::new(0);
        let (planned, sent, acknowledged, failed) = (count(), count(), count(), count());
        let permits = Semaphore::new(AT_ONCE);
        let round = Arc::new(Round { client, url, seal, sender, permits, planned, sent, acknowledged, failed });
        let (outbox, mut inbox) = mpsc::unbounded_channel::<Arc<L>>();
        let walked = round.clone();
        tokio::spawn(async move {
            while let Some(event) = inbox.recv().await {
                // First attempts begin in the order of the plan.
                let Ok(permit) = walked.permits.acquire().await else { return };
                permit.forget();
                tokio::spawn(walked.clone().deliver(event));
            }
        });
        Some(Self { route, seed, outbox, round })
    }

    /// Takes over what is to be posted after an advance.
    pub fn post(&self, events: &[Arc<L>]) {
        let posts = plan(&self.route, self.seed, events);
        self.round.planned.fetch_add(posts.len() as u64, Ordering::SeqCst);
        for event in posts {
            // The receiver lives as long as the server does.
            let _ = self.outbox.send(event);
        }
    }

    /// `GET /_sandbox/deliveries`.
    pub fn report(&self) -> Value {
        let read = |count: &AtomicU64| count.load(Ordering::SeqCst);
        // What is over is read before what was planned, so that nothing pending is ever missed.
        let (acknowledged, failed) = (read(&self.round.acknowledged), read(&self.round.failed));
        let pending = read(&self.round.planned) - acknowledged - failed;
        json!({"sent": read(&self.round.sent), "acknowledged": acknowledged, "failed": failed, "pending": pending})
    }
}

impl Round {
    /// Posts one event until it is acknowledged or given up. The permit for the first attempt is held already.
    async fn deliver<L: Letter>(self: Arc<Self>, event: Arc<L>) {
        let body = event.body().into_bytes();
        self.sent.fetch_add(1, Ordering::SeqCst);
        let mut acknowledged = self.attempt(&body).await;
        self.permits.add_permits(1);
        for pause in PATIENCE {
            if acknowledged {
                break;
            }
            tokio::time::sleep(pause).await;
            let Ok(_permit) = self.permits.acquire().await else { break };
            acknowledged = self.attempt(&body).await;
        }
        let counter = if acknowledged { &self.acknowledged } else { &self.failed };
        counter.fetch_add(1, Ordering::SeqCst);
    }

    async fn attempt(&self, body: &[u8]) -> bool {
        let request = self
            .client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::USER_AGENT, self.sender)
            .body(body.to_vec());
        let request = (self.seal)(body).into_iter().fold(request, |request, (name, proof)| request.header(name, proof));
        request.send().await.is_ok_and(|answer| answer.status().is_success())
    }
}
