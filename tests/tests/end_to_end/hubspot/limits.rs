//! A portal whose daily limit others use up too.

use mrr_tests::Cluster;

use super::Portal;
use super::followed::second;

#[test]
fn a_day_that_is_used_up_ends_the_sync_and_the_next_day_goes_on() {
    let cluster = Cluster::of_this_machine().unwrap();
    let serve = ["--from=2025-12-01", "--rate-limit-policy=daily", "--rate-limit-every=40"];
    let portal = Portal::open(&cluster, "hubspot_daily", &serve, "");
    let mut days = 0;
    loop {
        let sync = portal.daemon.finish(&["sync"]).unwrap();
        let said = format!("{}{}", sync.stdout, sync.stderr);
        if matches!(sync.code, 0 | 3) {
            break;
        }
        assert!(said.contains("0 of 650000 requests are left of the vendor's daily limit; the next run"), "{said}");
        assert!(!said.contains("rate limited after"), "it is not tried again and again: {said}");
        days += 1;
        assert!(days < 20, "it begins anew each day: {said}");
        portal.company.advance(second("2025-12-01") + days * 86_400).unwrap();
    }
    assert!(days > 0, "the day was long enough");
    assert_eq!(portal.rows("select count(*) > 100 from raw.record where stream = 'companies'"), "t");
}
