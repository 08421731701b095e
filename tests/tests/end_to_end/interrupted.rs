//! A question that takes too long can be stopped, wherever it is.

use std::time::{Duration, Instant};

use mrr_tests::{Cluster, schema};

/// What ends late is a loop that does not look up: PostgreSQL itself stops at once. A second is the
/// promise, the rest is for a machine with other work.
const LATEST: Duration = Duration::from_secs(2);

/// Each takes much longer than the 300 ms that it is given.
const LONG: &[&str] = &[
    "select count(*) from mrr_movements('1950-01-01', '2050-01-01', 'day')",
    "select count(*) from mrr_movements('1950-01-01', '2050-01-01', 'day', 'plan:Pro')",
    "select count(*) from account_movement_series('1950-01-01', '2050-01-01', 'day')",
    "select count(*) from mrr_series('1950-01-01', '2050-01-01', 'day')",
    "select count(*) from mrr_series('1950-01-01', '2050-01-01', 'day', 'plan:Pro', as_of => '2025-06-01')",
    "select count(*) from mrr_check('1950-01-01', '2050-01-01', 'day')",
    "select count(nrr('all', trailing_period('12 months', d::date))) from generate_series(date '2020-01-01', '2030-01-01', '1 day') d",
    "select count(*) from generate_series(date '2020-01-01', '2030-01-01', '1 day') d, account_mrr(d::date)",
    "select length(timeline_agg('EUR', date '2000-01-01' + n % 100000, date '2001-01-01' + n % 100000, 5 + n)::bytea) from generate_series(1, 3000000) n",
    "select mrr_rebuild()",
];

#[test]
fn a_question_that_takes_too_long_stops_when_it_is_told_to() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = cluster.create("interrupted").unwrap();
    database.run(&schema().unwrap()).unwrap();
    database
        .run(
            "insert into revenue.book (currency, time_zone, synced_at, last_day) values ('EUR', 'UTC', '2025-01-01', '2025-12-31');
             insert into revenue.account (source, id, name) select 'test', 'cus_' || i, 'Account' from generate_series(1, 8000) i;
             insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, valid_until, gross, net, amount, quantity, billing_interval, evidence, origin, known_since)
               select key, 's', 'i', 'Pro', 'EUR', d, d + 90, 1200000000 + n, 1200000000 + n, 100, 1, '1 month', 'observed', '{}', '2025-01-01'
                 from revenue.account, generate_series(0, 9) n, lateral (select date '2020-01-01' + (key % 300)::integer + 90 * n as d) f;
             select mrr_refresh(array_agg(key)) from revenue.account;
             analyze",
        )
        .unwrap();
    for query in LONG {
        let asked = Instant::now();
        let error = database.run(&format!("set statement_timeout = 300; {query}")).expect_err(query);
        assert!(error.contains("57014: canceling statement due to statement timeout"), "{query}\n{error}");
        assert!(asked.elapsed() < LATEST, "{query} ended after {:?}", asked.elapsed());
    }

    // By another session, as pg_cancel_backend does it; and nothing is left half done.
    let told = std::thread::scope(|scope| {
        let query = scope.spawn(|| database.run(LONG[0]));
        let told = loop {
            let cancelled = database
                .run("select pg_cancel_backend(pid) from pg_stat_activity where query like 'select count(*) from mrr_movements%' and state = 'active'")
                .unwrap();
            if cancelled == "t" {
                break Instant::now();
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let error = query.join().unwrap().unwrap_err();
        assert!(error.contains("57014: canceling statement due to user request"), "{error}");
        told
    });
    assert!(told.elapsed() < LATEST, "it ended {:?} after it was told to", told.elapsed());
    assert_eq!(database.run("select * from mrr_check('2024-01-01', '2025-01-01')").unwrap(), "");
}
