//! What the end-to-end tests, the demo and the benchmarks share: a private PostgreSQL, the
//! sandbox company and the real daemon as processes, and the comparison of every account on every
//! day with the truth.
//!
//! Nothing here computes a number; PostgreSQL and the sandbox do.

mod agreement;
mod cluster;
mod company;
mod comparison;
mod daemon;
pub mod faults;
mod folder;
mod oracle;
mod pages;
mod programs;
mod schema;
mod vendor;
mod ways;

pub use agreement::Agreement;
pub use cluster::{Cluster, Database};
pub use company::{Company, END, Repertoire, World, configuration, configuration_of};
pub use comparison::{Comparison, compare};
pub use daemon::{Daemon, Finished};

pub use folder::Folder;
pub use oracle::{Answers, Oracle, QUESTIONS};
pub use pages::Pages;
pub use programs::{Profile, program, workspace};
pub use schema::schema;
pub use vendor::Vendor;
pub use ways::{Learnt, Way, follow_under};

/// What went wrong, in a sentence.
pub type Outcome<T> = Result<T, String>;
