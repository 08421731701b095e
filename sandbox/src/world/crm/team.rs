//! Who looks after customers, and how they are handed over when somebody leaves.

use super::firm::{Firm, Property};
use super::track::Track;
use crate::world::clock::{DAY, Horizon, Moment};

/// One of the company's people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Member {
    /// Position in the team.
    pub number: usize,
    /// Given name.
    pub first: &'static str,
    /// Family name; two of them have both names in common.
    pub last: &'static str,
    /// Whether somebody else has taken over.
    pub left: bool,
}

/// The one who leaves, and those who take over.
const LEAVES: usize = 2;
const TAKE_OVER: [usize; 2] = [0, 4];

/// The team.
pub fn team() -> Vec<Member> {
    let names =
        [("Ada", "Berg"), ("Ben", "Cohen"), ("Cleo", "Dahl"), ("Dan", "Evans"), ("Eva", "Falk"), ("Ada", "Berg")];
    let member = |(number, (first, last))| Member { number, first, last, left: number == LEAVES };
    names.into_iter().enumerate().map(member).collect()
}

/// Somebody leaves half a year before the end, and all that she had is handed over in one second.
pub fn hand_over(firms: &mut [Firm], horizon: Horizon) {
    let at = Moment(horizon.now.0 - 184 * DAY + 36_000);
    for firm in firms.iter_mut().filter(|firm| firm.is_there(at)) {
        let Some(owner) = firm.tracks.get_mut(&Property::Owner) else { continue };
        let holds = owner.before(at.plus_seconds(1)) == Some(&LEAVES.to_string());
        let next = TAKE_OVER[firm.number as usize % TAKE_OVER.len()].to_string();
        let mut handed = Track::default();
        let steps = owner.steps().iter().cloned();
        if holds {
            steps.clone().filter(|(when, _)| *when < at).for_each(|(when, value)| handed.set(when, value));
            handed.set(at, Some(next.clone()));
        } else {
            steps.clone().filter(|(when, _)| *when < at).for_each(|(when, value)| handed.set(when, value));
        }
        // Whoever would have got it from her later gets it from who took over.
        for (when, value) in steps.filter(|(when, _)| *when >= at) {
            let hers = value.as_deref() == Some(&LEAVES.to_string());
            handed.set(when, if hers { Some(next.clone()) } else { value });
        }
        *owner = handed;
    }
}
