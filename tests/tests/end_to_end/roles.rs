//! Who sees what: a reader everything but records as received, a customer-success manager her accounts
//! and sums over them, the daemon what it writes.

use mrr_tests::{Cluster, Daemon, Database, Oracle, Profile, QUESTIONS, Repertoire, World, schema};

use crate::synced::Synced;

const ROLES: &str = include_str!("../../../sql/roles.sql");

/// Roles belong to the server, so each test has a cluster of its own.
const PEOPLE: &str = "
    create role ana login; grant mrr_own_reader to ana;
    create role north; create role tom login in role north; grant mrr_own_reader to tom;
    create role nobody login in role mrr_own_reader;
    create role analyst login in role mrr_reader;
    create role head login in role mrr_admin;
    insert into revenue.row_access values ('ana', 'owner', 'ANA'), ('north', 'country', 'DE'), ('north', 'owner', 'Kim');";

/// What every session does that is not the owner's.
fn session(who: &str) -> String {
    format!("set session authorization {who}; set jit = off")
}

fn book<'a>(cluster: &'a Cluster, name: &str, seed: u64) -> Database<'a> {
    let database = cluster.create(name).unwrap();
    database.run(&schema().unwrap()).unwrap();
    Oracle::install(&database).unwrap().open(seed).unwrap();
    database.run("grant usage on schema asked, oracle to public").unwrap();
    database
}

/// Takes all accounts away but these.
fn keep(database: &Database<'_>, accounts: &str) {
    database
        .run(&format!(
            "create temporary table kept as {accounts};
             delete from revenue.segment where account_key not in (select * from kept);
             delete from revenue.attribute where account_key not in (select * from kept);
             delete from revenue.timeline; delete from revenue.day_change;
             delete from revenue.account where key not in (select * from kept);
             select mrr_rebuild(); analyze"
        ))
        .unwrap();
}

const VIEWS: &str = "select format('%I.%I', schemaname, viewname) from pg_views where schemaname = 'report' order by 1";

fn views(database: &Database<'_>, session: &str) -> String {
    let views = database.run(VIEWS).unwrap();
    let asked = views.lines().map(|view| {
        format!("select '{view}', count(*), md5(string_agg(v::text, ',' order by v::text)) from {view} v;\n")
    });
    database.run(&format!("{session};\n{}", asked.collect::<String>())).unwrap()
}

#[test]
fn a_manager_sees_her_accounts_as_if_there_were_no_others() {
    let cluster = Cluster::of_this_machine().unwrap();
    let hers = "select a.account_key from revenue.attribute a join revenue.book b on b.last_day >= a.valid_from and b.last_day < a.valid_until
                 where a.known_until = 'infinity' and a.name = 'owner' and a.value = 'Ana'";
    for seed in [3, 4] {
        let all = book(&cluster, &format!("all_{seed}"), seed);
        let own = book(&cluster, &format!("own_{seed}"), seed);
        keep(&own, hers);
        all.run(ROLES).unwrap();
        if seed == 3 {
            all.run(PEOPLE).unwrap();
        } else {
            all.run("insert into revenue.row_access values ('ana', 'owner', 'Ana')").unwrap();
        }
        let count = own.run("select count(*) from revenue.account").unwrap();
        assert!(count.parse::<u32>().unwrap() > 3, "{count} accounts are hers");
        let expected = Oracle::found_in(&own).answers(seed, 5, "set jit = off").unwrap();
        let found = Oracle::found_in(&all).answers(seed, 5, &session("ana")).unwrap();
        for (found, expected) in found.lines().zip(expected.lines()) {
            assert_eq!(found, expected, "seed {seed}");
        }
        assert_eq!(found.lines().count(), 5 * QUESTIONS.len());
        assert_eq!(views(&all, &session("ana")), views(&own, "set jit = off"), "seed {seed}");
        // And a reader sees what the owner of the tables sees.
        if seed == 3 {
            let expected = Oracle::found_in(&all).answers(seed, 2, "set jit = off").unwrap();
            assert_eq!(Oracle::found_in(&all).answers(seed, 2, &session("analyst")).unwrap(), expected);
            assert_eq!(views(&all, &session("analyst")), views(&all, "set jit = off"));
        }
    }
}

#[test]
fn no_table_and_no_function_is_a_way_around() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = book(&cluster, "secured", 3);
    database.run(ROLES).unwrap();
    database.run(PEOPLE).unwrap();
    // Again changes nothing and is no error.
    database.run(ROLES).unwrap();
    database
        .run("insert into raw.record (source, stream, id, version, account, payload, hash, observed_at, landed_at)
                select source, 'customers', id, 1, id, '{\"email\":\"someone@example.com\"}', decode(repeat('01', 16), 'hex'), now(), now() from revenue.account")
        .unwrap();
    let as_user = |who: &str, script: &str| database.run(&format!("{};\n{script}", session(who)));
    let keys = "select string_agg(x::text, ',' order by x) from";

    let hers = as_user("ana", &format!("{keys} revenue.accounts_of('ana') x")).unwrap();
    assert!(hers.split(',').count() > 3, "{hers}");
    for (table, key) in [
        ("account", "key"),
        ("segment", "account_key"),
        ("timeline", "account_key"),
        ("timeline_net", "account_key"),
        ("timeline_gross", "account_key"),
        ("attribute", "account_key"),
        ("doubt", "account_key"),
    ] {
        let outside =
            format!("select count(*) from revenue.{table} where {key} not in (select revenue.accounts_of('ana'))");
        assert_eq!(as_user("ana", &outside).unwrap(), "0", "{table}");
    }
    assert_eq!(as_user("ana", "select count(*) from revenue.day_change").unwrap(), "0");
    assert_eq!(as_user("nobody", "select count(*), mrr_at('2024-06-30') from revenue.account").unwrap(), "0|0");

    // A group's accounts are its members'; nobody asks for those of somebody else.
    assert_eq!(
        as_user("tom", &format!("{keys} revenue.accounts_of('tom') x")).unwrap(),
        as_user("tom", &format!("{keys} revenue.accounts_of('north') x")).unwrap()
    );
    assert_eq!(as_user("ana", &format!("{keys} revenue.accounts_of('tom') x")).unwrap(), "");
    assert_ne!(hers, as_user("tom", &format!("{keys} revenue.accounts_of('tom') x")).unwrap());

    let foreign = database.run("select id from revenue.account where key not in (select a.account_key from revenue.attribute a where name = 'owner' and value = 'Ana') limit 1").unwrap();
    let refused = [
        ("ana", "select * from raw.record", "42501"),
        ("ana", "select * from ops.run", "42501"),
        ("ana", "select * from revenue.row_access", "42501"),
        ("ana", "insert into revenue.row_access values ('ana', 'owner', 'Tom')", "42501"),
        ("ana", "set role mrr_reader", "42501"),
        ("ana", "alter table revenue.account disable row level security", "42501"),
        ("ana", "set row_security = off; select * from revenue.account", "42501"),
        ("ana", "select mrr_refresh('{1}')", "42501"),
        ("ana", "select mrr_rebuild()", "42501"),
        ("ana", "select create_cohort('all of it', 'plan:Pro')", "42501"),
        ("ana", "select drop_cohort('x')", "42501"),
        ("ana", "select * from mrr_evidence('cus_1', '2024-06-30')", "42501"),
        ("analyst", "select * from mrr_evidence('cus_1', '2024-06-30')", "42501"),
        ("analyst", "select payload from raw.record", "42501"),
        ("analyst", "update revenue.policy set trials = true where name = 'board'", "42501"),
        ("head", "update revenue.segment set net = 0", "42501"),
    ];
    for (who, statement, expect) in refused {
        let error = as_user(who, statement).unwrap_err();
        assert!(error.contains(&format!("{expect}:")), "{who}: {statement}\n{error}");
    }
    let error = as_user("ana", &format!("select * from mrr_explain('{foreign}', '2024-06-30')")).unwrap_err();
    assert!(error.contains("there is no account"), "{error}");
    let error = as_user("ana", "select * from mrr_evidence('cus_1', '2024-06-30')").unwrap_err();
    assert!(!error.contains("example.com"), "{error}");
    assert_ne!(as_user("head", "select count(*) from raw.record").unwrap(), "0");
    as_user("head", "insert into revenue.policy (name) values ('heads'); select create_cohort('heads', 'plan:Pro')")
        .unwrap();

    // What reads tables is asked by the other test, or named here.
    let reading = database
        .run(
            "select distinct p.proname from pg_proc p join pg_depend d on d.objid = p.oid and d.deptype = 'e'
               join pg_extension e on e.oid = d.refobjid and e.extname = 'pg_mrr'
              where p.provolatile <> 'i' and p.prokind = 'f' order by 1",
        )
        .unwrap();
    let seen = "account_movements cohort_attribute cohort_attributes cohort_at cohort_condition cohort_named cohort_plans cohort_query cohort_rows
        cohort_unknown cohort_values create_cohort drop_cohort mrr_book mrr_cohort mrr_cohort_sql mrr_counted mrr_currencies mrr_doubts mrr_evidence
        mrr_exchange mrr_exchange_of mrr_explain mrr_given_as_of mrr_growth mrr_known mrr_known_days mrr_loss_reason mrr_members mrr_movement_rows
        mrr_policy mrr_policy_diff mrr_rate mrr_rebuild mrr_reconcile mrr_refresh mrr_restatement mrr_retention mrr_retention_sums mrr_sees_all mrr_states
        mrr_timelines mrr_timelines_on mrr_values";
    let asked: String = QUESTIONS.join(" ");
    let unseen: Vec<&str> = reading
        .lines()
        .filter(|name| !asked.contains(&format!("{name}(")) && !seen.split_whitespace().any(|seen| seen == *name))
        .collect();
    assert_eq!(
        unseen,
        Vec::<&str>::new(),
        "a function that reads tables and that no test asks as somebody who sees a part"
    );
    // None has other rights than who calls it.
    let definers =
        "select count(*) from pg_proc p join pg_depend d on d.objid = p.oid and d.deptype = 'e' where p.prosecdef";
    assert_eq!(database.run(definers).unwrap(), "0");
}

#[test]
fn the_daemon_syncs_as_a_writer() {
    let cluster = Cluster::of_this_machine().unwrap();
    let world = World { seed: 3, accounts: 20, months: 12, repertoire: Repertoire::Plain };
    let synced = Synced::migrated(&cluster, "written", world, &[]).unwrap();
    synced.database.run("create role syncer login in role mrr_writer").unwrap();
    let configuration = synced.company.configuration(&synced.database.url_as("syncer"), "Europe/Berlin");
    let writer = Daemon::new(Profile::Dev, &configuration).unwrap();
    world.write_rates(Profile::Dev, &writer.folder().path().join("rates.csv")).unwrap();
    writer.run(&["sync"]).unwrap();
    writer.run(&["follow"]).unwrap();
    writer.run(&["status"]).unwrap();
    assert_eq!(synced.compare().unwrap().differences, 0);
    let refused = writer.finish(&["migrate"]).unwrap();
    assert_ne!(refused.code, 0, "{}", refused.stdout);
}

#[test]
fn who_may_not_make_roles_is_told_and_syncs_all_the_same() {
    let cluster = Cluster::of_this_machine().unwrap();
    let world = World { seed: 3, accounts: 5, months: 6, repertoire: Repertoire::Plain };
    let company = world.serve(Profile::Dev, &[]).unwrap();
    let database = cluster.create("modest").unwrap();
    database.run("create role modest login; alter database modest owner to modest; create extension pg_mrr with schema public; grant create on schema public to modest").unwrap();
    let daemon =
        Daemon::new(Profile::Dev, &company.configuration(&database.url_as("modest"), "Europe/Berlin")).unwrap();
    world.write_rates(Profile::Dev, &daemon.folder().path().join("rates.csv")).unwrap();
    let said = daemon.run(&["migrate"]).unwrap();
    assert!(
        said.contains("`modest` may not create mrr_reader") && said.contains("alter role \"modest\" createrole"),
        "{said}"
    );
    daemon.run(&["sync"]).unwrap();
    assert_ne!(database.run("select count(*) from revenue.account").unwrap(), "0");
    assert_eq!(database.run("select count(*) from pg_roles where rolname like 'mrr\\_%'").unwrap(), "0");
}
