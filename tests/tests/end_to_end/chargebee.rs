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
