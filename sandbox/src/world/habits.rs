//! How an account tends to behave, and the hours at which people act.

use super::clock::{DAY, Moment};
use super::cycle::Interval;
use crate::random::Random;

/// Traits that an account keeps for its whole life.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// How it prefers to pay.
    pub interval: Interval,
    /// How many add-ons it starts with; 0 for an account that buys seats of a plan and nothing else.
    pub add_ons: usize,
}

impl Habits {
    /// Draws an account's habits: a quarter buys à la carte, three in a hundred buy nearly everything.
    pub fn draw(random: &mut Random) -> Self {
        let interval = if random.per_mille(650) { Interval::Month } else { Interval::Year };
        let add_ons = match random.below(1000) {
            0..40 => random.between(10, 13),
            40..280 => random.between(1, 5),
            _ => 0,
        };
        Self { interval, add_ons: add_ons as usize }
    }

    /// Whether items come and go.
    pub fn a_la_carte(&self) -> bool {
        self.add_ons > 0
    }
}

/// A second of the given UTC day. Most are anywhere; some are within a second of midnight, in UTC or in central
/// Europe, because that is where a wrong idea of "the end of the day" shows.
pub fn time_of_day(random: &mut Random, day: Moment) -> Moment {
    if random.per_mille(80) {
        let midnight = *random.one_of(&[0, 0, DAY, 79_200, 82_800]);
        return day.plus_seconds(midnight + random.between(-1, 1));
    }
    day.plus_seconds(random.between(0, DAY - 1))
}
