//! What every case asserts. The truth is what the vendor has; the product is never asked about it.

use super::dialect::Dialect;
use crate::{Database, Outcome};

/// Texts that may be in no log, no table of operations and no command line.
pub const CANARIES: [&str; 5] = ["sk_test_sandbox", "whsec_canary", "canary_push_key", "canary-pii", "canary_password"];

/// The longest message that an operator is asked to read.
const LONGEST: usize = 2_048;

/// I1, I2, I3, I5, I6, I10: what the tables hold, after `oracle.record` was written.
pub fn tables(database: &Database<'_>, source: &str) -> Outcome<()> {
    none(database.run(&include_str!("invariants.sql").replace(":source", &format!("'{source}'")))?)
}

/// I4: no cursor is ahead of its data. May be asked at any moment.
pub fn cursors(database: &Database<'_>, dialect: &dyn Dialect) -> Outcome<()> {
    let script = include_str!("cursor.sql").replace(":source", &format!("'{}'", dialect.name()));
    none(database.run(&script.replace(":ahead", dialect.ahead()))?)
}

/// I8: nothing that was planted has come through.
pub fn canaries(database: &Database<'_>, printed: &str) -> Outcome<()> {
    let stored = database.run(
        "select r::text from ops.run r union all select p::text from ops.problem p
         union all select w::text from ops.walk w union all select l::text from ops.lease l
         union all select g::text from ops.gap g union all select s::text from ops.source s
         union all select h::text from ops.hint h
         union all select query from pg_stat_activity where application_name = 'mrrd'",
    )?;
    for canary in CANARIES {
        for (place, text) in [("what mrrd printed", printed), ("schema ops or pg_stat_activity", &stored)] {
            if let Some(line) = text.lines().find(|line| line.contains(canary)) {
                return Err(format!("I8: {place} has `{canary}`: {line:.300}"));
            }
        }
    }
    Ok(())
}

/// I7: the newest run's error has all of these words, is short enough to be read, and was also
/// printed.
pub fn message(database: &Database<'_>, printed: &str, words: &[&str]) -> Outcome<()> {
    let stored = database.run("select error from ops.run where error is not null order by run_id desc limit 1")?;
    for (place, text) in [("ops.run.error", stored.as_str()), ("what mrrd printed", printed)] {
        let found = text.lines().any(|line| words.iter().all(|word| line.contains(word)));
        if !found {
            return Err(format!("I7: {place} has no line with all of {words:?}: {text:.600}"));
        }
    }
    if stored.len() > LONGEST { Err(format!("I7: the message has {} bytes", stored.len())) } else { Ok(()) }
}

fn none(found: String) -> Outcome<()> {
    if found.is_empty() {
        return Ok(());
    }
    let count = found.lines().count();
    let first: Vec<&str> = found.lines().take(3).collect();
    Err(format!("{count} violations: {}", first.join("; ")))
}
