//! The extension against the oracle: the same answers to the last digit, on books made from seeds.
//! `MRR_ORACLE_SEEDS=100` asks about more of them.

use mrr_tests::{Cluster, Database, Oracle, QUESTIONS, schema};

/// How many books a plain run asks about.
const SEEDS: u64 = 5;

/// Where the extension's functions are, and those of the tests that put its aggregates to use.
const PATH: &str = "asked, public";

/// Books as small as these don't gain from compiled queries.
const PLAIN: &str = "set jit = off";

fn with_schema<'a>(cluster: &'a Cluster, name: &str) -> Database<'a> {
    let database = cluster.create(name).unwrap();
    database.run(&schema().unwrap()).unwrap();
    database
}

#[test]
fn every_function_says_what_plain_sql_says() {
    let seeds = std::env::var("MRR_ORACLE_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SEEDS);
    let cluster = Cluster::of_this_machine().unwrap();
    let database = with_schema(&cluster, "oracle");
    let oracle = Oracle::install(&database).unwrap();
    let mut telling = Vec::new();
    for seed in 1..=seeds {
        oracle.open(seed).unwrap();
        let answers = oracle.compare(seed, 6, PLAIN, PATH).unwrap();
        assert_eq!(answers.differences, "", "seed {seed}");
        telling.extend(answers.telling);
    }
    for question in QUESTIONS.iter().filter(|question| !question.starts_with("mrr_check")) {
        assert!(telling.contains(question), "nothing but zeros was ever expected of {question}");
    }

    // A comparison that finds nothing must be one that could: on one book, however many were asked about.
    oracle.open(SEEDS).unwrap();
    database.run("update revenue.segment set net = net + 1 where known_until = 'infinity' and standing in ('active', 'past_due') and not usage").unwrap();
    let differences = oracle.compare(SEEDS, 12, PLAIN, PATH).unwrap().differences;
    for question in ["mrr_at", "mrr_movements", "account_movements", "nrr", "mrr_series", "mrr_check"] {
        assert!(differences.contains(&format!("{question}(")), "a millionth too much was not noticed by {question}");
    }

    // And the oracle needs nothing of what it judges.
    database.run("drop schema asked cascade; drop extension pg_mrr cascade").unwrap();
    database
        .run("select count(*) from oracle.mrr_movements('2024-01-01', '2025-01-01', 'month', 'plan:Pro', null, null)")
        .unwrap();
    database.run("select oracle.ltv('2025-01-01', 1, 'all', null, null), oracle.cmrr_at('2025-01-01', '1 year', 'all', null, null)").unwrap();
}

/// Figures of a source's own that are nearly ours, far off, nothing, or of what is not there, under all rules.
const FIGURES: &str = "
    delete from revenue.attribute where name = 'vendor_mrr';
    insert into revenue.attribute (account_key, name, value, valid_from, valid_until, known_since)
    select a.key, 'vendor_mrr',
           (select string_agg(f.figure || ' ' || f.currency || case (a.key + n) % 5
                      when 0 then '' when 1 then ' (items to 0.01, limited discounts monthly)' when 2 then ' (limited discounts never)'
                      when 3 then ' (items to 1)' else ' (items to 0.01, limited discounts never)' end, '; ')
              from (select s.currency, case (a.key * 3 + n) % 6 when 0 then 0 when 1 then round(sum(s.net) / 12000000 + 7.77, 2)
                                       when 2 then round(sum(coalesce(s.net_forever, s.net)) / 12000000, 2)
                                       else round(sum(s.net) / 12000000, 2) end as figure
                      from revenue.segment s where s.account_key = a.key and s.known_until = 'infinity'
                       and s.valid_from <= d.day and d.day < s.valid_until group by s.currency
                    union all select 'CHF', 12.5 where (a.key + n) % 4 = 0) f),
           d.day, d.day + 40, '2026-01-01'
      from revenue.account a
     cross join lateral (select n, date '2023-01-10' + (n * 83)::integer as day from generate_series(0, 12) n) d
     where a.source = 'chargebee' and exists (select from revenue.segment s where s.account_key = a.key and s.known_until = 'infinity'
                                                 and s.valid_from <= d.day and d.day < s.valid_until)";

#[test]
fn differences_from_a_sources_own_figure_add_up_whatever_the_book() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = with_schema(&cluster, "reconciled_books");
    let oracle = Oracle::install(&database).unwrap();
    let rows = "with days as (select date '2023-01-10' + n * 11 as day from generate_series(0, 99) n),
        rows as (select d.day, r.* from days d cross join lateral mrr_reconcile('chargebee', d.day) r),
        ours as (select d.day, m.account, m.currency_code, m.mrr from days d cross join lateral account_mrr(d.day, 'all', 'own') m
                  where m.source = 'chargebee')";
    let mut rules = std::collections::BTreeSet::new();
    for seed in 1..=SEEDS {
        oracle.open(seed).unwrap();
        // What a limited discount takes off depends on how often is billed, of which the book has one way only.
        database.run(&format!("update revenue.segment set billing_interval = (array['1 month', '1 year', '3 months', '2 weeks'])[1 + segment_id % 4]; {FIGURES}")).unwrap();
        let wrong = "select day, account, currency_code, max(theirs) - max(ours), sum(difference) from rows
                      group by day, account, currency_code having sum(difference) <> max(theirs) - max(ours) limit 5";
        assert_eq!(database.run(&format!("{rows} {wrong}")).unwrap(), "", "seed {seed}");
        let others =
            "select * from rows join ours using (day, account, currency_code) where ours.mrr <> rows.ours limit 5";
        assert_eq!(database.run(&format!("{rows} {others}")).unwrap(), "", "seed {seed}: ours is account_mrr");
        let found = database.run(&format!("{rows} select distinct rule from rows")).unwrap();
        rules.extend(found.lines().map(str::to_owned));
    }
    let all = ["limited discounts", "not counted here", "not counted there", "other", "rounding"];
    assert_eq!(rules.iter().map(String::as_str).collect::<Vec<_>>(), all);
    // It is nothing to ask by.
    for asked in ["mrr_at('2025-01-31', 'vendor_mrr:0 EUR')", "mrr_by('vendor_mrr', '2025-01-31')"] {
        let refused = database.run(&format!("select {asked}")).unwrap_err();
        let hint = refused.lines().find(|line| line.starts_with("HINT")).unwrap_or_default();
        assert!(refused.contains("vendor_mrr") && !hint.contains("vendor_mrr"), "{refused}");
    }
}

/// What a session may have set, and what must make no difference.
const SETTINGS: &[(&str, &str)] = &[
    (
        "every plan in a worker",
        "set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; set min_parallel_index_scan_size = 0;
         do $$ begin perform set_config(name, 'on', false) from pg_settings where name in ('force_parallel_mode', 'debug_parallel_query'); end $$",
    ),
    (
        "parallel scans",
        "set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; set min_parallel_index_scan_size = 0;
         set enable_indexscan = off; set enable_bitmapscan = off",
    ),
    (
        "an early zone, German dates and numbers",
        "set timezone = 'Pacific/Kiritimati'; set datestyle = 'German'; set intervalstyle = 'sql_standard';
         do $$ begin set lc_numeric = 'de_DE.UTF-8'; exception when invalid_parameter_value then null; end $$",
    ),
    (
        "a late zone off the hour, days first, another quoting",
        "set timezone = 'America/St_Johns'; set datestyle = 'SQL, DMY'; set intervalstyle = 'postgres_verbose'; set bytea_output = 'escape';
         set quote_all_identifiers = on; set default_transaction_read_only = on",
    ),
    (
        "compiled queries, generic plans, little memory",
        "set jit_above_cost = 0; set plan_cache_mode = 'force_generic_plan'; set work_mem = '64kB'; set enable_hashagg = off",
    ),
];

/// Things of the same names as those that the extension uses, which come earlier in the path.
const HOSTILE: &str = "
    create schema evil;
    create function evil.lower(text) returns text language sql as $$ select 'evil'::text $$;
    create function evil.isfinite(date) returns boolean language sql as $$ select false $$;
    create function evil.round(numeric, integer) returns numeric language sql as $$ select 666.0 $$;
    create function evil.mrr_monthly(numeric) returns numeric language sql as $$ select 666.0 $$;
    create function evil.mrr_given_day(date, text) returns date language sql as $$ select date '1999-01-01' $$;
    create function evil.mrr_exchange(text, date[], timestamptz, date[]) returns bytea language sql as $$ select 'x'::bytea $$;
    create function evil.minus(date, integer) returns date language sql as $$ select date '1999-01-01' $$;
    create operator evil.- (leftarg = date, rightarg = integer, function = evil.minus);
    create function evil.same(text, text) returns boolean language sql as $$ select false $$;
    create operator evil.= (leftarg = text, rightarg = text, function = evil.same);
    create aggregate evil.sum(numeric) (sfunc = numeric_sub, stype = numeric, initcond = '-666');
    create domain evil.numeric as integer; create domain evil.date as text;
    create table evil.book as select 'USD' as currency, null::timestamptz as synced_at;
    create table evil.segment as select 1 as account_key; create table evil.account as select 1 as key;
    create table evil.timeline_net as select 1 as account_key; create table evil.day_change as select 1 as change;
    create table evil.month_change as select 1 as change;
    create function evil.mrr_exchange(text, date[], timestamptz, date[], text) returns bytea language sql as $$ select 'x'::bytea $$;
    create function evil.mrr_policy(text) returns jsonb language sql as $$ select '{}'::jsonb $$;
    create table evil.policy as select 'default' as name;
    create table evil.exchange_rate as select 1 as rate; create table evil.attribute as select 1 as name;";

#[test]
fn no_setting_of_a_session_changes_an_answer() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = with_schema(&cluster, "settings");
    let oracle = Oracle::install(&database).unwrap();
    oracle.open(1).unwrap();
    for (arguments, (name, settings)) in (101..).zip(SETTINGS) {
        let answers = oracle.compare(arguments, 1, settings, PATH).unwrap();
        assert_eq!(answers.differences, "", "{name}");
    }
    database.run(HOSTILE).unwrap();
    let answers = oracle.compare(201, 1, PLAIN, "evil, pg_catalog, asked, public").unwrap();
    assert_eq!(answers.differences, "", "with a hostile search_path");
}
