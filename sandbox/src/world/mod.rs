//! The world model: a company, its customers and what they agreed, moved by a virtual clock.
//!
//! Nothing in here knows any vendor. What a billing system makes of the world is in [`crate::billing`], and how a
//! vendor's API shows that is in the vendor's own folder.

pub mod account;
pub mod catalogue;
pub mod clock;
pub mod customer;
pub mod cycle;
mod decisions;
mod habits;
mod life;
pub mod money;
pub mod rates;
pub mod subscription;

use account::Account;
use catalogue::Catalogue;
use clock::Horizon;

/// The simulated company.
#[derive(Clone, Debug)]
pub struct Company {
    /// What all its randomness comes from.
    pub seed: u64,
    /// From when to when it has lived.
    pub horizon: Horizon,
    /// What it sells.
    pub catalogue: Catalogue,
    /// Who buys, in the order of their numbers.
    pub accounts: Vec<Account>,
}

impl Company {
    /// The company that follows from a seed: the same on every machine and in every run.
    pub fn simulate(seed: u64, accounts: u32, months: u32) -> Self {
        let horizon = Horizon::of_months(months);
        let catalogue = Catalogue::of_the_company(horizon);
        let accounts = (0..accounts).map(|number| Account::live(seed, number, horizon, &catalogue)).collect();
        Self { seed, horizon, catalogue, accounts }
    }
}
