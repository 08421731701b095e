//! Dashboards ask a replica: it answers everything, because nothing that is asked writes.

use std::time::{Duration, Instant};

use mrr_tests::{Cluster, Database, Oracle, schema};

/// Every view in full, and the functions that the oracle has no second opinion of.
fn answers(database: &Database<'_>) -> String {
    let views = database
        .run("select format('%I.%I', schemaname, viewname) from pg_views where schemaname = 'report' order by 1")
        .unwrap();
    assert!(views.lines().count() >= 6, "views: {views}");
    let mut script: String = views
        .lines()
        .map(|view| {
            format!("select '{view}', count(*), md5(string_agg(v::text, ',' order by v::text)) from {view} v;\n")
        })
        .collect();
    script.push_str(
        "select d from mrr_doubts('2022-01-01', '2026-01-01') d;
         select account, change, opening_mrr, closing_mrr from mrr_restatement('[2025-01-01,2025-07-01)', '2025-02-01 03:00+00');
         select count(*), sum(m.arr) from account_mrr('2024-06-30') m, mrr_explain(m.account, '2024-06-30');
         select count(*) from account_mrr('2024-06-30') m, mrr_evidence(m.account, '2024-06-30');
         select mrr_known_days(), (select count(*) from mrr_cohort('plan:Pro'))",
    );
    database.run(&script).unwrap()
}

#[test]
fn a_streaming_replica_answers_every_function_and_every_view() {
    let cluster = Cluster::of_this_machine().unwrap();
    let primary = cluster.create("replicated").unwrap();
    primary.run(&schema().unwrap()).unwrap();
    Oracle::install(&primary).unwrap().open(2).unwrap();

    let standby = cluster.replica().unwrap();
    let replica = standby.database("replicated");
    assert_eq!(replica.run("select pg_is_in_recovery()").unwrap(), "t");
    let compared = Oracle::found_in(&replica).compare(2, 1, "set jit = off", "asked, public").unwrap();
    assert_eq!(compared.differences, "");
    assert_eq!(answers(&replica), answers(&primary));

    // What a sync writes arrives.
    primary.run("update revenue.segment set net = 2 * net where known_until = 'infinity'; select mrr_refresh(array_agg(key)) from revenue.account").unwrap();
    let asked = "select arr_at('2024-06-30'), (select count(*) from mrr_check('2024-01-01', '2025-01-01'))";
    let (expected, deadline) = (primary.run(asked).unwrap(), Instant::now() + Duration::from_secs(30));
    while replica.run(asked).unwrap() != expected {
        assert!(Instant::now() < deadline, "nothing arrived at the replica");
        std::thread::sleep(Duration::from_millis(100));
    }
    let refused = replica.run("select mrr_refresh('{1}')").unwrap_err();
    assert!(refused.contains("25006:"), "{refused}");
}
