//! The plain world is a promise: what it showed when it was first released it shows for ever.

mod support;

use serde_json::Value;
use support::{Served, run};

const WORLD: [&str; 6] = ["--seed", "7", "--accounts", "60", "--months", "30"];

const LISTS: [&str; 11] = [
    "/v1/customers",
    "/v1/products",
    "/v1/prices",
    "/v1/prices?expand[]=data.tiers",
    "/v1/coupons",
    "/v1/subscriptions?status=all",
    "/v1/subscriptions?expand[]=data.discounts.source.coupon",
    "/v1/invoices?expand[]=data.discounts",
    "/v1/invoices?expand[]=data.lines.data.discounts",
    "/v1/invoiceitems",
    "/v1/subscription_schedules",
];

/// FNV-1a: a few lines that no release of anything can change.
fn fingerprint(text: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

fn walk(world: &Served, path: &str) -> String {
    world.walk(path, 100).iter().fold(String::new(), |text, object| text + &object.to_string() + "\n")
}

#[test]
fn the_plain_world_is_what_it_always_was() {
    let expected: Value = serde_json::from_str(include_str!("fixtures/plain.json")).expect("JSON");
    let world = Served::start(&WORLD);
    let mut seen = serde_json::Map::new();
    let mut see = |name: &str, text: &str| seen.insert(name.into(), fingerprint(text).into());
    LISTS.iter().for_each(|path| drop(see(path, &walk(&world, path))));
    see("/v1/account", &world.get("/v1/account").to_string());
    let zone = ["--time-zone", "Europe/Berlin"];
    see("truth", &run(&[&["truth"][..], &WORLD, &zone].concat()));
    see("summary", &run(&[&["summary"][..], &WORLD].concat()));
    see("rates", &run(&["rates", "--seed", "7", "--months", "30"]));
    let seen = Value::Object(seen);
    assert_eq!(seen, expected, "{seen:#}");
}
