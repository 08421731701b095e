//! What no vendor's API has: the controls of the sandbox itself.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use axum::http::Method;
use serde_json::{Value, json};

use super::history::Event;
use super::server::Face;
use crate::world::clock::{Horizon, Moment};

impl Face {
    /// `POST /_sandbox/advance?to=UNIX` moves the clock, `GET /_sandbox/deliveries` counts what was posted.
    pub(super) fn control(&self, method: &Method, path: &str, query: &str) -> (u16, Value) {
        match (method, path) {
            (&Method::POST, "/_sandbox/advance") => self.advance(query),
            (&Method::GET, "/_sandbox/deliveries") => match &self.postman {
                Some(postman) => (200, postman.report()),
                None => (404, json!({"error": "nothing is posted without --webhook"})),
            },
            _ => {
                (404, json!({"error": "the controls are POST /_sandbox/advance?to=UNIX and GET /_sandbox/deliveries"}))
            }
        }
    }

    fn advance(&self, query: &str) -> (u16, Value) {
        let _moving = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let to = query.strip_prefix("to=").and_then(|to| to.parse().ok()).map(Moment);
        let now = self.now();
        let Some(to) = to.filter(|&to| now <= to && to <= Horizon::NOW) else {
            let error = format!("to is a second from {} to {}: the clock goes forward only", now.0, Horizon::NOW.0);
            return (400, json!({"error": error}));
        };
        self.now.store(to.0, Ordering::SeqCst);
        if let Some(postman) = &self.postman {
            let within = self.history.events.iter().filter(|event| now <= event.at && event.at < to);
            // Newest first, as every face hands them over.
            let events: Vec<Arc<Event>> = within.rev().cloned().collect();
            postman.post(&events);
        }
        (200, json!({"now": to.0.to_string()}))
    }
}
