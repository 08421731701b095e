//! Posting in the background, a few at a time, with the patience that Stripe has in small.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::{Client, Url, header};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};

use super::Webhook;
use super::plan::plan;
use super::sign::signature;
use crate::stripe::events::Event;

/// So many deliveries are under way at once.
const AT_ONCE: usize = 8;

/// How long to wait before each further attempt.
const PATIENCE: [Duration; 3] = [Duration::from_millis(200), Duration::from_millis(400), Duration::from_millis(800)];

/// How long a receiver has for its answer.
const TIME_OUT: Duration = Duration::from_secs(10);

/// Posts events to the endpoint.
pub(in crate::stripe) struct Postman {
    webhook: Webhook,
    seed: u64,
    outbox: mpsc::UnboundedSender<Arc<Event>>,
    round: Arc<Round>,
}

/// What every delivery needs, and what has become of them.
struct Round {
    client: Client,
    url: Url,
    secret: String,
    permits: Semaphore,
    planned: AtomicU64,
    sent: AtomicU64,
    acknowledged: AtomicU64,
    failed: AtomicU64,
}

impl Postman {
    /// Someone who posts, if there is an endpoint.
    pub fn new(webhook: &Webhook, seed: u64) -> Option<Self> {
        let (url, secret) = (webhook.webhook.clone()?, webhook.webhook_secret.clone()?);
        let client = Client::builder().timeout(TIME_OUT).no_proxy().build().ok()?;
        let count = || AtomicU64::new(0);
        let (planned, sent, acknowledged, failed) = (count(), count(), count(), count());
        let permits = Semaphore::new(AT_ONCE);
        let round = Arc::new(Round { client, url, secret, permits, planned, sent, acknowledged, failed });
        let (outbox, mut inbox) = mpsc::unbounded_channel::<Arc<Event>>();
        let walked = round.clone();
        tokio::spawn(async move {
            while let Some(event) = inbox.recv().await {
                // First attempts begin in the order of the plan.
                let Ok(permit) = walked.permits.acquire().await else { return };
                permit.forget();
                tokio::spawn(walked.clone().deliver(event));
            }
        });
        Some(Self { webhook: webhook.clone(), seed, outbox, round })
    }

    /// Takes over what is to be posted after an advance.
    pub fn post(&self, events: &[Arc<Event>]) {
        let posts = plan(&self.webhook, self.seed, events);
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
    async fn deliver(self: Arc<Self>, event: Arc<Event>) {
        let body = event.posted().into_bytes();
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

    /// Receivers compare the signature's time with their own clock, so it is the real one.
    async fn attempt(&self, body: &[u8]) -> bool {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let request = self
            .client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::USER_AGENT, "Stripe/1.0 (sandbox)")
            .header("Stripe-Signature", signature(&self.secret, time, body))
            .body(body.to_vec());
        request.send().await.is_ok_and(|answer| answer.status().is_success())
    }
}
