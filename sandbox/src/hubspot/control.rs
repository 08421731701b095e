//! What no vendor's API has: the controls of the sandbox itself.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, header};

use super::schema;
use super::server::Face;
use super::shelf::Shelf;
use super::webhook::batches;
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
        let before = self.shelf();
        let now = before.now;
        let to = face::ahead(query, now)?;
        let next = Arc::new(Shelf::new(&self.company, &self.crm, to));
        *self.shelf.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&next);
        if schema::day(now) != schema::day(to) {
            self.today.store(0, Ordering::Relaxed);
        }
        if let Some(postman) = &self.postman {
            postman.post(&batches(&before, &next));
        }
        Ok(to)
    }
}
