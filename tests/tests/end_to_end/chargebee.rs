//! A book at Chargebee is the same whichever way it was learnt. Many companies over three years:
//! `cargo x soak chargebee`.

use mrr_tests::{Cluster, Profile, Repertoire, Vendor, Way, World};

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
