//! `cargo x bench`: figures, measured side by side in one run.

use clap::{Args, ValueEnum};
use mrr_tests::{Cluster, Outcome, Profile};

use crate::{build, setup};

/// What to measure.
#[derive(Args)]
pub struct Options {
    /// Which benchmark
    #[arg(value_enum, default_value_t = Subject::Metrics)]
    subject: Subject,
    /// The sizes of the books, in accounts
    #[arg(long, value_delimiter = ',', default_value = "1000,100000")]
    accounts: Vec<u32>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Subject {
    /// The metric functions, on books of several sizes
    Metrics,
}

/// Measures and prints.
pub fn bench(options: &Options) -> Outcome<()> {
    let Subject::Metrics = options.subject;
    let server = setup::setup()?;
    build::extension(&server, Profile::Release)?;
    let cluster = Cluster::start(&server.pg_config)?;
    println!("{:>9} {:>9}  {:<44} {:>10} {:>10}", "accounts", "segments", "question", "median ms", "best ms");
    for accounts in &options.accounts {
        let database = cluster.create(&format!("book_{accounts}"))?;
        let book = include_str!("bench/book.sql").replace(":accounts", &accounts.to_string());
        let segments = database.run(&format!("{}\n{book}", mrr_tests::schema()?))?;
        for (name, query) in QUESTIONS {
            let timed = include_str!("bench/time.sql").replace(":query", &query.replace('\'', "''"));
            let printed = database.run(&timed)?;
            let (median, best) = printed.split_once('|').unwrap_or((&printed, ""));
            println!("{accounts:>9} {segments:>9}  {name:<44} {median:>10} {best:>10}");
        }
    }
    Ok(())
}

const QUESTIONS: &[(&str, &str)] = &[
    ("mrr_at, whole book", "select mrr_at('2025-06-30')"),
    ("nrr, whole book, 12 months", "select nrr('all', '12 months', '2025-06-30')"),
    ("mrr_movements, whole book, 12 months", "select * from mrr_movements('2024-07-01', '2025-07-01')"),
    ("counting the timelines (the floor of a scan)", "select count(*) from revenue.timeline_net"),
];
