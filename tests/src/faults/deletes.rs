//! Records that go, come back, or only seem to be gone.

use std::time::Duration;

use super::case::{Case, quick};
use super::dialect::CUSTOMERS;
use super::fake_vendor::BEGIN;
use super::fixture::{Context, Fixture, check, expect};
use super::gate::Deed;
use crate::Outcome;

pub const CASES: &[Case] = &[
    quick("G1", "a record is deleted and nothing tells", unannounced),
    quick("G2", "a record is deleted, and a late event tells of an update before that", late_update),
    quick("G3", "a deleted record is there again", undeleted),
    quick("G4", "a subscription comes before its customer, and after it was deleted", orphans),
    quick("G5", "a list breaks off in the middle", half_a_list),
    quick("G6", "a list is empty by mistake; then most of it is missing", empty_list),
];

fn gone(fixture: &Fixture<'_>, id: &str) -> Outcome<String> {
    fixture.row(&format!("select deleted from raw.record where id = :{id} order by version desc limit 1"))
}

fn unannounced(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(60).in_pages_of(10))?;
    fixture.ok(&["sync"])?;
    fixture.records().delete(CUSTOMERS, "cus_00010");
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    expect("a tombstone", &gone(&fixture, "cus_00010")?, "t")?;
    let path = fixture.dialect().name_path();
    let kept = format!("select payload::json #>> '{path}' from raw.record where id = :cus_00010 and version = 1");
    expect("what it was", &fixture.row(&kept)?, "Ada")?;
    Ok("found by the next whole list; what it was is kept".into())
}

fn late_update(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(30))?;
    fixture.ok(&["sync"])?;
    {
        let mut records = fixture.records();
        records.delete(CUSTOMERS, "cus_00010");
        records.tell("evt_deleted", "customer.deleted", CUSTOMERS, "cus_00010");
    }
    fixture.ok(&["follow"])?;
    expect("a tombstone", &gone(&fixture, "cus_00010")?, "t")?;
    fixture.records().tell("evt_late", "customer.updated", CUSTOMERS, "cus_00010");
    fixture.ok(&["follow"])?;
    expect("a tombstone", &gone(&fixture, "cus_00010")?, "t")?;
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    Ok("stays deleted".into())
}

fn undeleted(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(30))?;
    fixture.ok(&["sync"])?;
    fixture.records().delete(CUSTOMERS, "cus_00010");
    fixture.ok(&["sync"])?;
    expect("a tombstone", &gone(&fixture, "cus_00010")?, "t")?;
    fixture.records().customer("cus_00010", BEGIN + 36_000, "Ada");
    fixture.ok(&["sync"])?;
    expect("a tombstone", &gone(&fixture, "cus_00010")?, "f")?;
    fixture.holds()?;
    Ok("live again, byte for byte as before".into())
}

fn orphans(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(10))?;
    fixture.records().subscription("sub_early", "cus_early", BEGIN + 50_000, 1);
    fixture.run(&["sync"])?;
    let of_account =
        "select count(distinct contract) from revenue.segment s join revenue.account a on a.key = s.account_key
                      where a.id = :cus_early and s.known_until = 'infinity'";
    expect("contracts of a customer that is not listed yet", &fixture.row(of_account)?, "1")?;
    fixture.records().customer("cus_early", BEGIN + 50_000, "Grace");
    fixture.ok(&["sync"])?;
    let name = fixture.row("select name from revenue.account where id = :cus_early")?;
    expect("its name", &name, "Grace")?;
    fixture.records().delete(CUSTOMERS, "cus_early");
    fixture.records().subscription("sub_late", "cus_early", BEGIN + 60_000, 1);
    fixture.run(&["sync"])?;
    expect("contracts of a customer that was deleted", &fixture.row(of_account)?, "2")?;
    fixture.holds()?;
    Ok("no order of streams is needed".into())
}

fn half_a_list(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(100).in_pages_of(10))?;
    fixture.ok(&["sync"])?;
    fixture.records().delete(CUSTOMERS, "cus_00095");
    let mut met = 0;
    fixture.gate.rule(move |asked| {
        met += usize::from(asked.lists(CUSTOMERS));
        if asked.lists(CUSTOMERS) && met > 4 {
            Deed::Say(500, String::new(), Vec::new())
        } else {
            Deed::Late(Duration::from_millis(20))
        }
    });
    let deleted = "select count(*) from raw.record where deleted";
    let mut sync = fixture.start_with(&["sync"], &[("MRRD_HASTE", "20")])?;
    while !sync.ended() {
        expect("tombstones while the list is read", &fixture.row(deleted)?, "0")?;
    }
    sync.finish(&fixture, Duration::from_secs(5))?;
    expect("tombstones after half a list", &fixture.row(deleted)?, "0")?;
    fixture.gate.pass();
    // Gone on with, it has not seen all that an earlier process saw; the next one has.
    fixture.ok(&["sync"])?;
    fixture.ok(&["sync"])?;
    expect("tombstones", &fixture.row(deleted)?, "1")?;
    fixture.holds()?;
    Ok("nothing was concluded before a whole list was read".into())
}

fn empty_list(context: &Context<'_>) -> Outcome<String> {
    let fixture = context.fixture(context.book(100).in_pages_of(50))?;
    fixture.ok(&["sync"])?;
    for (what, from) in [("all", 0), ("half", 50)] {
        for number in from..100 {
            fixture.records().hide(CUSTOMERS, &format!("cus_{number:05}"));
        }
        let finished = fixture.run(&["sync"])?;
        fixture
            .failed(&finished, &[&fixture.stream(CUSTOMERS), "leaves out", "--accept-deletions"])
            .map_err(|error| format!("{what}: {error}"))?;
        expect("tombstones", &fixture.row("select count(*) from raw.record where deleted")?, "0")?;
        fixture.records().show();
    }
    fixture.ok(&["sync"])?;
    fixture.holds()?;
    // The one action that the message names.
    for number in 50..100 {
        fixture.records().delete(CUSTOMERS, &format!("cus_{number:05}"));
    }
    fixture.ok(&["sync", "--accept-deletions"])?;
    expect("tombstones", &fixture.row("select count(*) from raw.record where deleted")?, "50")?;
    fixture.holds()?;
    let live = fixture.row("select payload::json ->> 'id' from raw.record where id = :cus_00000")?;
    check(!live.is_empty(), || "the first one is gone".into())?;
    Ok("stopped and named; done when it was allowed".into())
}
