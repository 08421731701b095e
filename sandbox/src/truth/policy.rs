//! Other ways to count, so that a product's policies have a judge too.

use clap::ValueEnum;

use crate::world::catalogue::Duration;
use crate::world::contract::{Contract, Standing};
use crate::world::subscription::PauseBehavior;

/// Which coupons reduce a rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Reducing {
    /// Those without an end, and those of several billings while they run.
    #[default]
    Running,
    /// Those without an end.
    Forever,
    /// None at all.
    None,
}

impl Reducing {
    /// Whether a coupon of such a duration reduces a rate.
    pub fn reduces(self, duration: Duration) -> bool {
        match duration {
            Duration::Once => false,
            Duration::Forever => self != Self::None,
            Duration::Months(_) => self == Self::Running,
        }
    }
}

/// What counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Which coupons reduce a rate.
    pub reducing: Reducing,
    /// Whether a trial counts.
    pub trials: bool,
    /// Whether it counts while bills are voided on purpose.
    pub paused: bool,
    /// Whether it counts while a payment is late.
    pub past_due: bool,
    /// Whether it counts once its end was asked for.
    pub ending: bool,
    /// Whether it counts once all that was paid for its last period is given back, and it ends.
    pub refunded: bool,
    /// Whether the bills for usage count.
    pub usage: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            reducing: Reducing::Running,
            trials: false,
            paused: false,
            past_due: true,
            ending: true,
            refunded: true,
            usage: false,
        }
    }
}

impl Policy {
    /// Whether a contract counts as it stands. A trial is a trial, also while bills are voided.
    pub fn counts(&self, contract: &Contract) -> bool {
        let voided = contract.collection_paused.is_some_and(|pause| pause.behavior == PauseBehavior::Void);
        let stands = match contract.standing {
            Standing::Trialing => self.trials,
            Standing::Active | Standing::PastDue if voided => self.paused,
            Standing::Active => true,
            Standing::PastDue => self.past_due,
            Standing::Incomplete | Standing::Unpaid | Standing::Paused => false,
        };
        let ending = contract.end_requested.is_some() || contract.end_planned.is_some();
        contract.in_force && stands && (self.ending || !ending)
    }
}
