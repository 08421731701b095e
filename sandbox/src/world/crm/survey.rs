//! What customers answer when they are asked how likely they are to recommend the company.

use super::firm::Firm;
use crate::random::Random;
use crate::world::account::Account;
use crate::world::clock::{DAY, Horizon, Moment};

/// One answer.
#[derive(Clone, Debug)]
pub struct Survey {
    /// Its number within the firm.
    pub number: u32,
    /// Of which company; of none when whoever answered is not known.
    pub firm: Option<u32>,
    /// Whose answer it would be, for the spelling of its id.
    pub asked: u32,
    /// When it was given.
    pub at: Moment,
    /// 0 to 10.
    pub score: i64,
}

/// Customers are asked twice a year, and some answer.
pub fn ask(random: &mut Random, firm: &Firm, accounts: &[&Account], horizon: Horizon, surveys: &mut Vec<Survey>) {
    let started = accounts.iter().flat_map(|account| &account.subscriptions).map(|of| of.started()).min();
    let Some(started) = started else { return };
    let mut at = started.plus_seconds(random.between(60, 200) * DAY);
    let mut number = 0;
    while at < horizon.now {
        let (answers, score, known) = (random.per_mille(450), random.between(0, 10), !random.per_mille(80));
        if answers {
            surveys.push(Survey { number, firm: known.then_some(firm.number), asked: firm.number, at, score });
            number += 1;
        }
        at = at.plus_seconds(random.between(170, 190) * DAY);
    }
}
