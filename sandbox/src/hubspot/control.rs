//! What no vendor's API has: the controls of the sandbox itself.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, Response, header};
use serde_json::{Value, json};

use super::schema;
use super::server::Face;
use super::shelf::Shelf;
use super::webhook::batches;
use crate::world::clock::{Horizon, Moment};

impl Face {
    /// Without a token: `POST /_sandbox/advance?to=UNIX` moves the clock, `GET /_sandbox/deliveries` counts what was
    /// posted.
    pub(super) fn control(&self, request: &Request) -> Response<Body> {
        let (status, body) = match (request.method(), request.uri().path()) {
            (&Method::POST, "/_sandbox/advance") => self.advance(request.uri().query().unwrap_or_default()),
            (&Method::GET, "/_sandbox/deliveries") => match &self.postman {
                Some(postman) => (200, postman.report()),
                None => (404, json!({"error": "nothing is posted without --webhook"})),
            },
            _ => {
                let known = "POST /_sandbox/advance?to=UNIX and GET /_sandbox/deliveries";
                (404, json!({"error": format!("the controls are {known}")}))
            }
        };
        let response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
        response.body(Body::from(body.to_string())).expect("all headers are plain ASCII")
    }

    fn advance(&self, query: &str) -> (u16, Value) {
        let _moving = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.shelf();
        let now = before.now;
        let to = query.strip_prefix("to=").and_then(|to| to.parse().ok()).map(Moment);
        let Some(to) = to.filter(|&to| now <= to && to <= Horizon::NOW) else {
            let error = format!("to is a second from {} to {}: the clock goes forward only", now.0, Horizon::NOW.0);
            return (400, json!({"error": error}));
        };
        let next = Arc::new(Shelf::new(&self.company, &self.crm, to));
        *self.shelf.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&next);
        if schema::day(now) != schema::day(to) {
            self.today.store(0, Ordering::Relaxed);
        }
        if let Some(postman) = &self.postman {
            postman.post(&batches(&before, &next));
        }
        (200, json!({"now": to.0.to_string()}))
    }
}
