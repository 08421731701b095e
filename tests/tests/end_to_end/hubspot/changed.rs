//! Many changes at once, and how many requests they take.

use mrr_tests::{Cluster, World};

use super::followed::second;
use super::{Portal, WORLD};

#[test]
fn many_companies_that_changed_are_read_together() {
    let cluster = Cluster::of_this_machine().unwrap();
    let world = World { accounts: 1_500, ..WORLD };
    let portal = Portal::of(world, &cluster, "hubspot_changed", &["--from=2025-06"], "");
    portal.read("sync");
    portal.company.advance(second("2025-09-01")).unwrap();
    portal.read("follow");
    let told = portal.rows("select fetched, requests from ops.run where kind = 'follow'");
    let told: Vec<u64> = told.split('|').map(|count| count.parse().unwrap()).collect();
    let companies = "select count(distinct split_part(id, '@', 1)) from ops.event where id like 'companies/%'";
    let companies: u64 = portal.rows(companies).parse().unwrap();
    println!("{companies} companies among {} records that changed, {} requests", told[0], told[1]);
    assert!(companies > 1_000 && told[0] > companies, "{companies} {told:?}");
    // One for each record that is no company, and for few besides.
    assert!(told[1] < (told[0] - companies) * 3 / 2, "{companies} {told:?}");
}
