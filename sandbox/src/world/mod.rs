//! The world model: a company, its customers and what they agreed, moved by a virtual clock.
//!
//! Nothing in here knows any vendor. What a billing system makes of the world is in [`crate::billing`], and how a
//! vendor's API shows that is in the vendor's own folder.

pub mod account;
pub mod billed;
pub mod catalogue;
pub mod clock;
pub mod contract;
pub mod crm;
pub mod customer;
pub mod cycle;
mod decisions;
pub mod discount;
mod habits;
mod life;
pub mod money;
mod offers;
mod past;
pub mod rates;
pub mod schedule;
pub mod subscription;
mod tale;
pub mod tariff;
mod vectors;

use account::Account;
use catalogue::Catalogue;
use clock::Horizon;

/// What may happen in a world.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum Repertoire {
    /// Plans and add-ons, seats, coupons for ever.
    #[default]
    Plain,
    /// Besides, in more than half of the accounts, everything that a real book holds.
    Full,
    /// The worked examples and the money faults, an account each, whatever the other numbers are.
    Vectors,
}

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
        Self::simulate_with(seed, accounts, months, Repertoire::Plain)
    }

    /// The same with a choice of what may happen. An account that the full repertoire leaves alone is the account
    /// that it is in the plain world.
    pub fn simulate_with(seed: u64, accounts: u32, months: u32, repertoire: Repertoire) -> Self {
        if repertoire == Repertoire::Vectors {
            return vectors::company();
        }
        let horizon = Horizon::of_months(months);
        let plain = Catalogue::of_the_company(horizon);
        let live = |number| Account::live(seed, number, horizon, &plain);
        if repertoire == Repertoire::Plain {
            return Self { seed, horizon, accounts: (0..accounts).map(live).collect(), catalogue: plain };
        }
        let full = plain.clone().with_special_offers(horizon);
        let told = |number| tale::account(seed, number, horizon, &full).unwrap_or_else(|| live(number));
        let accounts = (0..accounts).map(told).collect();
        Self { seed, horizon, catalogue: full, accounts }
    }
}
