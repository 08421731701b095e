//! Every account and the whole book on every day, the movements of every month and the retention
//! over every twelve, against the truth.

use std::path::Path;

use crate::{Database, Outcome};

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// How many days were compared.
    pub days: u64,
    /// How many pairs of account and day had an amount on either side.
    pub account_days: u64,
    /// How many of them differ, plus the days on which the whole book does and the months whose
    /// movements or retention do.
    pub differences: u64,
    /// The first of them, one a line.
    pub first: String,
}

/// Compares the database's functions with the truth, exactly, from `from_day` up to `to_day`.
///
/// Accounts are compared by `account_mrr` in their own currency, net and gross; the book by
/// `arr_at` in the book's currency, with the truth converted here by the rates' own file;
/// movements, NRR and GRR with a classification written out in plain SQL over the truth.
pub fn compare(
    database: &Database<'_>,
    truth: &Path,
    rates: &Path,
    from_day: &str,
    to_day: &str,
) -> Outcome<Comparison> {
    let script = include_str!("comparison.sql")
        .replace(":truth_file", &quoted(truth))
        .replace(":rates_file", &quoted(rates))
        .replace(":rates_columns", &columns(rates)?)
        .replace(":from_day", &format!("date '{from_day}'"))
        .replace(":to_day", &format!("date '{to_day}'"));
    let printed = database.run(&script)?;
    let (counts, first) = printed.split_once('\n').unwrap_or((&printed, ""));
    let counts: Vec<u64> = counts.split('|').filter_map(|count| count.parse().ok()).collect();
    match counts[..] {
        [days, account_days, differences] => Ok(Comparison { days, account_days, differences, first: first.into() }),
        _ => Err(format!("the comparison printed `{printed}`")),
    }
}

/// The columns of a rates file but for the first, which is the day.
fn columns(rates: &Path) -> Outcome<String> {
    let text = std::fs::read_to_string(rates).map_err(|error| format!("can't read {}: {error}", rates.display()))?;
    let codes = text.lines().next().unwrap_or_default().split(',').skip(1).filter(|code| !code.is_empty());
    Ok(codes.map(|code| format!("\"{code}\" numeric")).collect::<Vec<_>>().join(", "))
}

/// A path as psql's \copy takes it.
pub(crate) fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "''"))
}
