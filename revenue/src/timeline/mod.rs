//! One packed step function per account: on which days its annual run rate changed, to what.

mod build;
mod packed;
mod text;

pub use build::TimelineBuilder;
pub use packed::{Steps, Timeline, TimelineError};
pub use text::{TimelineTextError, parse};
