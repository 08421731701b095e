//! A book is the same whichever way it was learnt. Many companies over three years:
//! `cargo x soak stripe`.

use mrr_tests::{Cluster, Profile, Repertoire, Way, World};

const WORLD: World = World { seed: 5, accounts: 20, months: 14, repertoire: Repertoire::Full };

fn learn(way: Way) {
    let cluster = Cluster::of_this_machine().unwrap();
    let learnt = way.learn(&cluster, WORLD, Profile::Dev).unwrap();
    assert_eq!(learnt.fault(way), None);
    println!("{}: {}", way.name(), learnt.agreement);
}

#[test]
fn who_follows_from_the_first_day_knows_every_day() {
    learn(Way::Live);
}

#[test]
fn who_looks_in_now_and_then_knows_what_was_missed() {
    learn(Way::Polling);
}

#[test]
fn who_comes_late_lists_what_nobody_can_tell() {
    learn(Way::Today);
}
