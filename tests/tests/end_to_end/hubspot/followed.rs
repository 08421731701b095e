//! A CRM that is followed from an early day on, by an index that is late.

use chrono::{NaiveDate, NaiveTime};
use mrr_tests::{Cluster, END, compare};

use super::attributes::compare as compare_attributes;
use super::{COUNTED, Portal, WORLD};

/// The first second of a day in UTC.
pub fn second(day: &str) -> i64 {
    day.parse::<NaiveDate>().unwrap().and_time(NaiveTime::MIN).and_utc().timestamp()
}

#[test]
fn what_is_followed_is_what_a_list_tells() {
    let cluster = Cluster::of_this_machine().unwrap();
    let serve = ["--from=2023-09", "--search-lag=1800", "--search-unordered"];
    let portal = Portal::open(&cluster, "hubspot_followed", &serve, COUNTED);
    portal.read("sync");
    // Hours in which records turn up behind the cursor, then months.
    let hours = (1..13).map(|hour| second("2023-09-01") + hour * 1_300);
    let months = (0..8).map(|month| second("2023-09-03") + month * 86_400 * 105);
    for at in hours.chain(months).filter(|at| *at < second(END)) {
        portal.company.advance(at).unwrap();
        portal.read("follow");
    }
    portal.company.advance(second(END)).unwrap();
    // What changed in the last half hour is in the index later, and the list has it at once.
    portal.read("sync");
    let (_, different, longer, missing, first) = compare_attributes(&portal);
    assert_eq!((different, missing), (0, 0), "{first}");
    assert_eq!(longer, 0, "whoever was there before the history was cut knows all of it");
    let rates = portal.daemon.folder().path().join("rates.csv");
    let found = compare(&portal.database, &portal.truth("contracts"), &rates, &WORLD.first_day(), END).unwrap();
    assert_eq!((found.differences, found.first.as_str()), (0, ""));
    // Whoever looks again finds what was found, and writes nothing.
    portal.read("follow");
    let runs = portal.rows("select count(*) from ops.run");
    portal.read("follow");
    assert_eq!(portal.rows("select count(*) from ops.run"), runs);
    // Duplicates that were merged are gone, and their companies say whom they took in.
    let merged = "select count(*) > 0 from raw.record r where stream = 'companies' and deleted
                  and exists (select from raw.record w where w.stream = 'companies'
                              and w.payload::jsonb -> 'properties' ->> 'hs_merged_object_ids' like '%' || r.id || '%')";
    assert_eq!(portal.rows(merged), "t");
}
