//! What no vendor's API has: the controls of the sandbox itself.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use axum::http::Method;
use serde_json::Value;

use super::history::Event;
use super::server::Face;
use crate::delivery::Postman;
use crate::face;
use crate::world::clock::Moment;

impl Face {
    pub(super) fn control(&self, method: &Method, path: &str, query: &str) -> (u16, Value) {
        face::control((method, path), self.postman.as_ref().map(Postman::report), || self.advance(query))
    }

    fn advance(&self, query: &str) -> Result<Moment, String> {
        let _moving = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        let to = face::ahead(query, now)?;
        self.now.store(to.0, Ordering::SeqCst);
        if let Some(postman) = &self.postman {
            let within = self.history.events.iter().filter(|event| now <= event.at && event.at < to);
            // Newest first, as every face hands them over.
            let events: Vec<Arc<Event>> = within.rev().cloned().collect();
            postman.post(&events);
        }
        Ok(to)
    }
}
