//! What was served, and what of it is in a database.

use std::collections::HashMap;
use std::process::Command;

use mrr_tests::{Database, Outcome, Profile, program};

/// Every record's id with its amount as text, as it was served.
pub struct Truth(HashMap<String, String>);

impl Truth {
    /// What a book of so many customers has.
    pub fn of(customers: u32, odd: Option<&str>) -> Outcome<Self> {
        let mut truth = Command::new(program("mrr-bench", Profile::Release));
        truth.args(["truth", &customers.to_string()]).args(odd.map(|total| format!("--odd={total}")));
        let output = truth.output().map_err(|error| format!("can't run mrr-bench: {error}"))?;
        Ok(Self(lines(&String::from_utf8_lossy(&output.stdout))))
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Compares it with what a query finds; says how many arrived, and what is not as it was served.
    pub fn compare(&self, database: &Database<'_>, query: &str) -> Outcome<String> {
        let found = lines(&database.run(query)?);
        let mut said = format!("{} of {}", found.keys().filter(|id| self.0.contains_key(*id)).count(), self.len());
        let mut altered: Vec<(&str, &str)> = (self.0.iter())
            .filter_map(|(id, amount)| Some((amount.as_str(), found.get(id)?.as_str())))
            .filter(|(amount, found)| amount != found)
            .collect();
        altered.sort_unstable();
        if !altered.is_empty() {
            said.push_str(&format!(", {} altered:", altered.len()));
        }
        for (amount, found) in altered.iter().take(3) {
            let found = if found.is_empty() { "null" } else { found };
            said.push_str(&format!(" {amount} is {found};"));
        }
        Ok(said.trim_end_matches(';').to_owned())
    }
}

/// Lines of an id and an amount.
fn lines(text: &str) -> HashMap<String, String> {
    text.lines().filter_map(|line| line.split_once('|')).map(|(id, amount)| (id.into(), amount.into())).collect()
}
