//! How PostgreSQL runs the questions.

use mrr_tests::{Cluster, schema};

#[test]
fn a_ratio_over_the_book_is_a_parallel_partial_aggregate() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = cluster.create("plan").unwrap();
    database.run(&schema().unwrap()).unwrap();
    database
        .run(
            "insert into revenue.book (currency, time_zone, synced_at) values ('EUR', 'UTC', now());
             insert into revenue.account (source, id, name) select 'test', 'cus_' || i, 'Account ' || i from generate_series(1, 120000) i;
             insert into revenue.timeline (measure, account_key, steps)
               select 'net', key, ('EUR 2024-01-01 1200, 2024-05-05 1500, 2024-09-09 900, 2025-02-02 2400, 2025-07-07 ' || key % 2 * 1200)::mrr_timeline
                 from revenue.account;
             analyze revenue.timeline_net",
        )
        .unwrap();
    let explained = database
        .run("explain (costs off) select nrr(steps, '[2024-07-01,2025-07-01)'::daterange) from revenue.timeline_net")
        .unwrap();
    for part in ["Finalize Aggregate", "Gather", "Partial Aggregate", "Parallel Seq Scan"] {
        assert!(explained.contains(part), "no {part} in\n{explained}");
    }
    // Row-level security adds nothing to the plan of whoever sees every account, and keeps a manager's parallel.
    let as_role = |role: &str| {
        let ask =
            "explain (costs off) select nrr(steps, '[2024-07-01,2025-07-01)'::daterange) from revenue.timeline_net";
        database.run(&format!("set role {role}; {ask}")).unwrap()
    };
    database.run(include_str!("../../../sql/roles.sql")).unwrap();
    assert_eq!(as_role("mrr_reader"), explained);
    let own = as_role("mrr_own_reader");
    assert!(own.contains("Partial Aggregate") && own.contains("hashed SubPlan"), "{own}");

    // What a function runs inside shows only in the server's log.
    database
        .run(
            "load 'auto_explain';
             set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
             select nrr('all', trailing_period('12 months', '2025-06-30'))",
        )
        .unwrap();
    let log = cluster.log().unwrap();
    let nested = log.split("Query Text:").find(|part| part.contains("net_retention(t.steps")).unwrap_or_default();
    assert!(nested.contains("Partial Aggregate"), "nrr() does not run in parallel:\n{nested}");

    // The same numbers, in parallel or not, and by the function as by the aggregate.
    let answers = database
        .run(
            "select nrr('all', trailing_period('12 months', '2025-06-30'));
             select nrr(steps, '[2024-07-01,2025-07-01)'::daterange) from revenue.timeline_net;
             set max_parallel_workers_per_gather = 0;
             select nrr(steps, '[2024-07-01,2025-07-01)'::daterange) from revenue.timeline_net",
        )
        .unwrap();
    assert_eq!(answers, "1.6\n1.6\n1.6");
}

#[test]
fn a_rate_is_found_by_an_index_however_long_the_history_is() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = cluster.create("rates").unwrap();
    database.run(&schema().unwrap()).unwrap();
    database
        .run(
            "insert into revenue.exchange_rate (base, quote, day, rate, source)
               select 'EUR', 'A' || chr(65 + i / 5) || chr(65 + i % 5), day, 1.25, 'ECB'
                 from generate_series(0, 24) i, generate_series(date '2005-01-03', '2025-12-31', '1 day') day
                where extract(isodow from day) < 6;
             analyze revenue.exchange_rate",
        )
        .unwrap();
    let read = database
        .run(
            "begin;
             select mrr_rate('AAB', 'EUR', '2025-12-28'), mrr_rate('EUR', 'AAB', '2025-12-28'), mrr_rate('AAB', 'AEE', '2025-12-28'),
                    mrr_rate('QQQ', 'EUR', '2025-12-28');
             select seq_tup_read, idx_tup_fetch < 100 from pg_stat_xact_user_tables where relname = 'exchange_rate';
             commit",
        )
        .unwrap();
    assert_eq!(read, "0.800000000000|1.250000000000|1.000000000000|\n0|t");
}
