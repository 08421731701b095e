//! Plans for a subscription: phases that follow each other, of which some may still lie ahead.

use super::clock::Moment;
use super::subscription::Item;

/// What a subscription was planned to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// The phases without a gap, the first from the start of service.
    pub phases: Vec<Phase>,
}

/// One phase.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Phase {
    /// Its first second.
    pub from: Moment,
    /// The second after its last.
    pub to: Moment,
    /// What is charged for in it.
    pub items: Vec<Item>,
}
