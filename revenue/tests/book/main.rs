//! Books made from text or from a seed, and what must be true of them.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]
mod laws;
mod support;
mod vectors;
