//! Customers that are deleted while their subscriptions live on.

use mrr_tests::Cluster;

use super::questions::Questions;

pub fn ask(questions: &mut Questions) {
    for case in ["F9 deleted before the first sync", "F9 deleted while it is watched"] {
        questions.mrr(case, &[("2025-12-01", "30"), ("2025-12-31", "30")]);
        questions.movements(case, ("2025-12-01", "2026-01-01"), "opening 30, closing 30");
    }
}

#[test]
fn f9_a_customer_that_is_deleted_while_it_is_watched_keeps_name_and_country() {
    let cluster = Cluster::of_this_machine().unwrap();
    let synced = super::watched(&cluster, "deleted").unwrap();
    // It has MRR as before, so it leaves no cohort.
    let left = "select transfer from mrr_movements('2025-12-01', '2026-01-01', 'month', 'country:DE')";
    assert_eq!(synced.database.run(left).unwrap(), "0");
    // What the other one was called nobody could ever read.
    let called = "select string_agg(case name when account then 'its id' else name end, ', ' order by name)
                    from account_mrr('2025-12-31') where name like 'F9%' or name = account";
    assert_eq!(synced.database.run(called).unwrap(), "F9 deleted while it is watched, its id");
}
