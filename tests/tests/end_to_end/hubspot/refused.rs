//! A token that may not read everything.

use mrr_tests::Cluster;

use super::Portal;

#[test]
fn a_scope_that_is_missing_is_named_and_all_else_is_synced() {
    let cluster = Cluster::of_this_machine().unwrap();
    let portal =
        Portal::open(&cluster, "hubspot_scopes", &["--forbid=line_items", "--forbid=feedback_submissions"], "");
    let remedies = ["`crm.objects.line_items.read`", "`crm.objects.feedback_submissions.read`"];
    let check = portal.daemon.finish(&["check"]).unwrap();
    let said = format!("{}{}", check.stdout, check.stderr);
    assert!(check.code != 0 && remedies.iter().all(|remedy| said.contains(remedy)), "{said}");
    assert!(said.contains("without them no deal can"), "{said}");

    for how in ["sync", "follow"] {
        portal.read(how);
    }
    let told = "select stream, message from ops.problem where record = 'all' order by stream";
    let told = portal.rows(told);
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for (line, (stream, remedy)) in told.iter().zip(["deals", "feedback_submissions"].into_iter().zip(remedies)) {
        let parts = [&format!("grant it the permission {remedy}"), "all else is synced"];
        assert!(line.starts_with(stream) && parts.iter().all(|part| line.contains(part)), "{line}");
    }
    let kept = "select count(*) filter (where stream = 'companies') > 100,
                       count(*) filter (where stream in ('deals', 'feedback_submissions')) from raw.record";
    assert_eq!(portal.rows(kept), "t|0");
    assert_eq!(portal.rows("select count(distinct name) > 3 from revenue.attribute"), "t");
}
