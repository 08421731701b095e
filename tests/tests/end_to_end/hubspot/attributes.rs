//! What was noted of a company, on every day.

use mrr_tests::Cluster;

use super::Portal;

#[test]
fn attributes_are_what_they_were_on_every_day() {
    let cluster = Cluster::of_this_machine().unwrap();
    let portal = Portal::open(&cluster, "hubspot_attributes", &[], "");
    portal.read("sync");
    let (compared, different, longer, missing, first) = compare(&portal);
    assert_eq!((different, missing), (0, 0), "{first}");
    assert!(compared > 500_000, "{compared}");
    assert!(longer > 0, "some histories are longer than HubSpot keeps them");
}

/// Pairs of attribute and day that were compared, those that differ and are not said to be unknown,
/// attributes of companies whose history is cut, companies that are missing, and the first differences.
pub fn compare(portal: &Portal<'_>) -> (u64, u64, u64, u64, String) {
    let file = format!("'{}'", portal.truth("attributes").display());
    let printed = portal.rows(&include_str!("attributes.sql").replace(":truth_file", &file));
    let (counts, first) = printed.split_once('\n').unwrap_or((&printed, ""));
    let counts: Vec<u64> = counts.split('|').map(|count| count.parse().unwrap()).collect();
    (counts[0], counts[1], counts[2], counts[3], first.to_owned())
}

#[test]
fn what_is_mapped_wrongly_is_said_before_anything_is_read() {
    let cluster = Cluster::of_this_machine().unwrap();
    let portal = Portal::open(&cluster, "hubspot_check", &["--forbid=feedback_submissions"], "");
    let check = portal.daemon.finish(&["check"]).unwrap();
    let said = format!("{}{}", check.stdout, check.stderr);
    for part in [
        "26471803",
        "crm.objects.feedback_submissions.read",
        "no customer has the attribute `nps`",
        "a second",
        "records",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("sk_test_sandbox"), "{said}");
    let toml = std::fs::read_to_string(portal.daemon.folder().path().join("mrrd.toml")).unwrap();
    portal.daemon.configure(&toml.replace("'customer_tier'", "'customer_teir'")).unwrap();
    let check = portal.daemon.finish(&["check"]).unwrap();
    let said = format!("{}{}", check.stdout, check.stderr);
    assert!(
        check.code != 0
            && said.contains("no property `customer_teir`")
            && said.contains("did you mean `customer_tier`"),
        "{said}"
    );
    // Whoever syncs all the same is told too.
    portal.read("sync");
    let told = portal.rows("select field, message from ops.problem where record = 'all' and stream = 'companies'");
    assert!(told.starts_with("customer_teir|is no property of companies"), "{told}");
}
