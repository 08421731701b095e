//! The moving clock: what is seen at a moment is what had happened by then.

mod support;

use std::collections::BTreeMap;

use serde_json::Value;
use support::{Served, id, run};

const WORLD: [&str; 8] = ["--seed", "9", "--accounts", "80", "--months", "24", "--repertoire", "full"];

fn lists(world: &Served) -> BTreeMap<&'static str, String> {
    let paths = [
        "/v1/customers",
        "/v1/prices",
        "/v1/coupons",
        "/v1/subscriptions?status=all",
        "/v1/invoices",
        "/v1/invoiceitems",
        "/v1/subscription_schedules",
        "/v1/refunds",
    ];
    let text = |path| world.walk(path, 100).iter().map(|object| object.to_string() + "\n").collect();
    paths.into_iter().map(|path| (path, text(path))).collect()
}

#[test]
fn the_clock_goes_forward_to_the_same_end() {
    let moving = Served::start(&[&WORLD[..], &["--from", "2025-06"]].concat());
    assert_eq!(moving.ask("/v1/account").header("date"), Some("Sun, 01 Jun 2025 00:00:00 GMT"));
    let june = 1_748_736_000;
    let latest = |world: &Served| world.walk("/v1/invoices", 100)[0]["created"].as_i64().expect("a time");
    assert!((june - 30 * 86_400..june).contains(&latest(&moving)));
    let before = moving.walk("/v1/subscriptions?status=all", 100);
    let advance = |to: i64| moving.request("POST", &format!("/_sandbox/advance?to={to}"), &[]).status;
    assert_eq!(advance(june + 45 * 86_400), 200);
    assert_eq!(moving.ask("/v1/account").header("date"), Some("Wed, 16 Jul 2025 00:00:00 GMT"));
    let after = moving.walk("/v1/subscriptions?status=all", 100);
    assert!(before.iter().all(|old| after.iter().any(|new| id(new) == id(old))) && before.len() < after.len());
    assert_eq!((advance(june), advance(1_767_225_601)), (400, 400));
    assert_eq!(moving.request("GET", "/_sandbox/advance?to=1767225600", &[]).status, 404);
    assert_eq!(advance(1_767_225_600), 200);
    assert_eq!(lists(&moving), lists(&Served::start(&WORLD)));
}

#[test]
fn what_was_seen_then_comes_to_the_truth_of_then() {
    let truth = run(&[&["truth"][..], &WORLD].concat());
    let mut counting: BTreeMap<String, bool> = BTreeMap::new();
    for row in truth.lines().skip(1) {
        let [account, day, _, _, gross] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{row}") };
        if day < "2025-06-01" {
            counting.insert(account.to_owned(), gross != "0.00");
        }
    }
    // A backdated subscription counts before anybody has entered it, so its account can't be judged by what was seen.
    let june = 1_748_736_000;
    let end = Served::start(&WORLD).walk("/v1/subscriptions?status=all", 100);
    let crosses = |s: &Value| s["start_date"].as_i64() < Some(june) && s["created"].as_i64() >= Some(june);
    for subscription in end.iter().filter(|subscription| crosses(subscription)) {
        counting.remove(subscription["customer"].as_str().expect("an id"));
    }
    let world = Served::start(&[&WORLD[..], &["--from", "2025-06"]].concat());
    let shown = world.walk("/v1/subscriptions", 100);
    let count = |s: &&Value| ["active", "past_due"].contains(&s["status"].as_str().unwrap_or(""));
    let mut seen = 0;
    for (account, _) in counting.iter().filter(|(_, counts)| **counts) {
        let active = shown.iter().filter(count).any(|s| s["customer"] == account.as_str());
        assert!(active, "{account} counts and is not seen to");
        seen += 1;
    }
    assert!(seen > 15, "{seen}");
}
