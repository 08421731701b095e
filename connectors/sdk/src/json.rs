//! JSON that keeps its text.
//!
//! Everything here is a view of the vendor's own bytes. Numbers stay the digits they were, a
//! lone surrogate or a NUL spoils only the string that it is in, and no depth of nesting
//! overflows the stack, because nothing is taken apart further than somebody asks.

mod elements;
mod node;
mod replace;

pub use node::{Node, Object, Unreadable};
pub use replace::replace;
