//! What no vendor's API has: the clock of the sandbox.

use std::sync::{Arc, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, Response, header};
use serde_json::{Value, json};

use super::server::Face;
use super::shelf::Shelf;
use crate::world::clock::{Horizon, Moment};

impl Face {
    /// `POST /_sandbox/advance?to=UNIX` moves virtual now forward, without a token.
    pub(super) fn control(&self, request: &Request) -> Response<Body> {
        let (status, body) = match (request.method(), request.uri().path()) {
            (&Method::POST, "/_sandbox/advance") => self.advance(request.uri().query().unwrap_or_default()),
            _ => (404, json!({"error": "the control is POST /_sandbox/advance?to=UNIX"})),
        };
        let response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
        response.body(Body::from(body.to_string())).expect("all headers are plain ASCII")
    }

    fn advance(&self, query: &str) -> (u16, Value) {
        let now = self.shelf().now;
        let to = query.strip_prefix("to=").and_then(|to| to.parse().ok()).map(Moment);
        let Some(to) = to.filter(|&to| now <= to && to <= Horizon::NOW) else {
            let error = format!("to is a second from {} to {}: the clock goes forward only", now.0, Horizon::NOW.0);
            return (400, json!({"error": error}));
        };
        let next = Arc::new(Shelf::new(&self.company, &self.crm, to));
        *self.shelf.write().unwrap_or_else(PoisonError::into_inner) = next;
        (200, json!({"now": to.0.to_string()}))
    }
}
