//! A simulated company with a virtual clock, its true recurring revenue, and the vendors' APIs as its faces.
//!
//! The direction of dependencies inside: `world` knows nothing, `truth` and `billing` read the world, a face
//! (`stripe`, `chargebee`, `hubspot`) reads world and billing. Nothing here depends on the rest of the workspace, because the sandbox is
//! what the rest is judged by.

// The largest objects have more fields than the default lets json! expand.
#![recursion_limit = "256"]

pub mod billing;
pub mod chargebee;
mod delivery;
mod face;
pub mod hubspot;
mod moments;
pub mod random;
pub mod stripe;
pub mod summary;
pub mod truth;
pub mod world;
