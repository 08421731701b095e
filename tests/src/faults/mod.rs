//! Faults on purpose: each case does one thing to the real programs that a bad day does, and then looks whether all
//! that must hold still holds. The cases are rows of [`CASES`]; `docs/reliability.md` shows how they went.

mod case;
mod content;
mod crash;
mod database;
mod deletes;
mod fake_vendor;
mod fixture;
mod flood;
mod gate;
mod growth;
mod http;
mod invariants;
mod leaks;
mod leases;
mod ledger;
mod operations;
mod others;
mod paging;
mod quotas;
mod receiver;
mod running;
mod soak;
mod webhooks;
mod wire;

pub use case::{Case, Report, Speed, Where, run_all};
pub use soak::soak;

/// The day of a run, for its table.
pub fn today() -> String {
    chrono::Utc::now().format("%Y-%m-%d").to_string()
}

/// All of them, by subject.
pub fn cases() -> Vec<Case> {
    [
        crash::CASES,
        database::CASES,
        leases::CASES,
        paging::CASES,
        http::CASES,
        quotas::CASES,
        content::CASES,
        deletes::CASES,
        webhooks::CASES,
        operations::CASES,
        others::CASES,
    ]
    .concat()
}
