//! `cargo x bench`: figures, measured side by side in one run.

mod idle;
mod landing;
mod ledger;
mod memory;
mod metrics;
mod peers;

use clap::{Args, ValueEnum};
use mrr_tests::Outcome;

/// What to measure.
#[derive(Args)]
pub struct Options {
    /// Which benchmark
    #[arg(value_enum, default_value_t = Subject::Metrics)]
    subject: Subject,
    /// metrics: the sizes of the books, in accounts
    #[arg(long, value_delimiter = ',', default_value = "1000,100000")]
    accounts: Vec<u32>,
    /// landing, peers: how many customers the book has; subscriptions are half as many more, invoices ten
    /// times as many [default: 20000, peers: 4000]
    #[arg(long)]
    customers: Option<u32>,
    /// landing: how often everything is measured
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// idle: how many syncs without changes
    #[arg(long, default_value_t = 100)]
    syncs: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Subject {
    /// The metric functions, on books of several sizes
    Metrics,
    /// A first load and one without changes, beside what HTTP and PostgreSQL take for the same pages
    Landing,
    /// The same two loads beside other tools that load such lists, which it installs in a folder of their own
    Peers,
    /// What syncs without changes write
    Idle,
}

/// Measures and prints.
pub fn bench(options: &Options) -> Outcome<()> {
    match options.subject {
        Subject::Metrics => metrics::metrics(&options.accounts),
        Subject::Landing => landing::landing(options.customers.unwrap_or(20_000), options.rounds),
        Subject::Peers => peers::peers(options.customers.unwrap_or(4_000)),
        Subject::Idle => idle::idle(options.syncs),
    }
}
