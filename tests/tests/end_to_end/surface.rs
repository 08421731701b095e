//! The functions as a whole: their signatures don't change unnoticed, and no wrong argument of any
//! of them is an internal error.

use std::path::PathBuf;

use mrr_tests::{Cluster, Database, schema, workspace};

/// Two accounts, one of them in USD, with rates up to the end of February.
const BOOK: &str = "
    insert into revenue.book (currency, time_zone, synced_at, last_day) values ('EUR', 'UTC', '2025-02-20', '2025-02-20');
    insert into revenue.account (source, id, name) values ('test', 'cus_1', 'One'), ('test', 'cus_2', 'Two');
    insert into revenue.segment (account_key, contract, item, plan, currency, valid_from, gross, net, amount, quantity, billing_interval, evidence, origin, known_since)
      select key, 's', 'i', 'Pro', case id when 'cus_1' then 'EUR' else 'USD' end, '2024-01-10', 1200000000, 1200000000, 100, 1, '1 month', 'observed', '{}', '2025-02-20'
        from revenue.account;
    select mrr_refresh(array_agg(key)) from revenue.account;
    insert into revenue.exchange_rate select 'EUR', 'USD', d, 1.25, 'test' from generate_series(date '2024-01-01', '2025-02-28', '1 day') d";

/// Arguments that are wrong wherever the parameter is, and what every metric says to them.
const WRONG: &[(&str, &str, &str)] = &[
    ("day", "'infinity'", "22023 day must be a day, not infinity"),
    ("day", "'-infinity'", "22023 day must be a day, not -infinity"),
    ("from_day", "'-infinity'", "22023 from_day must be a day"),
    ("to_day", "'infinity'", "22023 to_day must be a day"),
    ("to_day", "'7000-01-01'", "22023 the range from 2025-01-01 to 7000-01-01 has more than 36600 periods"),
    ("to_day", "'2024-12-31'", "22023 the range from 2025-01-01 to 2024-12-31 has no day"),
    ("to_day", "'2025-01-01'", "22023 the range from 2025-01-01 to 2025-01-01 has no day"),
    ("grain", "'fortnight'", "22023 `fortnight` is not a grain"),
    ("grain", "''", "22023 `` is not a grain"),
    ("period", "'empty'", "22023 period must have a first and a last day"),
    ("period", "'[2025-01-01,)'", "22023 period must have a first and a last day"),
    ("period", "'[2025-01-01,infinity)'", "22023 period must have a first and a last day"),
    ("currency", "'XYZ'", "22023 currency \"XYZ\" is unknown"),
    ("currency", "''", "22023 currency \"\" is unknown"),
    ("currency", "'€'", "22023 currency \"€\" is unknown"),
    ("cohort", "'plan:Gold'", "22023 no account ever had plan"),
    ("cohort", "''", "22023 "),
    ("as_of", "'infinity'", "22023 as_of must be a time"),
    ("as_of", "'2025-02-19'", "55000 nothing was known yet"),
    ("known_from", "'infinity'", "22023 known_from must be a time before known_to"),
    ("known_from", "'2025-02-19'", "55000 nothing was known yet"),
    ("horizon", "'1 hour'", "22023 horizon"),
    ("horizon", "'-1 day'", "22023 horizon"),
    ("margin", "-0.1", "22023 margin must be between 0 and 1"),
    ("margin", "'NaN'", "22023 margin must be between 0 and 1"),
    ("policy", "'stripe'", "22023 there is no policy \"stripe\""),
    ("policy", "''", "22023 there is no policy \"\""),
    ("a", "'stripe'", "22023 there is no policy \"stripe\""),
    ("account", "'cus_nobody'", "22023 there is no account"),
];

fn asked<'a>(cluster: &'a Cluster, name: &str) -> Database<'a> {
    let database = cluster.create(name).unwrap();
    database.run(&schema().unwrap()).unwrap();
    database.run(include_str!("surface.sql")).unwrap();
    database
}

/// A file beside this one: what it should say, after writing it when that was asked for.
fn snapshot(name: &str, now: &str) -> String {
    let path: PathBuf = workspace().join("tests/tests/end_to_end").join(name);
    if std::env::var_os("MRR_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{now}\n")).unwrap();
    }
    std::fs::read_to_string(&path).unwrap().trim_end().to_owned()
}

/// `MRR_WRITE_DOCS=1 cargo x test -p mrr-tests surface` writes the files: read the difference as
/// the people will whose queries it breaks.
#[test]
fn signatures_and_what_null_does_are_what_is_written() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = asked(&cluster, "surface");
    database.run(BOOK).unwrap();
    let signatures = database
        .run(
            "select format('%s(%s) returns %s, %s, parallel %s%s', p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
                           case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
                           case p.proparallel when 's' then 'safe' when 'r' then 'restricted' else 'unsafe' end,
                           case when p.prokind = 'a' then ', aggregate' when p.proisstrict then ', strict' else '' end)
               from public_functions() f join pg_proc p on p.oid = f.id
              order by p.proname collate \"C\", p.oid::regprocedure::text collate \"C\"",
        )
        .unwrap();
    assert_eq!(snapshot("signatures.txt", &signatures), signatures, "signatures.txt");

    let nulls = database
        .run(
            "select f.id::regprocedure || ' ' || p.name || ': ' || outcome(f.id, p.place, 'null')
               from public_functions() f cross join parameters(f.id) p
              order by f.id::regprocedure::text collate \"C\", p.place",
        )
        .unwrap();
    // A cohort that is there already is no fault of the null.
    let allowed = ["null", "no row", "an answer", "22", "42710"];
    for line in nulls.lines() {
        let outcome = line.split_once(": ").map_or(line, |(_, outcome)| outcome);
        assert!(allowed.iter().any(|allowed| outcome.starts_with(allowed)), "{line}");
    }
    assert_eq!(snapshot("nulls.txt", &nulls), nulls, "nulls.txt");
}

#[test]
fn what_is_wrong_is_said_in_the_same_words_by_every_metric() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = asked(&cluster, "wrong");
    let outcomes = |parameter: &str, argument: &str| {
        let argument = argument.replace('\'', "''");
        database
            .run(&format!(
                "select f.id::regprocedure, outcome(f.id, p.place, '{argument}') from metrics() f cross join parameters(f.id) p where p.name = '{parameter}'"
            ))
            .unwrap()
    };
    for parameter in ["day", "from_day", "period"] {
        for line in outcomes(parameter, "'2025-01-01'").lines().filter(|line| !line.contains("22P02")) {
            assert!(line.contains("|55000 "), "before a sync: {line}");
        }
    }

    database.run(BOOK).unwrap();
    for (parameter, argument, expect) in WRONG {
        let found = outcomes(parameter, argument);
        assert!(!found.is_empty(), "nothing has a parameter {parameter}");
        for line in found.lines() {
            assert!(line.contains(&format!("|{expect}")), "{parameter} => {argument}: {line}\n  not {expect}");
        }
    }
    // Days at the ends of the calendar and ranges of a million days are refused or answered, in no matter which words.
    for (parameter, argument) in [
        ("day", "'5874897-12-31'"),
        ("day", "'4713-01-01 BC'"),
        ("day", "'1900-01-01'"),
        ("from_day", "'4713-01-01 BC'"),
        ("to_day", "'5874897-12-31'"),
        ("period", "'[4713-01-01 BC,2025-01-01)'"),
        ("period", "'[1900-01-01,1900-01-02)'"),
        ("period", "'[2025-01-01,5874897-12-31)'"),
        ("horizon", "'5000000 years'"),
        ("cohort", "'; drop table x'"),
        ("margin", "1e-300"),
    ] {
        for line in outcomes(parameter, argument).lines() {
            let outcome = line.rsplit_once('|').map_or(line, |(_, outcome)| outcome);
            let allowed = ["null", "no row", "an answer", "22", "55000 no exchange rate from USD to EUR on"];
            assert!(allowed.iter().any(|allowed| outcome.starts_with(allowed)), "{parameter} => {argument}: {line}");
        }
    }
}

/// What the functions pack for each other is a bytea, which anybody may change: an error of ours,
/// or an answer, but never a panic, which PostgreSQL would show as an internal error.
#[test]
fn damaged_bytes_are_refused_and_nothing_panics() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = asked(&cluster, "damaged");
    database.run(BOOK).unwrap();
    let outcomes = database
        .run(
            "with packed as materialized (
               select v.name, v.bytes from (values
                 ('exchange', mrr_exchange('EUR', '{2024-12-31,2025-01-31}')), ('labels', (select account_labels(1, 'Ana'))),
                 ('collected', (select movements(steps, mrr_exchange('EUR', '{2024-12-31,2025-01-31}'), null) from revenue.timeline_net)),
                 ('', (select steps::bytea from revenue.timeline_net order by account_key limit 1))
               ) v(name, bytes)
             ), damaged as (
               select p.name, overlay(p.bytes placing decode(v.hex, 'hex') from place) as bytes
                 from packed p cross join generate_series(1, length(p.bytes)) place cross join (values ('00'), ('7f'), ('ff')) v(hex)
               union all
               select p.name, substr(p.bytes, 1, place) from packed p cross join generate_series(0, length(p.bytes) - 1) place
             )
             select f.id::regprocedure || ' ' || encode(d.bytes, 'hex'), o.said
               from public_functions() f cross join parameters(f.id) p
               join damaged d on d.name = p.name
              cross join lateral (select outcome(f.id, p.place, quote_literal(d.bytes)) as said) o
              where p.type = 'bytea' and o.said !~ '^(null|no row|an answer|22|54000)' limit 12",
        )
        .unwrap();
    assert_eq!(outcomes, "");
}
