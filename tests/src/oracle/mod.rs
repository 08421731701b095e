//! The oracle: every metric a second time, in plain SQL over the facts, and books to ask both about.
//!
//! A metric is added with a function of its name in one of the SQL files here and a line in
//! [`QUESTIONS`]; a form of cohort with a branch of `oracle.having` and an entry of [`COHORTS`].

mod book;
mod dice;
mod question;

use crate::{Database, Outcome};
pub use question::QUESTIONS;
use question::calls;

/// The oracle beside the extension, in a database that has the schema.
pub struct Oracle<'a>(&'a Database<'a>);

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// How many calls were compared.
    pub calls: usize,
    /// The questions that had an answer other than nothing, 0 and null.
    pub telling: Vec<&'static str>,
    /// The calls with another answer, and the rows that differ.
    pub differences: String,
}

impl<'a> Oracle<'a> {
    /// Writes the oracle into a database that has the schema and no book yet.
    pub fn install(database: &'a Database<'a>) -> Outcome<Self> {
        for part in [
            include_str!("10-facts.sql"),
            include_str!("20-cohort.sql"),
            include_str!("30-mrr.sql"),
            include_str!("40-movements.sql"),
            include_str!("50-retention.sql"),
            include_str!("55-by.sql"),
            include_str!("60-evidence.sql"),
            include_str!("70-policy.sql"),
            include_str!("90-compare.sql"),
        ] {
            database.run(part)?;
        }
        Ok(Self(database))
    }

    /// The oracle and the book that are there already, as on a replica.
    pub fn found_in(database: &'a Database<'a>) -> Self {
        Self(database)
    }

    /// Puts the book of a seed in the place of the one that is there.
    pub fn open(&self, seed: u64) -> Outcome<()> {
        self.0.run(&book::script(seed)).map(drop)
    }

    /// What the extension alone says to each question, as a user and a session of one's own choice: a line a call.
    pub fn answers(&self, seed: u64, times: usize, session: &str) -> Outcome<String> {
        let mut script = format!("{session};\n");
        for (_, call) in calls(seed, times) {
            script.push_str(&format!(
                "select $call${call}$call$, (select jsonb_agg(a order by a::text) from unnest(oracle.answer($call${call}$call$, 'asked, public')) a);\n"
            ));
        }
        self.0.run(&script)
    }

    /// Asks each question so many times, with the arguments that a seed throws and under some
    /// settings. `path` is where the extension's functions are looked for.
    pub fn compare(&self, seed: u64, times: usize, settings: &str, path: &str) -> Outcome<Answers> {
        let mut script = format!("{settings};\n");
        let calls = calls(seed, times);
        for (place, (_, call)) in calls.iter().enumerate() {
            script.push_str(&format!(
                "select {place}, c.telling, replace(c.difference, E'\\n', E'\\r') from oracle.compare($call${call}$call$, '{path}') c;\n"
            ));
        }
        let printed = self.0.run(&script)?;
        let mut answers = Answers { calls: calls.len(), ..Answers::default() };
        let mut compared = 0;
        for line in printed.lines() {
            let mut fields = line.splitn(3, '|');
            let (Some(place), Some(telling), Some(difference)) = (fields.next(), fields.next(), fields.next()) else {
                return Err(format!("the comparison printed `{line}`"));
            };
            let (question, call) = calls.get(place.parse().unwrap_or(usize::MAX)).ok_or(line)?;
            compared += 1;
            if telling == "t" && !answers.telling.contains(question) {
                answers.telling.push(question);
            }
            if !difference.is_empty() {
                answers.differences.push_str(&format!("{call}\n{}\n", difference.replace('\r', "\n")));
            }
        }
        if compared == calls.len() {
            Ok(answers)
        } else {
            Err(format!("{compared} of {} calls were answered", calls.len()))
        }
    }
}
