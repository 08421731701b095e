//! What recurring revenue means: the one definition of money, calendar, charge normalisation,
//! segments, timelines and movements.
//!
//! Nothing here reads a clock, a file, a socket or a table, and no amount ever passes through a
//! binary float. The daemon and the PostgreSQL extension both call this crate; neither computes
//! a number in a second way.
//!
//! The direction of the data is the direction of the modules:
//! [`fact`] (what a source says) → [`segment`] (a charge in force on days, at an annual run
//! rate) → [`timeline`] (one step function an account) → [`metric`] (sums, movements, ratios).
//! Beside it stands [`cohort`]: whose data a question is about.

#![deny(missing_docs)]

pub mod calendar;
pub mod cohort;
pub mod fact;
pub mod metric;
pub mod money;
pub mod pricing;
pub mod segment;
pub mod timeline;
