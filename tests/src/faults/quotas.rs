//! Whose turn it is: a walk through everything, and what somebody waits for.

use std::time::Duration;

use super::case::{Case, elsewhere, quick};
use super::dialect::{CUSTOMERS, SUBSCRIPTIONS};
use super::fake_vendor::BEGIN;
use super::fixture::{Context, check, expect};
use super::gate::Deed;
use super::receiver::{Receiver, free_port, hooks};
use crate::Outcome;

const BUDGET: &str = "connectors/sdk/tests/budget.rs";

pub const CASES: &[Case] = &[
    elsewhere(
        "D16",
        "headers that say that little is left of a limit",
        BUDGET,
        "little_left_slows_down_before_a_429",
        "a daily limit, and what is kept for changes, in the tests beside it; Stripe has no such headers, so no real program is looked at",
    ),
    quick("D16b", "an event comes while a list is read for long", during_a_walk),
    quick("D17", "the environment names a proxy", proxied),
];

fn during_a_walk(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(200).in_pages_of(10))?;
    let port = free_port()?;
    fixture.configure(&format!("concurrency = 1\n{}", hooks(port)))?;
    fixture.ok(&["sync"])?;
    let receiver = Receiver::run(fixture, port, &[])?;
    let fixture = &receiver.fixture;
    fixture.gate.rule(
        |asked| {
            if asked.lists(SUBSCRIPTIONS) { Deed::Late(Duration::from_millis(400)) } else { Deed::Pass }
        },
    );
    let before = fixture.gate.count();
    // Looks every quarter of a second, for the five seconds of every day.
    let mut sync = fixture.start_with(&["sync"], &[("MRRD_HASTE", "20")])?;
    let pages = || fixture.gate.asked().iter().skip(before).filter(|asked| asked.lists(SUBSCRIPTIONS)).count();
    while pages() < 2 {
        check(!sync.ended(), || format!("the walk ended too soon:\n{}", sync.said()))?;
        std::thread::sleep(Duration::from_millis(20));
    }
    // Of the list that is read, behind which its first pages are on their way; and of one that was read before.
    let mut records = fixture.records();
    records.subscription("sub_00199", "cus_00199", BEGIN + 199 * 3_600, 7);
    records.customer("cus_00001", BEGIN + 3_600, "Grace");
    drop(records);
    for (entry, kind, stream, id) in [
        ("evt_item", "customer.subscription.updated", SUBSCRIPTIONS, "sub_00199"),
        ("evt_name", "customer.updated", CUSTOMERS, "cus_00001"),
    ] {
        let body = fixture.records().event(entry, kind, stream, id);
        let status = receiver.deliver(&body);
        expect("the delivery", &status.to_string(), "200")?;
    }
    let derived = "select exists (select from revenue.account where id = :cus_00001 and name = 'Grace')
                      and exists (select from revenue.segment where contract = :sub_00199 and quantity = 7)";
    let took = fixture.until(derived, "t", Duration::from_secs(6))?;
    let read = pages();
    check(read < 20 && !sync.ended(), || format!("only after {read} of 20 pages"))?;
    let finished = sync.finish(fixture, Duration::from_secs(60))?;
    expect("exit code", &finished.code.to_string(), "0").map_err(|error| format!("{error}\n{}", finished.stderr))?;
    fixture.gate.pass();
    receiver.heeded()?;
    receiver.close()?;
    Ok(format!("in the numbers after {:.1} s, {read} of 20 slow pages into the walk", took.as_secs_f64()))
}

fn proxied(context: &Context<'_>) -> Outcome<String> {
    let proxy = context.fixture(context.book(0))?;
    let fixture = context.fixture(context.book(5))?;
    let address = proxy.gate.address();
    let variables = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"];
    let finished = fixture.run_with(&["sync"], &variables.map(|name| (name, address.as_str())))?;
    expect("exit code", &finished.code.to_string(), "0").map_err(|error| format!("{error}\n{}", finished.stderr))?;
    expect("requests to the proxy", &proxy.gate.count().to_string(), "0")?;
    fixture.holds()?;
    Ok("it is passed by: it would see every path, and over http the key".into())
}
