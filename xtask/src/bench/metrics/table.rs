//! The table of what was measured.

use super::answer::{Answer, milliseconds};

/// The size of a book, and the names of the columns.
pub fn heading(accounts: u32, segments: &str) -> String {
    format!(
        "{:<44} {:>12} {:>10} {:>12} {:>12} {:>9} {:>9}",
        format!("{accounts} accounts, {segments} segments"),
        "pg_mrr ms",
        "best",
        "plain SQL ms",
        "DuckDB ms",
        "/ plain",
        "/ DuckDB"
    )
}

/// One question: the medians, the best of ours, and by how much ours is faster.
pub fn line(name: &str, [ours, plain, duckdb]: &[Option<Answer>; 3]) -> String {
    let median = |answer: &Option<Answer>| answer.as_ref().map_or_else(|| "-".into(), Answer::median);
    let best = match ours {
        Some(Answer::Given(given)) => milliseconds(given.best),
        _ => "-".into(),
    };
    let factor = |theirs: &Option<Answer>| match (ours, theirs) {
        (Some(Answer::Given(ours)), Some(Answer::Given(theirs))) => format!("{:.1}", theirs.median / ours.median),
        _ => "-".into(),
    };
    format!(
        "{name:<44} {:>12} {best:>10} {:>12} {:>12} {:>9} {:>9}",
        median(ours),
        median(plain),
        median(duckdb),
        factor(plain),
        factor(duckdb)
    )
}
