//! What somebody tries out on a test clock is beside the company: out of the lists, in the events.

mod support;

use serde_json::Value;
use support::{Served, id};

const WORLD: [&str; 8] = ["--seed", "6", "--accounts", "40", "--months", "18", "--repertoire", "full"];

fn on_clock(object: &Value) -> bool {
    !object["test_clock"].is_null()
}

#[test]
fn customers_on_a_test_clock_are_listed_only_by_their_clock() {
    let world = Served::start(&WORLD);
    let clocks = world.walk("/v1/test_helpers/test_clocks", 10);
    let [clock] = &clocks[..] else { panic!("{clocks:?}") };
    assert_eq!(&world.get(&format!("/v1/test_helpers/test_clocks/{}", id(clock))), clock);
    let mut everywhere = ["customers", "subscriptions?status=all", "invoices", "invoiceitems"].into_iter();
    assert!(everywhere.all(|kind| world.walk(&format!("/v1/{kind}"), 100).iter().all(|object| !on_clock(object))));
    let customers = world.walk(&format!("/v1/customers?test_clock={}", id(clock)), 10);
    assert_eq!(customers.len(), 2);
    for customer in &customers {
        assert_eq!(customer["test_clock"], clock["id"]);
        let expanded = world.get(&format!("/v1/customers/{}?expand[]=test_clock", id(customer)));
        assert_eq!(&expanded["test_clock"], clock);
        for kind in ["subscriptions?status=all&", "invoices?"] {
            let owned = world.walk(&format!("/v1/{kind}customer={}", id(customer)), 100);
            assert!(!owned.is_empty() && owned.iter().all(on_clock), "{kind}");
        }
    }
    let truth = support::run(&[&["truth"][..], &WORLD].concat());
    assert!(customers.iter().all(|customer| !truth.contains(id(customer))));
}

#[test]
fn events_tell_of_customers_on_a_test_clock() {
    let world = Served::start(&[&WORLD[..], &["--from", "2024-07"]].concat());
    let mut told = 0;
    for month in 1..19 {
        world.advance(1_719_792_000 + month * 29 * 86_400);
        let events = world.walk("/v1/events?type=customer.subscription.*", 100);
        told += events.iter().filter(|event| on_clock(&event["data"]["object"])).count();
    }
    assert!(told > 2);
}

#[test]
fn the_plain_world_has_no_clock() {
    let world = Served::start(&["--accounts", "20", "--months", "12"]);
    assert!(world.walk("/v1/test_helpers/test_clocks", 10).is_empty());
    assert_eq!(world.walk("/v1/customers", 100).len(), 20);
}

#[test]
fn a_credit_note_has_its_lines_under_a_path_of_their_own() {
    let world = Served::start(&["--seed", "1", "--accounts", "80", "--months", "24", "--repertoire", "full"]);
    let notes = world.walk("/v1/credit_notes", 100);
    assert!(!notes.is_empty());
    for note in notes {
        let lines = world.walk(&format!("/v1/credit_notes/{}/lines", id(&note)), 10);
        assert_eq!(note["lines"]["data"].as_array(), Some(&lines));
    }
    assert_eq!(world.ask("/v1/credit_notes/cn_no/lines").status, 404);
}
