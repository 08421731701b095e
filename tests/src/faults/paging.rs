//! Lists that shift, repeat, or have no end.

use std::time::Duration;

use super::case::{Case, elsewhere, quick};
use super::dialect::{CUSTOMERS, SUBSCRIPTIONS};
use super::fake_vendor::BEGIN;
use super::fixture::{Context, Fixture, check, expect};
use super::gate::{Asked, Deed};
use crate::Outcome;

pub const CASES: &[Case] = &[
    quick("C1", "2,300 records of one second, killed behind five different pages", one_second),
    quick("C2", "records are inserted at the head and others deleted while the list is read", shifting),
    quick("C3", "a record appears with a time long before what was read", late_commit),
    elsewhere(
        "C4",
        "a cap of 10,000 hits with equal times",
        "connectors/hubspot/tests/log.rs",
        "more_than_a_search_can_reach_is_found_and_so_is_one_millisecond_of_it",
        "",
    ),
    elsewhere(
        "C5",
        "the cursor and its rows",
        "tests/src/faults/crash.rs",
        "places",
        "row A2 here: I4 is looked at after a death at every boundary",
    ),
    quick("C6", "the third page fails for good", page_fails),
    quick("C7", "one stream is landed, the next is fetched and not landed, and the process dies", next_stream_dies),
    quick(
        "C8",
        "the list is newest first, and the process stops after a few pages while new records come",
        newest_first,
    ),
    quick("C9", "nobody looks for longer than events are kept", gap),
    quick("C12", "the record that the list was to go on behind is deleted", cursor_deleted),
    quick("C13", "the same page for ever; an empty page with has_more; has_more missing", endless),
    quick("C14", "pages shorter than asked for, and one that ends exactly", short_pages),
    quick("C15", "one record on two pages in two versions", twice),
    elsewhere(
        "C18",
        "parts of a walk, some read and some not",
        "daemon/src/tests/dividing.rs",
        "a_part_that_fails_is_gone_on_with_and_no_other",
        "",
    ),
];

fn customers(asked: &Asked) -> bool {
    asked.lists(CUSTOMERS)
}

/// Pages of customers that were asked for.
fn pages(fixture: &Fixture<'_>) -> usize {
    fixture.gate.asked().iter().filter(|asked| customers(asked)).count()
}

/// Waits until more than so many were.
fn asked_for(fixture: &Fixture<'_>, count: usize) -> Outcome<()> {
    let begun = std::time::Instant::now();
    while pages(fixture) <= count {
        check(begun.elapsed() < Duration::from_secs(30), || "the page was never asked for".into())?;
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Lets so many pages of customers through and then none.
fn only(fixture: &Fixture<'_>, pages: usize) {
    let mut met = 0;
    fixture.gate.rule(move |asked| {
        met += usize::from(customers(asked));
        if customers(asked) && met > pages { Deed::Stall(0) } else { Deed::Pass }
    });
}

fn one_second(context: &Context<'_>) -> Outcome<String> {
    let mut pages = Vec::new();
    for after in [1, 2, 9, 10, 17] {
        let mut vendor = context.book(0);
        for number in 0..2_300 {
            vendor.customer(&format!("cus_{number:05}"), BEGIN, "Ada");
        }
        let fixture = context.fixture(vendor)?;
        fixture.truth()?;
        only(&fixture, after);
        let mut sync = fixture.start(&["sync"])?;
        asked_for(&fixture, after)?;
        sync.signal("KILL")?;
        sync.finish(&fixture, Duration::from_secs(5))?;
        fixture.cursors_hold()?;
        let state: usize =
            fixture.row("select coalesce(max(pg_column_size(w.*)), 0) from ops.walk w")?.parse().unwrap_or(usize::MAX);
        check(state < 8 << 10, || format!("C1b: the stored place takes {state} bytes"))?;
        fixture.gate.pass();
        fixture.ok(&["sync"])?;
        fixture.holds()?;
        pages.push(after.to_string());
    }
    Ok(format!("stopped after {} pages, nothing lost", pages.join(", ")))
}

fn shifting(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(200).in_pages_of(10))?;
    let super::gate::Vendor::Fake(vendor) = fixture.vendor.clone() else { return Err("no vendor".into()) };
    let mut met = 0;
    fixture.gate.rule(move |asked| {
        if customers(asked) {
            met += 1;
            let mut vendor = super::gate::lock(&vendor);
            let created = BEGIN + 9_000_000 + i64::from(met);
            vendor.customer(&format!("cus_head{met}"), created, "Ada");
            // The one in the middle of what is still ahead.
            vendor.delete(CUSTOMERS, &format!("cus_{:05}", 199 - met * 9));
        }
        Deed::Pass
    });
    fixture.ok(&["sync"])?;
    fixture.gate.pass();
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    Ok("what shifted is right after the next list".into())
}

fn late_commit(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(50).in_pages_of(10))?;
    fixture.ok(&["sync"])?;
    fixture.records().customer("cus_late", BEGIN + 5, "Ada");
    // By its event at once, and without one by the next whole list.
    fixture.records().tell("evt_late", "customer.created", CUSTOMERS, "cus_late");
    fixture.ok(&["follow"])?;
    fixture.holds()?;
    fixture.records().customer("cus_later", BEGIN + 6, "Ada");
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    Ok("told by an event at once, without one found by the next list".into())
}

fn page_fails(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(200).in_pages_of(10))?;
    fixture.truth()?;
    let mut met = 0;
    fixture.gate.rule(move |asked| {
        met += usize::from(customers(asked));
        if customers(asked) && met > 6 { Deed::Say(500, String::new(), b"{}".to_vec()) } else { Deed::Pass }
    });
    let finished = fixture.hasty(&["sync"])?;
    fixture.failed(&finished, &[&fixture.stream(CUSTOMERS), "status 500"])?;
    fixture.cursors_hold()?;
    expect("customers landed", &fixture.row("select count(*) from raw.record where stream = :customers")?, "60")?;
    let others = fixture.row("select count(*) from raw.record where stream = :subscriptions")?;
    expect("subscriptions landed", &others, "200")?;
    // Accounts are derived only from all of their streams.
    expect("accounts derived", &fixture.row("select count(*) from revenue.account")?, "0")?;
    fixture.gate.pass();
    let before = fixture.gate.count();
    fixture.ok(&["sync"])?;
    let asked = fixture.gate.asked();
    let again = asked[before..].iter().filter(|asked| customers(asked)).count();
    check(again <= 16, || format!("{again} requests for the fourteen pages that were left"))?;
    fixture.holds()?;
    Ok(format!("kept six pages; the next sync took {again} requests for the fourteen left"))
}

fn next_stream_dies(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(60).in_pages_of(10))?;
    fixture.truth()?;
    fixture.gate.rule(|asked| if asked.goes_on() && asked.lists(SUBSCRIPTIONS) { Deed::Stall(10) } else { Deed::Pass });
    let mut sync = fixture.start(&["sync"])?;
    fixture.until("select count(*) from raw.record where stream = :customers", "60", Duration::from_secs(20))?;
    std::thread::sleep(Duration::from_millis(300));
    sync.signal("KILL")?;
    sync.finish(&fixture, Duration::from_secs(5))?;
    fixture.cursors_hold()?;
    let walks = fixture.row("select count(*) from ops.walk where stream = :subscriptions")?;
    expect("walks through subscriptions", &walks, "0")?;
    fixture.gate.pass();
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    Ok("the one's place stands, the other's did not move".into())
}

fn newest_first(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(200).in_pages_of(10))?;
    fixture.configure("concurrency = 1\n")?;
    fixture.truth()?;
    let thirtieth = fixture.records().rows(fixture.own(CUSTOMERS))[29].id.clone();
    let mut met = 0;
    fixture.gate.rule(move |asked| {
        met += usize::from(customers(asked));
        if customers(asked) && met > 3 { Deed::Say(503, String::new(), b"{}".to_vec()) } else { Deed::Pass }
    });
    fixture.hasty(&["sync"])?;
    fixture.cursors_hold()?;
    for number in 0..25 {
        fixture.records().customer(&format!("cus_new{number}"), BEGIN + 9_000_000 + number, "Ada");
    }
    fixture.gate.pass();
    let before = fixture.gate.count();
    fixture.ok(&["sync"])?;
    let asked = fixture.gate.asked();
    let first = asked[before..].iter().find(|asked| customers(asked)).and_then(|asked| asked.list.clone()?.after);
    check(first.as_ref() == Some(&thirtieth), || format!("the walk went on behind {first:?}, not {thirtieth}"))?;
    // What came at the head meanwhile is told by events; without any, the next list has it.
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    Ok("went on behind the third page; what came meanwhile is in the next list".into())
}

fn gap(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(30).in_pages_of(10))?;
    fixture.ok(&["sync"])?;
    {
        let mut records = fixture.records();
        records.customer("cus_00003", BEGIN + 3 * 3_600, "Grace");
        // Its event is older than what the vendor keeps.
        records.now += 45 * 86_400;
    }
    let finished = fixture.ok(&["follow"])?;
    check(finished.stderr.contains("the log no longer has what happened then"), || finished.stderr.clone())?;
    expect("gaps", &fixture.row("select count(*) from ops.gap")?, "1")?;
    fixture.holds()?;
    let status = fixture.ok(&["status"])?;
    check(status.stderr.contains("EVENTS MISSED FROM"), || {
        format!("mrrd status does not show it:\n{}", status.stderr)
    })?;
    Ok("noticed, listed everything again, and said so".into())
}

fn cursor_deleted(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(100).in_pages_of(10))?;
    let super::gate::Vendor::Fake(vendor) = fixture.vendor.clone() else { return Err("no vendor".into()) };
    let mut met = 0;
    fixture.gate.rule(move |asked| {
        met += usize::from(customers(asked));
        if customers(asked) && met == 4 {
            let after = asked.list.as_ref().and_then(|list| list.after.clone()).unwrap_or_default();
            super::gate::lock(&vendor).delete(CUSTOMERS, &after);
        }
        Deed::Pass
    });
    fixture.ok(&["sync"])?;
    // It had been read before it was deleted, and there is no event; the next list leaves it out.
    fixture.gate.pass();
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    // And between two processes.
    let before = pages(&fixture);
    only(&fixture, 3);
    let mut sync = fixture.start(&["sync"])?;
    asked_for(&fixture, before + 3)?;
    sync.signal("TERM")?;
    sync.finish(&fixture, Duration::from_secs(10))?;
    let place = format!("select {} from ops.walk where stream = :customers", fixture.dialect().place());
    let place = fixture.row(&place)?;
    check(!place.is_empty(), || "no place was stored".into())?;
    fixture.records().delete(CUSTOMERS, &place);
    fixture.gate.pass();
    fixture.ok(&["sync"])?;
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    Ok("the part began anew".into())
}

fn endless(context: &Context<'_>) -> Outcome<String> {
    let mut requests = 0;
    for (body, words) in context.dialect.endless(&context.dialect.customer("cus_1", BEGIN, "Ada")) {
        let fixture = context.fixture(context.book(5))?;
        // Of two parts that run in circles at once either may notice first, in words of its own.
        fixture.configure("concurrency = 1\n")?;
        fixture.gate.rule(move |asked| {
            if customers(asked) { Deed::Say(200, String::new(), body.clone().into_bytes()) } else { Deed::Pass }
        });
        let finished = fixture.hasty(&["sync"])?;
        fixture.failed(&finished, &[&fixture.stream(CUSTOMERS), words])?;
        let asked = fixture.gate.asked().iter().filter(|asked| customers(asked)).count();
        check(asked <= 12, || format!("{words}: {asked} requests"))?;
        requests += asked;
        fixture.truth()?;
        fixture.gate.pass();
        // A cursor that led in circles leads nowhere now: the record is not there.
        fixture.ok(&["sync"])?;
        // One that only the wrong list had is looked up and found to be gone.
        fixture.ok(&["sync"])?;
        fixture.holds()?;
    }
    Ok(format!("each named after {requests} requests in all"))
}

fn short_pages(context: &Context<'_>) -> Outcome<String> {
    // A hundred are asked for and ten come; the last page is exactly full.
    let fixture = context.fixture(context.book(100).in_pages_of(10))?;
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    fixture.counted(0)?;
    Ok("has_more decides, not the number of records".into())
}

fn twice(context: &Context<'_>) -> Outcome<String> {
    let created = BEGIN + 28 * 3_600;
    let mut vendor = context.book(30).in_pages_of(10);
    // The other version is further up or down in the list, as when a record moves while it is read.
    vendor.put_twice(
        CUSTOMERS,
        "cus_00028",
        BEGIN + 9_000_000,
        &context.dialect.customer("cus_00028", created, "Grace"),
    );
    let fixture = context.fixture(vendor)?;
    fixture.ok(&["sync"])?;
    let kept = fixture.name_of("cus_00028")?;
    // Which is newer can't be told from two pages; the next list, which has one, decides.
    fixture.records().delete(CUSTOMERS, "cus_00028");
    fixture.records().customer("cus_00028", created, "Grace");
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    expect("its name", &fixture.name_of("cus_00028")?, "Grace")?;
    Ok(format!("no failure; `{kept}` at first, the newest after the next list"))
}
