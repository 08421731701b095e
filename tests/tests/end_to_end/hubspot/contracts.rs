//! What was signed, on every day.

use mrr_tests::{Cluster, END, compare};

use super::{COUNTED, Portal, WORLD};

#[test]
fn contracted_revenue_is_what_was_signed() {
    let cluster = Cluster::of_this_machine().unwrap();
    // Every answer may be refused once, as it happens with others on the same limit.
    let portal = Portal::open(&cluster, "hubspot_contracts", &["--rate-limit-every=40"], COUNTED);
    portal.read("sync");
    let rates = portal.daemon.folder().path().join("rates.csv");
    let found = compare(&portal.database, &portal.truth("contracts"), &rates, &WORLD.first_day(), END).unwrap();
    assert_eq!((found.differences, found.first.as_str()), (0, ""));
    assert!(found.account_days > 50_000, "{found:?}");

    let unread = "select count(*), min(message) from ops.problem where stream = 'deals' and account is null";
    let unread = portal.rows(unread);
    assert!(unread.contains("associate the deal with its company"), "{unread}");
    assert_eq!(portal.rows("select count(*) from mrr_check(date '2023-01-01', date '2026-01-01')"), "0");
    let evidence = portal.rows("select string_agg(distinct evidence, ' ' order by evidence) from revenue.segment");
    assert_eq!(evidence, "history observed");
}

#[test]
fn what_is_signed_counts_nowhere_unless_it_is_said_to() {
    let cluster = Cluster::of_this_machine().unwrap();
    let portal = Portal::open(&cluster, "hubspot_attributes_only", &[], "");
    portal.read("sync");
    let kept = "select count(*) > 100, sum(gross), sum(net), string_agg(distinct standing, ' ') from revenue.segment";
    assert_eq!(portal.rows(kept), "t|0|0|contracted");
    assert_ne!(portal.rows("select count(*) from report.contracted where contracted_mrr > 0 and billed_mrr = 0"), "0");
}
