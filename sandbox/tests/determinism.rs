//! The same seed is the same world, wherever and however often it is asked for.

mod support;

use std::collections::BTreeSet;

use mrr_sandbox::world::Company;
use support::{Served, run};

const TRUTH: [&str; 7] = ["truth", "--months", "24", "--time-zone", "Europe/Berlin", "--format", "csv"];

fn truth(seed: &str, accounts: &str) -> String {
    run(&[&TRUTH[..], &["--seed", seed, "--accounts", accounts]].concat())
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    assert_eq!(truth("3", "80"), truth("3", "80"));
    assert_ne!(truth("3", "80"), truth("4", "80"));
    let rates = |seed| run(&["rates", "--seed", seed, "--months", "12", "--format", "csv"]);
    assert_eq!(rates("3"), rates("3"));
    assert_ne!(rates("3"), rates("4"));
    let arguments = ["--seed", "3", "--accounts", "50", "--months", "24"];
    let (one, other) = (Served::start(&arguments), Served::start(&arguments));
    for path in
        ["/v1/customers?limit=50", "/v1/invoices?limit=100&expand[]=data.discounts", "/v1/invoiceitems?limit=99"]
    {
        assert_eq!(one.get(path).to_string(), other.get(path).to_string());
    }
}

#[test]
fn an_account_does_not_depend_on_how_many_there_are() {
    let rows = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (few, many) = (rows(&truth("3", "40")), rows(&truth("3", "120")));
    assert!(few.is_subset(&many) && few.len() < many.len());
    let (few, many) = (Company::simulate(9, 5, 36), Company::simulate(9, 50, 36));
    for (a, b) in few.accounts.iter().zip(&many.accounts) {
        assert_eq!(format!("{a:?}"), format!("{b:?}"));
    }
}

#[test]
fn the_world_holds_what_it_promises() {
    let company = Company::simulate(1, 1_000, 36);
    let text = mrr_sandbox::summary::summary(&company);
    let count = |name: &str| -> usize {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("no {name} in\n{text}"))
    };
    let many_items = count("subscriptions_over_10_items");
    assert!((15..=60).contains(&many_items), "about three in a hundred: {many_items}");
    for name in [
        "accounts_without_subscription",
        "accounts_with_several_subscriptions",
        "change_end_requested",
        "change_end_withdrawn",
        "change_ended_at_once",
        "change_ended_with_period",
        "change_interval",
        "change_item_added",
        "change_item_removed",
        "change_plan",
        "change_quantity",
        "invoices_over_10_lines",
        "prorations_pending",
        "subscriptions_ending_with_period",
        "subscriptions_with_coupon",
    ] {
        assert!(count(name) >= 5, "{name}\n{text}");
    }
    let subscriptions = || company.accounts.iter().flat_map(|account| &account.subscriptions);
    let on = |wanted: &str| subscriptions().any(|s| s.started().utc().format("%m-%d %d").to_string().contains(wanted));
    for day in ["02-29", " 29", " 30", " 31"] {
        assert!(on(day), "no subscription is anchored on {day}");
    }
    let ends_and_returns_on_a_day = company.accounts.iter().any(|account| {
        account.subscriptions.windows(2).any(|two| {
            two[0].ended().is_some_and(|end| end.day_start() == two[1].started().day_start() && end < two[1].started())
        })
    });
    assert!(ends_and_returns_on_a_day);
    let concurrent = company.accounts.iter().any(|account| {
        account.subscriptions.windows(2).any(|two| two[0].ended().is_none() && two[1].ended().is_none())
    });
    assert!(concurrent);
    for s in subscriptions() {
        assert!(s.history.windows(2).all(|two| two[0].at < two[1].at), "moments increase strictly");
        assert!(s.history.iter().all(|change| change.at < company.horizon.now));
    }
}

#[test]
fn rates_are_working_days_newest_first() {
    let csv = run(&["rates", "--months", "12"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!((lines[0], lines[1].split(',').next()), ("Date,USD,", Some("2025-12-31")));
    assert_eq!(lines.last().and_then(|line| line.split(',').next()), Some("2024-12-18"));
    assert!(lines[1..].windows(2).all(|two| two[0] > two[1]));
    assert!(lines[1..].iter().all(|line| line.len() == "2025-12-31,1.0800,".len()));
}

/// The sandbox judges the rest of the workspace, so it uses nothing of it: every dependency has a name from outside.
#[test]
fn the_sandbox_depends_on_nothing_of_ours() {
    let workspace = include_str!("../../Cargo.toml");
    let ours: BTreeSet<&str> =
        workspace.lines().filter(|line| line.contains("{ path = ")).filter_map(|line| line.split(' ').next()).collect();
    assert!(ours.len() > 2, "{ours:?}");
    let mut section = "";
    for line in include_str!("../Cargo.toml").lines() {
        if line.starts_with('[') {
            section = line;
        }
        let name = line.split(['.', ' ', '=']).next().unwrap_or("");
        if section.contains("dependencies") {
            assert!(!ours.contains(name) && !line.contains("path"), "sandbox/Cargo.toml: {line}");
        }
    }
}
