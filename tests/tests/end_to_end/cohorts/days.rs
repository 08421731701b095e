//! Every form of a cohort, and the days on which its accounts belong.

use mrr_tests::Cluster;

use super::book;

#[test]
fn each_form_has_its_accounts_on_their_days() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = book(&cluster, "cohort_days");
    let members = |arguments: &str| {
        let members = "string_agg(a.id || ' ' || c.days::text, ' ' order by a.id)";
        let from =
            |rows: &str| format!("select {members} from {rows} c join revenue.account a on a.key = c.account_key");
        let called = database.run(&from(&format!("mrr_cohort({arguments})"))).expect(arguments);
        // The query that it runs gives the same rows to whoever runs it.
        let text = database.run(&format!("select mrr_cohort_sql({arguments})")).expect(arguments);
        assert_eq!(database.run(&from(&format!("({text})"))).expect(&text), called, "{arguments}");
        called.replace("{-infinity,infinity}", "ever")
    };
    for (arguments, expect) in [
        ("'all'", "a ever b ever c ever d ever"),
        ("'plan:Pro'", "a {2025-01-01,2025-06-01} b {2025-03-01,2025-04-01,2025-08-01,infinity}"),
        ("'plan:solo,TEAM'", "a {2025-05-01,infinity} c {2024-07-01,infinity}"),
        ("'plan:pro,team'", "a {2025-01-01,infinity} b {2025-03-01,2025-04-01,2025-08-01,infinity}"),
        ("'plan:\"team and talk\"'", "d {2025-07-01,2025-09-01}"),
        ("'currency:usd'", "c {2024-07-01,infinity}"),
        ("'currency:USD,EUR and country:US'", "c {2024-07-01,infinity}"),
        ("'country:de'", "a ever b ever"),
        ("'Country : DE , at'", "a ever b ever d ever"),
        ("'segment:SMB'", "a {2025-05-01,infinity} b {2025-01-01,2025-03-15}"),
        ("'segment:SMB,Enterprise'", "a {2025-03-01,infinity} b {2025-01-01,2025-03-15}"),
        ("'csm:\"Ana, Maria\"'", "a ever"),
        ("'csm:\"Ana \"\"Mia\"\" Roth\"'", "b ever"),
        ("'attr.\"my field\":\"IT''S \\ \"\"%L\"\"\"'", "c ever"),
        ("'\"my field\":\"it''s \\ \"\"%L\"\"\"; all'", "c ever"),
        ("'\"%L = any (%L)\":x,X'", "c ever"),
        // A dimension is the dimension; an attribute of its name has to be said to be one.
        ("'attr.plan:Pro'", "c ever"),
        ("'\"plan\":Pro'", "c ever"),
        ("'tier:1'", "d ever"),
        ("'Tier:1'", "c ever"),
        // A free first month is no MRR.
        ("'signup:2025'", "a ever b ever d ever"),
        ("'signup:2025-q1'", "a ever b ever"),
        ("'signup:2025-02,2024-Q3'", "a ever c ever"),
        ("'signup:2031-01'", ""),
        // Together: the days on which an account belongs to every term.
        ("'plan:Pro and plan:Team'", "a {2025-05-01,2025-06-01}"),
        ("'plan:Pro AND segment:SMB'", "a {2025-05-01,2025-06-01} b {2025-03-01,2025-03-15}"),
        (
            "'plan:Pro; segment:SMB; country:DE; signup:2025; all'",
            "a {2025-05-01,2025-06-01} b {2025-03-01,2025-03-15}",
        ),
        ("'plan:Solo and country:DE'", ""),
        ("'plan:Pro and segment:Enterprise and plan:Team'", ""),
        ("'signup:2025-03 and signup:2025 and all'", "b ever"),
        // Who belongs on a day belongs for ever.
        ("'plan:Pro', at => '2025-05-31'", "a ever"),
        ("'plan:Pro', at => '2025-06-01'", ""),
        ("'plan:Pro and segment:SMB', at => '2025-05-02'", "a ever"),
        ("'signup:2025-q3 and country:AT', at => '2020-01-01'", "d ever"),
        // In Berlin the last sync was on the first of April.
        ("'plan:Pro', at => 'now'", "b ever"),
        ("'plan:Pro', null, 'THEN'", "a {2025-01-01,2025-06-01} b {2025-03-01,2025-04-01,2025-08-01,infinity}"),
        // What was known then: the plan of c, the country of d.
        ("'plan:Lite', as_of => '2026-01-15'", "c {2024-12-01,infinity}"),
        ("'plan:Solo', as_of => '2026-01-15'", ""),
        ("'plan:LITE,pro', '2026-01-15', '2025-03-10'", "a ever b ever c ever"),
        ("'country:CH', as_of => '2026-02-01 00:00:00+01'", "d ever"),
        ("'country:CH,AT', as_of => '2026-01-31 23:59:59+00'", "d ever"),
        ("'country:AT', as_of => '2026-01-31 23:59:59.999999+00'", ""),
        ("'country:AT', as_of => 'infinity'", "d ever"),
        ("'country:AT', as_of => '-infinity'", ""),
        ("'currency:USD', as_of => '2026-01-15'", "c {2024-12-01,infinity}"),
        ("'signup:2024', as_of => '2026-01-15'", "c ever"),
        ("'signup:2024-q4', as_of => '2026-01-15'", "c ever"),
        ("'signup:2024-q4', as_of => '2026-02-15'", ""),
        ("'signup:2025-q1 and plan:Pro', as_of => '2026-01-15', at => 'now'", "b ever"),
    ] {
        assert_eq!(members(arguments), expect, "{arguments}");
    }
    let joined = database
        .run(
            "select membership_or('{2025-01-01,2025-02-01}', '{2025-02-01,2025-03-01}'),
                    membership_and('{2025-01-01,2025-02-01}', '{2025-02-01,2025-03-01}') is null,
                    membership_and('{-infinity,infinity}', '{2025-02-01,2025-03-01,2025-05-01,infinity}'),
                    mrr_at('2025-03-10', 'plan:Pro and segment:SMB'), mrr_at('2025-03-10', 'signup:2031')",
        )
        .unwrap();
    assert_eq!(joined, "{2025-01-01,2025-03-01}|t|{2025-02-01,2025-03-01,2025-05-01,infinity}|100|0");
}

/// Day by day, and account by account, against conditions that are written down a second time.
#[test]
fn a_cohort_has_who_has_what_it_says_on_each_day() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = cluster.create("cohort_law").unwrap();
    database.run(&format!("{}\n{}", mrr_tests::schema().unwrap(), include_str!("random.sql"))).unwrap();
    let plan = |names: &str| format!("exists (select from s where plan = any ('{names}'))");
    let value =
        |name: &str, values: &str| format!("exists (select from t where name = '{name}' and value = any ('{values}'))");
    for (cohort, condition) in [
        ("plan:a", plan("{a}")),
        ("plan:a,b", plan("{a,b}")),
        ("plan:a and plan:b", format!("{} and {}", plan("{a}"), plan("{b}"))),
        ("tier:x", value("tier", "{x}")),
        (
            "plan:a,c and tier:x,y and owner:y",
            [plan("{a,c}"), value("tier", "{x,y}"), value("owner", "{y}")].join(" and "),
        ),
        ("ab and cohort:xy", format!("{} and {}", plan("{a,b}"), value("tier", "{x,y}"))),
        ("cohort:ab,xy", format!("({} or {})", plan("{a,b}"), value("tier", "{x,y}"))),
    ] {
        for as_of in ["null", "'2026-01-15'"] {
            let known = match as_of {
                "null" => "known_until = 'infinity'".to_owned(),
                as_of => format!("known_since <= {as_of} and {as_of} < known_until"),
            };
            let wrong = database
                .run(&format!(
                    "with c as materialized (select * from mrr_cohort('{cohort}', {as_of})),
                          asked as materialized (select d::date as day from generate_series(date '2025-01-01', '2025-04-30', '1 day') d)
                     select string_agg(concat_ws(' ', a.key, day, c.days), e'\\n') from revenue.account a cross join asked left join c on c.account_key = a.key
                      where coalesce(membership_on(c.days, day), false) is distinct from (
                        with s as (select * from revenue.segment where account_key = a.key and valid_from <= day and day < valid_until and {known}),
                             t as (select * from revenue.attribute where account_key = a.key and valid_from <= day and day < valid_until and {known})
                        select {condition})
                     union all
                     -- Ranges in order, none touching the next.
                     select days::text from c where exists (select from generate_subscripts(days, 1) i where days[i] >= days[i + 1])
                     union all
                     -- Asked on a day: those who belong on it.
                     select 'on ' || day from asked
                      where day in ('2025-01-01', '2025-02-14', '2025-04-30')
                        and array(select account_key from mrr_cohort('{cohort}', {as_of}, day::text) order by 1)
                            <> array(select account_key from c where membership_on(days, day) order by 1)
                      limit 3"
                ))
                .expect(cohort);
            assert_eq!(wrong.trim(), "", "{cohort} as of {as_of}");
        }
    }
}

/// A small book is read as a whole; what a large one would do shows when that is not allowed.
#[test]
fn the_members_are_read_from_an_index() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = book(&cluster, "cohort_index");
    database.run("vacuum analyze revenue.segment, revenue.attribute").unwrap();
    for (cohort, expect) in [
        ("plan:Team", "Index Only Scan using segment_plan_now"),
        ("currency:EUR", "Index Only Scan using segment_plan_now"),
        ("segment:SMB", "attribute_value_now"),
        ("csm:\"Ana, Maria\"", "attribute_value_now"),
    ] {
        let plan = database
            .run(&format!(
                "set enable_seqscan = off; set enable_bitmapscan = off; drop index if exists revenue.segment_now;
                 select 'explain (costs off) ' || mrr_cohort_sql('{cohort}') as query \\gexec"
            ))
            .unwrap();
        assert!(plan.contains(expect), "{cohort}: no {expect} in\n{plan}");
    }
}
