//! Faults on purpose: each case does one thing to the real programs that a bad day does, and then looks whether all
//! that must hold still holds. The cases are rows of [`CASES`]; `docs/reliability.md` shows how they went.

mod case;
mod content;
mod crash;
mod database;
mod deletes;
mod dialect;
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
pub use dialect::{ALL as DIALECTS, Dialect};
pub use soak::soak;

/// The day of a run, for its table.
pub fn today() -> String {
    chrono::Utc::now().format("%Y-%m-%d").to_string()
}

/// What can be tried of cases with the vendors of these names; without any, with all. What is tested elsewhere, or
/// nowhere, is a row of the first vendor's only, and what takes minutes is tried with others when they are named.
pub fn tried(cases: &[Case], vendors: &[String]) -> Vec<(Case, &'static dyn Dialect)> {
    let wanted =
        |dialect: &&&'static dyn Dialect| vendors.is_empty() || vendors.iter().any(|name| name == dialect.name());
    let mut all = Vec::new();
    for dialect in DIALECTS.iter().filter(wanted) {
        let first = dialect.name() == DIALECTS[0].name();
        let here = |case: &&Case| {
            let wanted = case.speed != Speed::Slow || !vendors.is_empty();
            first || (wanted && matches!(case.tested, Where::Here(_)) && case.suits(*dialect).is_ok())
        };
        all.extend(cases.iter().filter(here).map(|case| (*case, *dialect)));
    }
    all
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
