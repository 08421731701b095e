//! A book is the same whichever way it was learnt. Many companies over three years:
//! `cargo x soak stripe`.

use mrr_tests::{Cluster, Folder, Profile, Repertoire, Vendor, Way, World, follow_under};

const WORLD: World = World { seed: 5, accounts: 20, months: 14, repertoire: Repertoire::Full };

fn learn(way: Way) {
    let cluster = Cluster::of_this_machine().unwrap();
    let learnt = way.learn(&cluster, Vendor::Stripe, WORLD, Profile::Dev).unwrap();
    assert_eq!(learnt.fault(Vendor::Stripe, way), None);
    println!("{}: {}", way.name(), learnt.agreement);
}

#[test]
fn who_follows_from_the_first_day_knows_every_day() {
    learn(Way::Live);
}

#[test]
fn who_looks_in_now_and_then_knows_what_was_missed() {
    learn(Way::Polling);
}

#[test]
fn who_comes_late_lists_what_nobody_can_tell() {
    learn(Way::Today);
}

#[test]
fn what_counts_is_a_policy() {
    let cluster = Cluster::of_this_machine().unwrap();
    // With usage, and with money that is given back and ends some contracts and not others.
    let world = World { seed: 17, accounts: 20, months: 14, repertoire: Repertoire::Full };
    let strict = "insert into revenue.policy (name, discounts, trials, past_due_days, ending)
                  values ('odd', 'none', true, 0, false)";
    let paid_for = "insert into revenue.policy (name, usage, refunded) values ('paid_for', true, false)";
    let policies: [(&str, &str, &[&str]); 3] = [
        ("stripe_like", "", &["--discounts=forever", "--paused"]),
        ("odd", strict, &["--discounts=none", "--trials", "--no-past-due", "--no-ending"]),
        ("paid_for", paid_for, &["--usage", "--no-refunded"]),
    ];
    let found = follow_under(&cluster, world, Profile::Dev, &policies).unwrap();
    for ((name, _, rules), agreement) in policies.iter().zip(found) {
        println!("{name} ({}): {agreement}", rules.join(" "));
        assert!(agreement.account_days > 3_000, "{name}: {agreement}");
        assert_eq!(agreement.exact, agreement.account_days, "{name}: {agreement}\n{}", agreement.first);
    }
    // Each rule of the last makes a difference in this world.
    let folder = Folder::new("rules").unwrap();
    let truth = |rules: &[&str]| {
        let path = folder.path().join("truth.csv");
        world.write_truth(Profile::Dev, "UTC", rules, &path).unwrap();
        std::fs::read_to_string(path).unwrap()
    };
    for rule in ["--usage", "--no-refunded"] {
        assert_ne!(truth(&[]), truth(&[rule]), "{rule}");
    }
}
