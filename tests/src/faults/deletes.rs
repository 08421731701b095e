//! Records that go, come back, or only seem to be gone.

use std::time::Duration;

use super::case::{Case, quick};
use super::gate::Deed;
use super::house::{House, Site, check, expect};
use super::shelf::{BEGIN, Shelf};
use crate::Outcome;

pub const CASES: &[Case] = &[
    quick("G1", "a record is deleted and nothing tells", unannounced),
    quick("G2", "a record is deleted, and a late event tells of an update before that", late_update),
    quick("G3", "a deleted record is there again", undeleted),
    quick("G4", "a subscription comes before its customer, and after it was deleted", orphans),
    quick("G5", "a list breaks off in the middle", half_a_list),
    quick("G6", "a list is empty by mistake; then most of it is missing", empty_list),
];

fn gone(house: &House<'_>, id: &str) -> Outcome<String> {
    house.row(&format!("select deleted from raw.record where id = '{id}' order by version desc limit 1"))
}

fn unannounced(site: &Site<'_>) -> Outcome<String> {
    let house = site.shelf(Shelf::with(60).in_pages_of(10))?;
    house.ok(&["sync"])?;
    house.records().delete("customers", "cus_00010");
    house.records().delete("invoices", "in_none");
    house.ok(&["sync"])?;
    house.holds()?;
    expect("a tombstone", &gone(&house, "cus_00010")?, "t")?;
    let kept = house.row("select payload::json ->> 'name' from raw.record where id = 'cus_00010' and version = 1")?;
    expect("what it was", &kept, "Ada")?;
    Ok("found by the next whole list; what it was is kept".into())
}

fn late_update(site: &Site<'_>) -> Outcome<String> {
    let house = site.shelf(Shelf::with(30))?;
    house.ok(&["sync"])?;
    {
        let mut records = house.records();
        records.delete("customers", "cus_00010");
        records.tell("evt_deleted", "customer.deleted", "customers", "cus_00010");
    }
    house.ok(&["follow"])?;
    expect("a tombstone", &gone(&house, "cus_00010")?, "t")?;
    house.records().tell("evt_late", "customer.updated", "customers", "cus_00010");
    house.ok(&["follow"])?;
    expect("a tombstone", &gone(&house, "cus_00010")?, "t")?;
    house.ok(&["sync"])?;
    house.holds()?;
    Ok("stays deleted".into())
}

fn undeleted(site: &Site<'_>) -> Outcome<String> {
    let house = site.shelf(Shelf::with(30))?;
    house.ok(&["sync"])?;
    house.records().delete("customers", "cus_00010");
    house.ok(&["sync"])?;
    expect("a tombstone", &gone(&house, "cus_00010")?, "t")?;
    house.records().customer("cus_00010", BEGIN + 36_000, "Ada");
    house.ok(&["sync"])?;
    expect("a tombstone", &gone(&house, "cus_00010")?, "f")?;
    house.holds()?;
    Ok("live again, byte for byte as before".into())
}

fn orphans(site: &Site<'_>) -> Outcome<String> {
    let house = site.shelf(Shelf::with(10))?;
    house.records().subscription("sub_early", "cus_early", BEGIN + 50_000, 1);
    house.run(&["sync"])?;
    let of_account =
        "select count(distinct contract) from revenue.segment s join revenue.account a on a.key = s.account_key
                      where a.id = 'cus_early' and s.known_until = 'infinity'";
    expect("contracts of a customer that is not listed yet", &house.row(of_account)?, "1")?;
    house.records().customer("cus_early", BEGIN + 50_000, "Grace");
    house.ok(&["sync"])?;
    let name = house.row("select name from revenue.account where id = 'cus_early'")?;
    expect("its name", &name, "Grace")?;
    house.records().delete("customers", "cus_early");
    house.records().subscription("sub_late", "cus_early", BEGIN + 60_000, 1);
    house.run(&["sync"])?;
    expect("contracts of a customer that was deleted", &house.row(of_account)?, "2")?;
    house.holds()?;
    Ok("no order of streams is needed".into())
}

fn half_a_list(site: &Site<'_>) -> Outcome<String> {
    let house = site.shelf(Shelf::with(100).in_pages_of(10))?;
    house.ok(&["sync"])?;
    house.records().delete("customers", "cus_00095");
    let mut met = 0;
    house.gate.rule(move |asked| {
        met += usize::from(asked.path == "/v1/customers");
        if asked.path == "/v1/customers" && met > 4 {
            Deed::Say(500, String::new(), Vec::new())
        } else {
            Deed::Late(Duration::from_millis(20))
        }
    });
    let deleted = "select count(*) from raw.record where deleted";
    let mut sync = house.start_with(&["sync"], &[("MRRD_HASTE", "20")])?;
    while !sync.ended() {
        expect("tombstones while the list is read", &house.row(deleted)?, "0")?;
    }
    sync.finish(&house, Duration::from_secs(5))?;
    expect("tombstones after half a list", &house.row(deleted)?, "0")?;
    house.gate.pass();
    // Gone on with, it has not seen all that an earlier process saw; the next one has.
    house.ok(&["sync"])?;
    house.ok(&["sync"])?;
    expect("tombstones", &house.row(deleted)?, "1")?;
    house.holds()?;
    Ok("nothing was concluded before a whole list was read".into())
}

fn empty_list(site: &Site<'_>) -> Outcome<String> {
    let house = site.shelf(Shelf::with(100).in_pages_of(50))?;
    house.ok(&["sync"])?;
    for (what, from) in [("all", 0), ("half", 50)] {
        for number in from..100 {
            house.records().hide("customers", &format!("cus_{number:05}"));
        }
        let finished = house.run(&["sync"])?;
        house
            .failed(&finished, &["stream `customers`", "leaves out", "--accept-deletions"])
            .map_err(|error| format!("{what}: {error}"))?;
        expect("tombstones", &house.row("select count(*) from raw.record where deleted")?, "0")?;
        house.records().show();
    }
    house.ok(&["sync"])?;
    house.holds()?;
    // The one action that the message names.
    for number in 50..100 {
        house.records().delete("customers", &format!("cus_{number:05}"));
    }
    house.ok(&["sync", "--accept-deletions"])?;
    expect("tombstones", &house.row("select count(*) from raw.record where deleted")?, "50")?;
    house.holds()?;
    let live = house.row("select payload::json ->> 'id' from raw.record where id = 'cus_00000'")?;
    check(!live.is_empty(), || "the first one is gone".into())?;
    Ok("stopped and named; done when it was allowed".into())
}
