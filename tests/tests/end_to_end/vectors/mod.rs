//! The worked examples of the definition and the faults that money is prone to, from Stripe's pages through `mrrd` into
//! PostgreSQL, and asked for there as a user would.
//!
//! Each case is a customer of the sandbox's company `vectors`, and the product that it buys has its name. What it must
//! come to is said here by hand; beside it every account and day is compared with the sandbox's own truth.

mod ahead;
mod broken;
mod calendar;
mod changes;
mod currencies;
mod discounts;
mod questions;
mod rates;
mod records;
mod requirements;
mod sets;
mod standing;
mod tariffs;
mod terms;

use mrr_tests::{Cluster, Outcome, World};

use crate::synced::Synced;
use questions::Questions;

/// The seconds of December 2025 up to which the company is synced again. What happens on the 8th, the 10th and the 18th
/// leaves no bill: only a sync on the day can know it.
const DECEMBER: [i64; 4] = [1_765_195_200, 1_765_375_200, 1_766_059_200, 1_767_225_600];

/// The company of the examples, synced as it stands on 1 December and then as December goes on.
fn watched<'a>(cluster: &'a Cluster, name: &str) -> Outcome<Synced<'a>> {
    let synced = Synced::migrated(cluster, name, World::VECTORS, &["--from=2025-12"])?;
    synced.daemon.run(&["sync"])?;
    for moment in DECEMBER {
        synced.company.advance(moment)?;
        synced.daemon.run(&["sync"])?;
    }
    Ok(synced)
}

/// A policy under which a contract ends with its refund.
const REFUNDS_END: &str = "insert into revenue.policy (name, refunded) values ('refunds_end', false)";

/// What is asked of the company when the year is over.
fn questions() -> Questions {
    let mut questions = Questions::default();
    for group in [
        changes::ask,
        discounts::ask,
        standing::ask,
        calendar::ask,
        currencies::ask,
        tariffs::ask,
        records::ask,
        terms::ask,
        sets::ask,
        ahead::ask,
        requirements::ask,
    ] {
        group(&mut questions);
    }
    questions
}

#[test]
fn the_worked_examples_and_the_money_faults_are_answered_as_the_definition_says() {
    let cluster = Cluster::of_this_machine().unwrap();
    let synced = watched(&cluster, "vectors").unwrap();
    let found = synced.compare().unwrap();
    assert_eq!((found.days, found.differences), (731, 0), "{}", found.first);
    assert!(found.account_days > 20_000, "only {} account-days were compared", found.account_days);
    assert_eq!(synced.database.run("select * from mrr_check('2024-01-01', '2026-01-01', 'week')").unwrap(), "");
    synced.database.run(REFUNDS_END).unwrap();
    questions().check(&synced.database);
    assert_eq!(synced.database.run("select * from ops.problem").unwrap(), "");
}

#[test]
fn one_sync_at_the_end_knows_all_but_what_left_no_trace() {
    let cluster = Cluster::of_this_machine().unwrap();
    let synced = Synced::migrated(&cluster, "once", World::VECTORS, &[]).unwrap();
    synced.daemon.run(&["sync"]).unwrap();
    // A pause between two bills that were paid.
    synced.database.run(REFUNDS_END).unwrap();
    questions().without("F3 paused for ten days").check(&synced.database);
}
