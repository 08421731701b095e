//! Cohorts that can't be asked for: a sentence, a hint, and never an empty answer.

use mrr_tests::Cluster;

use super::{book, refused};

#[test]
fn what_nobody_ever_had_is_an_error_with_what_was_meant() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = book(&cluster, "cohort_unknown");
    database
        .run(
            "insert into revenue.attribute (account_key, name, value, known_since)
               select key, 'city', 'Town ' || i, timestamptz '2026-01-01' from generate_series(1, 3000) i, revenue.account where id = 'a'
             union all
               select key, 'city', unnest(array['Wien', 'Wiener Neustadt', 'Würzburg']), '2026-01-01' from revenue.account where id = 'a'",
        )
        .unwrap();
    let check = |arguments: &str, words: &[&str]| {
        refused(&database, &format!("select * from mrr_cohort({arguments})"), "22023", words);
    };
    check("'plan:Prof'", &["no account ever had plan \"Prof\"", "Known: Pro, Solo, Team, Team and Talk, pro."]);
    check("'plan:Pro,Prof'", &["no account ever had plan \"Prof\"", "Pro"]);
    check("'country:DE and plan:Prof'", &["no account ever had plan \"Prof\""]);
    check("'currency:XXX'", &["no account ever had currency \"XXX\"", "Known: EUR, USD."]);
    check("'country:CH'", &["no account ever had country \"CH\"", "Known: AT, DE, US."]);
    check("'attr.\"my field\":\"\"'", &["no account ever had my field \"\""]);
    check("'city:wiem'", &["no account ever had city \"wiem\"", "Nearest: Wien, "]);
    check("'city:Wiener'", &["Nearest: Wiener Neustadt, "]);
    check("'city:town 12345'", &["Nearest: Town 1"]);
    check("'colour:red'", &["\"colour\" is neither a dimension nor an attribute", "Nearest: "]);
    check("'contry:DE'", &["\"contry\" is neither a dimension nor an attribute", "Nearest: country, "]);
    check("'attr.signup:2025'", &["\"signup\" is neither a dimension nor an attribute"]);
    check("'TIER:1'", &["attribute \"TIER\" is ambiguous", "attr.\"Tier\", attr.\"tier\""]);
    check("'plan'", &["there is no cohort \"plan\"", "written as plan:Pro"]);
    check("'Pro'", &["there is no cohort \"Pro\""]);
    check("'plan:Team and Talk'", &["there is no cohort \"Talk\"", "the word and in it takes quotes"]);
    check("'cohort:\"\"'", &["there is no cohort \"\""]);
    // Neither now nor then.
    check("'plan:Prof', as_of => '2026-01-15'", &["no account ever had plan \"Prof\""]);
    check("'plan:Lite', as_of => '2026-02-15'", &["no account ever had plan \"Lite\""]);
    check("'country:CH', as_of => '2026-02-15'", &["no account ever had country \"CH\""]);
    check("'currency:GBP', as_of => '2026-01-15'", &["no account ever had currency \"GBP\""]);
    check("'colour:red', as_of => '2026-01-15'", &["\"colour\" is neither"]);
    for at in [
        "'today'",
        "'2025-02-30'",
        "'31.03.2026'",
        "'2026-3-31'",
        "'infinity'",
        "''",
        "null",
        "' now'",
        "'2026-03-31T00:00'",
    ] {
        check(&format!("'plan:Pro', at => {at}"), &["can't be read", "Write then, now or a date such as 2026-03-31."]);
    }
}

#[test]
fn what_cant_be_read_is_named_with_its_place() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = book(&cluster, "cohort_unreadable");
    let check = |cohort: &str, words: &[&str]| {
        refused(&database, &format!("select mrr_at('2025-03-10', {cohort})"), "22023", words);
    };
    check("null", &["cohort must not be null"]);
    check("''", &["the cohort is empty", "Write all, plan:Pro"]);
    check("'plan:'", &["plan has no value at position 6"]);
    check("'plan:Pro,'", &["plan has no value at position 10"]);
    check("'plan:Pro and'", &["no term at position 13"]);
    check("'csm:\"Ana'", &["the quote at position 5 of the cohort is not closed", "one inside of them is doubled"]);
    check("'plan:it''s \"; drop table x'", &["stray quote at position 11"]);
    check("'plan:Pro country:DE'", &["stray colon at position 17", "Join terms with and"]);
    check("'Pro,Solo'", &["stray comma at position 4", "plan:Pro,Solo"]);
    check("'signup:2025-13'", &["signup period \"2025-13\"", "signup:2025-q3"]);
    check("repeat('plan:Pro;', 40) || 'all'", &["more than 32 terms"]);
    check("'plan:' || repeat('Pro,', 1000) || 'Pro'", &["more than 1000 values"]);
    check("repeat('x', 1 << 20)", &["the cohort has 1048576 characters, more than 100000"]);
    check("'plan:' || repeat('é', 99990)", &["no account ever had plan \"éé"]);
    check("repeat('x', 100000)", &["there is no cohort \"xx"]);
    check("repeat('\"', 99999)", &["is not closed"]);
    check("repeat('and ', 20000)", &["no term at position 1"]);
    // What is allowed at most is answered.
    let answer = database
        .run(
            "select (select count(*) from mrr_cohort('plan:' || repeat('Pro,', 999) || 'pro')),
                    (select count(*) from mrr_cohort(repeat('plan:Pro;', 31) || 'all')),
                    (select count(*) from mrr_cohort('country:' || repeat('DE,', 998) || 'AT; plan:Pro'))",
        )
        .unwrap();
    assert_eq!(answer, "2|2|2");
    // Nothing synced: nothing is known.
    database.run("update revenue.book set synced_at = null").unwrap();
    refused(&database, "select * from mrr_cohort('plan:Pro')", "55000", &["nothing has been synced yet"]);
    refused(&database, "select create_cohort('x', 'plan:Pro')", "55000", &["nothing has been synced yet"]);
}

#[test]
fn cohorts_are_the_same_under_other_settings_and_for_whoever_may_read() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = book(&cluster, "cohort_settings");
    database
        .run(
            "select create_cohort('key accounts', 'segment:SMB and country:DE');
             create schema evil;
             create table evil.cohort as select 'key accounts'::text as name, 'all'::text as definition;
             create function evil.lower(text) returns text language sql as 'select ''evil''';
             create role analyst;
             grant usage on schema revenue to analyst;
             grant select on all tables in schema revenue to analyst",
        )
        .unwrap();
    let asked = "select string_agg(c.account_key || ' ' || array_length(c.days, 1), ',' order by 1) from (
                   select * from public.mrr_cohort('key accounts')
                   union all select * from public.mrr_cohort('key accounts and plan:Pro', at => '2025-03-10')
                   union all select * from public.mrr_cohort('plan:Lite and signup:2024-12', '2026-01-15 12:00:00.000001+00')
                   union all select * from public.mrr_cohort('country:CH', '2026-02-01 00:59:59.999999+01')
                   union all select * from public.mrr_cohort('country:AT', 'epoch')) c";
    let plain = database.run(asked).unwrap();
    assert_eq!(plain, "1 2,2 2,2 2,3 2,4 2");
    for setting in [
        "search_path = evil, public",
        "TimeZone = 'Pacific/Kiritimati'",
        "DateStyle = 'German, DMY'",
        "DateStyle = 'SQL, MDY'",
        "IntervalStyle = 'iso_8601'",
        "standard_conforming_strings = off",
        "force_parallel_mode = on",
    ] {
        assert_eq!(database.run(&format!("set {setting}; {asked}")).unwrap(), plain, "{setting}");
    }
    let asked = format!("set role analyst; {asked}");
    assert_eq!(database.run(&asked).unwrap(), plain);
    refused(&database, "set role analyst; select create_cohort('mine', 'plan:Pro')", "42501", &["permission denied"]);
}
