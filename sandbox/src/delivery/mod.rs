//! Deliveries of any vendor: what happened while the clock was moved is posted to one endpoint, in the manners that a
//! receiver must be able to stand. How a letter proves where it comes from is its face's matter.

mod plan;
mod postman;

use std::sync::Arc;

pub(crate) use postman::Postman;

/// Something to be posted.
pub(crate) trait Letter: Send + Sync + 'static {
    /// Its id, from which it follows how it is treated.
    fn id(&self) -> &str;

    /// The body.
    fn body(&self) -> String;
}

/// The headers by which a body's sender proves itself, worked out for each attempt.
pub(crate) type Seal = Arc<dyn Fn(&[u8]) -> Vec<(&'static str, String)> + Send + Sync>;

/// Where letters go, and how badly.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// The endpoint.
    pub url: reqwest::Url,
    /// In any order.
    pub shuffle: bool,
    /// So many of a hundred twice.
    pub duplicates: u64,
    /// So many of a hundred never.
    pub drop: u64,
}

/// FNV-1a, which no release of anything can change: the ids of events are a promise like all others.
pub(crate) fn fold(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}
