//! What no vendor's API has: the controls of the sandbox itself.

use std::sync::{Arc, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, header};

use super::events::KEPT_SECONDS;
use super::server::{Face, Present};
use crate::delivery::Postman;
use crate::face;
use crate::world::clock::Moment;

impl Face {
    pub(super) fn control(&self, request: &Request) -> Response<Body> {
        let (asked, query) = ((request.method(), request.uri().path()), request.uri().query().unwrap_or_default());
        let posted = self.postman.as_ref().map(Postman::report);
        let (status, body) = face::control(asked, posted, || self.advance(query));
        let response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
        response.body(Body::from(body.to_string())).expect("all headers are plain ASCII")
    }

    fn advance(&self, query: &str) -> Result<Moment, String> {
        let _moving = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.present().now;
        let to = face::ahead(query, now)?;
        let next = Arc::new(Present::new(&self.company, self.unreadable, to));
        *self.present.write().unwrap_or_else(PoisonError::into_inner) = next;
        if let Some(postman) = &self.postman {
            // What happened at the old now was not seen yet, and what happens at the new one is not either.
            let mut events = self.chronicle.events(now.min(to.plus_seconds(-KEPT_SECONDS)), to);
            events.retain(|event| now <= event.created);
            postman.post(&events);
        }
        Ok(to)
    }
}
