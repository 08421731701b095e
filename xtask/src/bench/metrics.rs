//! The metric functions, on books of several sizes.

use mrr_tests::{Cluster, Outcome, Profile};

use crate::{build, setup};

/// Measures and prints.
pub fn metrics(sizes: &[u32]) -> Outcome<()> {
    let server = setup::setup()?;
    build::extension(&server, Profile::Release)?;
    let cluster = Cluster::start(&server.pg_config)?;
    println!("{:>9} {:>9}  {:<44} {:>10} {:>10}", "accounts", "segments", "question", "median ms", "best ms");
    for accounts in sizes {
        let database = cluster.create(&format!("book_{accounts}"))?;
        let book = include_str!("book.sql").replace(":accounts", &accounts.to_string());
        let segments = database.run(&format!("{}\n{book}", mrr_tests::schema()?))?;
        for (name, query) in QUESTIONS {
            let timed = include_str!("time.sql").replace(":query", &query.replace('\'', "''"));
            let printed = database.run(&timed)?;
            let (median, best) = printed.split_once('|').unwrap_or((&printed, ""));
            println!("{accounts:>9} {segments:>9}  {name:<44} {median:>10} {best:>10}");
        }
    }
    Ok(())
}

const QUESTIONS: &[(&str, &str)] = &[
    ("mrr_at, whole book", "select mrr_at('2025-06-30')"),
    ("nrr, whole book, 12 months", "select nrr('all', trailing_period('12 months', '2025-06-30'))"),
    ("mrr_movements, whole book, 12 months", "select * from mrr_movements('2024-07-01', '2025-07-01')"),
    ("counting the timelines (the floor of a scan)", "select count(*) from revenue.timeline_net"),
];
