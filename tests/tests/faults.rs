//! What a bad day does, to the real programs: the faults that take seconds. `cargo x faults` runs them
//! by name, and with `--all` also those that take minutes.
//!
//! Run by `cargo x test`, which builds the programs and installs the extension first.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::BTreeSet;

use mrr_tests::faults::{DIALECTS, Speed, cases, run_all, tried};
use mrr_tests::{Cluster, Profile};

#[test]
fn what_must_hold_holds_whatever_happens() {
    let cluster = Cluster::of_this_machine().unwrap();
    let quick: Vec<_> = cases().into_iter().filter(|case| case.speed != Speed::Slow).collect();
    let reports = run_all(&tried(&quick, &[]), 5, &cluster, Profile::Dev, |_| {});
    let failed: Vec<String> = reports
        .iter()
        .filter_map(|report| {
            let case = report.case;
            Some(format!(
                "{} of {}, {}: {}",
                case.id,
                report.dialect.name(),
                case.injected,
                report.outcome.as_ref().err()?
            ))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} failed:\n{}", failed.len(), reports.len(), failed.join("\n"));
}

#[test]
fn each_fault_is_listed_once() {
    let mut met = BTreeSet::new();
    for case in cases() {
        assert!(met.insert(case.id), "{} is there twice", case.id);
        assert!(!case.injected.contains('|'), "{} would break the table", case.id);
    }
    for dialect in DIALECTS {
        let unknown = dialect.lacks().iter().find(|(id, _)| !met.contains(id));
        assert_eq!(unknown, None, "{} lacks what there is not", dialect.name());
    }
}
