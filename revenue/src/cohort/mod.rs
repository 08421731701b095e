//! Cohorts: which accounts a question is about, as a person writes it.
//!
//! ```text
//! cohort  = term { ("and" | ";") term }            the accounts that belong to every term
//! term    = "all" | name | dimension ":" value { "," value }    name: a cohort that an admin made
//! ```
//!
//! Names and values stand bare or in double quotes. This module reads the text and knows sets of
//! days; which names and values there are, the database knows.

mod days;
mod error;
mod labels;
mod nearest;
mod parse;
mod signup;
mod term;
mod text;

pub use days::{both, either};
pub use error::CohortError;
pub use labels::{Damaged, Labels, PackedLabels};
pub use nearest::hint;
pub use parse::{MOST_CHARACTERS, MOST_TERMS, MOST_VALUES, parse};
pub use term::{Dimension, Term};
