//! What a SQL user gets for a wrong argument: a SQLSTATE, a sentence, a hint; never XX000.

use mrr_tests::{Cluster, schema};

#[test]
fn wrong_arguments_are_named() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = cluster.create("arguments").unwrap();
    let check = |query: &str, state: &str, sentence: &str| {
        let error = database.run(query).expect_err(query);
        assert!(error.contains(&format!("{state}:")), "{query}: not {state}:\n{error}");
        assert!(error.contains(sentence), "{query}: no `{sentence}` in\n{error}");
        assert!(!error.contains(".rs:") || !error.contains("XX000"), "{query}: a place in the code\n{error}");
    };
    database.run("create extension pg_mrr").unwrap();
    check("select mrr_at('2025-01-01')", "55000", "Run mrrd migrate");
    database.run("drop extension pg_mrr").unwrap();
    database.run(&schema().unwrap()).unwrap();
    database.run("insert into revenue.book (currency, time_zone) values ('EUR', 'UTC')").unwrap();
    check("select mrr_at('2025-01-01')", "55000", "Run mrrd sync");
    database
        .run(
            "update revenue.book set synced_at = now();
             insert into revenue.account (source, id, name) values ('test', 'cus_1', 'One'), ('test', 'cus_2', 'Two');
             insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, gross, net, amount, quantity, billing_interval, evidence, origin, known_since)
               select key, 's', 'i', 'Pro', case id when 'cus_1' then 'EUR' else 'USD' end, '2025-01-10', 1200000000, 1200000000, 100, 1, '1 month', 'observed', '{}', now() from revenue.account;
             select mrr_refresh(array_agg(key)) from revenue.account;
             insert into revenue.exchange_rate values ('EUR', 'USD', '2025-01-31', 1.25, 'test')",
        )
        .unwrap();

    assert_eq!(
        database.run("select mrr_at('2025-01-31'), arr_at('2025-02-07', currency => 'usd')").unwrap(),
        "180|2700"
    );
    assert_eq!(database.run("select mrr_at('2025-01-09'), nrr('all', '[2025-01-01,2025-02-01)')").unwrap(), "0|");
    check("select mrr_at('2025-02-08')", "55000", "no exchange rate from USD to EUR on 2025-02-08");
    check("select mrr_at(null)", "22023", "day must be a day, not null");
    check("select mrr_at('infinity')", "22023", "day must be a day, not infinity");
    check("select mrr_at('2025-01-31', currency => 'XYZ')", "22023", "currency \"XYZ\" is unknown");
    check("select mrr_at('2025-01-31', 'plan:Gold')", "22023", "Known: Pro.");
    check("select mrr_at('2025-01-31', null)", "22023", "cohort must not be null");
    check("select * from mrr_explain('cus_nobody', '2025-01-31')", "22023", "there is no account");
    check("select * from mrr_reconcile('nobody', '2025-01-31')", "22023", "tells no figure of its own");
    check("select * from mrr_reconcile(null, '2025-01-31')", "22023", "tells no figure of its own");
    check("select * from mrr_explain('cus_1', null)", "22023", "day must be a day");
    check("select * from mrr_movements('2025-02-01', '2025-01-01')", "22023", "has no day");
    check("select * from mrr_movements('2025-01-01', '2025-02-01', 'fortnight')", "22023", "is not a grain");
    check("select * from mrr_movements('2025-01-01', '2025-02-01', null)", "22023", "grain must not be null");
    check("select * from mrr_movements('0001-01-01', '9999-01-01', 'day')", "22023", "more than 36600 periods");
    check("select * from retention('day', '2000-01-01', '2020-01-01')", "22023", "at most 1100 periods");
    check("select * from mrr_movements(null, '2025-02-01')", "22023", "from_day must be a day");
    check("select * from mrr_series('2025-01-01', 'infinity')", "22023", "to_day must be a day");
    check("select nrr('all', 'empty'::daterange)", "22023", "period must have a first and a last day");
    check("select nrr('all', '[2025-01-01,)'::daterange)", "22023", "period must have a first and a last day");
    check("select nrr('all', trailing_period('1 hour', '2025-01-31'))", "22023", "not a number of whole days");
    check("select grr('all', trailing_period('-1 month', '2025-01-31'))", "22023", "not a number of whole days");
    check(
        "select nrr(steps, '[2025-01-11,2025-02-02)'::daterange) from revenue.timeline_net",
        "55000",
        "pass mrr_exchange(...) to an aggregate",
    );
    check("select nrr(steps, null::daterange) from revenue.timeline_net", "22023", "period must not be null");
    check(
        "select net_retention(steps, (select mrr_exchange('EUR', '{2025-02-01,2025-01-31}'))) from revenue.timeline_net",
        "22023",
        "two ascending days",
    );
    check(
        "select gross_retention(steps, (select mrr_exchange('EUR', '{2025-01-31}'))) from revenue.timeline_net",
        "22023",
        "two ascending days",
    );
    check("select timeline_agg('EUR', null, '2025-01-01', 5)", "22023", "valid_from must not be null");
    check("select * from movements_rows(null, null, null)", "22023", "must not be null");
    check("select net_retention(steps, 'x') from revenue.timeline_net", "22023", "not one that mrr_exchange made");
    check("select 'EUR yesterday 5'::mrr_timeline", "22P02", "is not a timeline");
    check("select mrr_monthly('NaN')", "22003", "out of range");
    check("select mrr_monthly(1e30)", "22003", "out of range");
}

#[test]
fn functions_answer_under_a_hostile_search_path_and_other_settings() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = cluster.create("hostile").unwrap();
    database.run(&schema().unwrap()).unwrap();
    database
        .run(
            "insert into revenue.book (currency, time_zone, synced_at) values ('EUR', 'UTC', now());
             insert into revenue.account (source, id, name) values ('test', 'cus_1', 'One');
             insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, gross, net, amount, quantity, billing_interval, evidence, origin, known_since)
               select key, 's', 'i', 'Pro', 'EUR', '2024-01-10', 1200000000, 1200000000, 100, 1, '1 month', 'observed', '{}', now() from revenue.account;
             select mrr_refresh(array_agg(key)) from revenue.account;
             create schema evil;
             create function evil.sum(numeric) returns numeric language sql as 'select 666.0';
             create table evil.book as select 'USD' as currency, null::timestamptz as synced_at;
             create view evil.account as select 1 as key",
        )
        .unwrap();
    let asked = "select public.mrr_at('2025-01-31'), public.nrr('all', trailing_period('12 months', '2025-01-31')),
                        (select count(*) from public.account_mrr('2025-01-31')), (select sum(closing) from public.mrr_movements('2025-01-01', '2025-02-01'))";
    let plain = database.run(asked).unwrap();
    assert_eq!(plain, "100|1|1|100");
    for setting in [
        "search_path = evil, public",
        "TimeZone = 'Pacific/Kiritimati'",
        "DateStyle = 'German'",
        "force_parallel_mode = on",
    ] {
        let answer =
            database.run(&format!("set {setting}; {}", asked.replace("sum(closing)", "max(closing)"))).unwrap();
        assert_eq!(answer, plain, "{setting}");
    }

    // An analyst needs no more than the README says, and gets a plain refusal with less.
    database.run("create role analyst").unwrap();
    let refused = database.run(&format!("set role analyst; {asked}")).unwrap_err();
    assert!(refused.contains("42501:"), "{refused}");
    database
        .run("grant usage on schema revenue to analyst; grant select on all tables in schema revenue to analyst")
        .unwrap();
    assert_eq!(database.run(&format!("set role analyst; {asked}")).unwrap(), plain);
}
