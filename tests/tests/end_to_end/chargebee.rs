//! A book at Chargebee is the same whichever way it was learnt. Many companies over three years:
//! `cargo x soak chargebee`.

use mrr_tests::{Cluster, Daemon, Profile, Repertoire, Vendor, Way, World, configuration_of};

const WORLD: World = World { seed: 5, accounts: 20, months: 14, repertoire: Repertoire::Full };

fn learn(way: Way) {
    let cluster = Cluster::of_this_machine().unwrap();
    let learnt = way.learn(&cluster, Vendor::Chargebee, WORLD, Profile::Dev).unwrap();
    assert_eq!(learnt.fault(Vendor::Chargebee, way), None);
    println!("{}: {}", way.name(), learnt.agreement);
}

#[test]
fn who_follows_from_the_first_day_knows_every_day() {
    learn(Way::Live);
}

#[test]
fn who_looks_in_now_and_then_knows_every_day() {
    learn(Way::Polling);
}

#[test]
fn who_comes_late_reads_the_log() {
    learn(Way::Today);
}

#[test]
fn who_comes_after_an_import_lists_what_nobody_can_tell() {
    learn(Way::Imported);
}

#[test]
fn what_is_planned_is_in_force_from_its_day_on() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = cluster.create("planned").unwrap();
    let company = World::VECTORS.serve(Profile::Dev, &["--face", "chargebee"]).unwrap();
    let toml = configuration_of(Vendor::Chargebee, company.address(), &database.url(), "UTC");
    let daemon = Daemon::new(Profile::Dev, &toml).unwrap();
    World::VECTORS.write_rates(Profile::Dev, &daemon.folder().path().join("rates.csv")).unwrap();
    daemon.run(&["migrate"]).unwrap();
    daemon.run(&["sync"]).unwrap();
    // Each of twenty customers pays 60, and 120 from the tenth of May on: by price or by seats.
    let worth = |day: &str, name: &str| {
        let query = format!(
            "select string_agg(distinct round(mrr, 2)::text, ' ') || ', ' || count(*) from account_mrr('{day}', currency => 'own') where name like '{name}%'"
        );
        database.run(&query).unwrap().trim().to_owned()
    };
    for name in ["V11 dearer later", "V11 second seat later"] {
        assert_eq!(worth("2026-05-09", name), "60.00, 10", "{name}");
        assert_eq!(worth("2026-05-10", name), "120.00, 10", "{name}");
    }
    assert_eq!(worth("2026-02-09", "V18 second year ahead"), "10.00, 1");
    assert_eq!(worth("2026-02-10", "V18 second year ahead"), "100.00, 1");
    // Some of them by a change that is scheduled, some by ramps.
    let by = |what: &str| {
        let planned = "payload::jsonb->'scheduled_changes'";
        let query = format!(
            "select count(*) > 0 from raw.record where stream = 'subscriptions' and {planned} is not null and {what}"
        );
        database.run(&query).unwrap().trim().to_owned()
    };
    let ramps = "jsonb_array_length(payload::jsonb->'scheduled_changes'->'ramps')";
    assert_eq!(by(&format!("{ramps} > 0")), "t");
    assert_eq!(by(&format!("{ramps} = 0")), "t");
}

#[test]
fn the_wrong_catalog_is_named_with_the_right_one_and_other_sources_run_on() {
    let cluster = Cluster::of_this_machine().unwrap();
    let stripe = World { repertoire: Repertoire::Plain, ..WORLD }.serve(Profile::Dev, &[]).unwrap();
    for (catalog, right, wrong) in [("v1", "1.0", "2.0"), ("v2", "2.0", "1.0")] {
        let database = cluster.create(&format!("catalog_{catalog}")).unwrap();
        let company = WORLD.serve(Profile::Dev, &["--face", "chargebee", "--catalog", catalog]).unwrap();
        let toml = |value: &str| {
            configuration_of(Vendor::Chargebee, company.address(), &database.url(), "UTC")
                + &format!("product_catalog = \"{value}\"\n\n")
                + &Vendor::Stripe.source(stripe.address(), "sk_test_sandbox")
        };
        let daemon = Daemon::new(Profile::Dev, &toml(wrong)).unwrap();
        WORLD.write_rates(Profile::Dev, &daemon.folder().path().join("rates.csv")).unwrap();
        daemon.run(&["migrate"]).unwrap();
        for command in ["check", "sync"] {
            let finished = daemon.finish(&[command]).unwrap();
            let said = format!("{}{}", finished.stdout, finished.stderr);
            let remedy = format!("write product_catalog = \"{right}\"");
            assert!(finished.code == 1 && said.contains(&remedy), "{command} {catalog}: {}\n{said}", finished.code);
        }
        let sources = "select string_agg(distinct source, ' ') from revenue.account";
        assert_eq!(database.run(sources).unwrap().trim(), "stripe");
        daemon.configure(&toml(right)).unwrap();
        daemon.run(&["sync"]).unwrap();
        assert_eq!(database.run(sources).unwrap().trim(), "chargebee stripe");
    }
}

#[test]
fn every_difference_from_the_sources_own_figure_has_a_rule() {
    let cluster = Cluster::of_this_machine().unwrap();
    let database = cluster.create("reconciled").unwrap();
    let company = WORLD.serve(Profile::Dev, &["--face", "chargebee"]).unwrap();
    let toml = configuration_of(Vendor::Chargebee, company.address(), &database.url(), "UTC");
    let daemon = Daemon::new(Profile::Dev, &toml).unwrap();
    WORLD.write_rates(Profile::Dev, &daemon.folder().path().join("rates.csv")).unwrap();
    daemon.run(&["migrate"]).unwrap();
    daemon.run(&["sync"]).unwrap();
    let asked =
        "with days as (select day::date from generate_series(date '2025-01-15', date '2025-12-15', '1 month') day),
                      rows as (select d.day, r.* from days d cross join lateral mrr_reconcile('chargebee', d.day) r)";
    let count =
        |of: &str| database.run(&format!("{asked} select count(*) from rows where {of}")).unwrap().trim().to_owned();
    assert_ne!(count("rule = 'rounding'"), "0", "Chargebee rounds, and nothing here does");
    let unexplained = database
        .run(&format!("{asked} select * from rows where rule not in ('rounding', 'limited discounts')"))
        .unwrap();
    assert_eq!(unexplained, "");
    // What is explained adds up.
    let sums =
        "(select 1 from rows group by day, account, currency_code having sum(difference) <> max(theirs) - max(ours))";
    assert_eq!(database.run(&format!("{asked} select exists {sums}")).unwrap().trim(), "f");
}
