//! Books made from text or from a seed, and what must be true of them.

mod laws;
mod support;
mod vectors;
