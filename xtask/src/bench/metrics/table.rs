//! The table of what was measured.

use super::answer::Answer;

/// The size of a book, and the names of the columns.
pub fn heading(accounts: u32, segments: &str) -> String {
    let size = format!("{accounts} accounts, {segments} segments");
    row(&size, ["pg_mrr ms", "plain SQL ms", "DuckDB ms", "plain /", "DuckDB /"].map(String::from))
}

/// One question: median and best of each, and how many times our median the others' are.
pub fn line(name: &str, answers: &[Option<Answer>; 3]) -> String {
    let [ours, plain, duckdb] =
        answers.each_ref().map(|answer| answer.as_ref().map_or_else(|| "-".into(), Answer::times));
    let factor = |place: usize| match (&answers[0], &answers[place]) {
        (Some(Answer::Given(ours)), Some(Answer::Given(theirs))) => format!("{:.1}", theirs.median / ours.median),
        _ => "-".into(),
    };
    row(name, [ours, plain, duckdb, factor(1), factor(2)])
}

fn row(name: &str, [ours, plain, duckdb, plain_factor, duckdb_factor]: [String; 5]) -> String {
    format!("{name:<44} {ours:>17} {plain:>17} {duckdb:>17} {plain_factor:>8} {duckdb_factor:>8}")
}
