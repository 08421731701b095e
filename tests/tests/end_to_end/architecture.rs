//! The house keeps its shape: which crate may use which.

use std::collections::BTreeSet;

use mrr_tests::workspace;

/// Each crate of ours and those of ours that it may depend on. What is not here is forbidden.
const ALLOWED: &[(&str, &[&str])] = &[
    ("revenue", &[]),
    ("connectors/sdk", &["revenue"]),
    ("connectors/stripe", &["revenue", "mrr-connector-sdk"]),
    ("connectors/hubspot", &["revenue", "mrr-connector-sdk"]),
    ("connectors/push", &["revenue", "mrr-connector-sdk"]),
    (
        "daemon",
        &["revenue", "mrr-connector-sdk", "mrr-connector-stripe", "mrr-connector-hubspot", "mrr-connector-push"],
    ),
    ("pg_extension", &["revenue"]),
    // The judge shares nothing with the judged.
    ("sandbox", &[]),
    // They run the programs as processes.
    ("tests", &[]),
    // It fetches as the daemon does, and throws away what it fetched.
    ("bench", &["mrr-connector-sdk", "mrr-connector-stripe"]),
    ("xtask", &["mrr-tests"]),
];

#[test]
fn no_crate_depends_on_what_it_must_not_know() {
    let manifest = |folder: &str| std::fs::read_to_string(workspace().join(folder).join("Cargo.toml")).unwrap();
    let name_of = |text: &str| {
        text.lines().find_map(|line| line.strip_prefix("name = ")).map(|name| name.trim_matches('"').to_owned())
    };
    let ours: BTreeSet<String> = ALLOWED.iter().map(|(folder, _)| name_of(&manifest(folder)).unwrap()).collect();
    for (folder, allowed) in ALLOWED {
        let text = manifest(folder);
        let mut section = "";
        for line in text.lines() {
            if line.starts_with('[') {
                section = line;
            }
            let dependency = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if section.ends_with("dependencies]") && ours.contains(dependency) {
                assert!(allowed.contains(&dependency), "{folder} must not depend on {dependency}");
            }
        }
    }
    let members = std::fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
    let members: BTreeSet<&str> = members
        .lines()
        .skip_while(|line| !line.starts_with("members"))
        .skip(1)
        .take_while(|line| !line.starts_with(']'))
        .map(|line| line.trim().trim_matches([',', '"']))
        .collect();
    assert_eq!(members, ALLOWED.iter().map(|(folder, _)| *folder).collect(), "a new crate says here what it may use");
}

#[test]
fn a_connector_has_the_rooms_that_every_connector_has() {
    let connectors = workspace().join("connectors");
    for entry in std::fs::read_dir(connectors).unwrap() {
        let folder = entry.unwrap().path();
        if folder.ends_with("sdk") || !folder.is_dir() {
            continue;
        }
        for room in ["README.md", "src/config.rs", "src/streams.rs", "src/model", "src/facts", "src/fetch", "tests"] {
            assert!(folder.join(room).exists(), "{} lacks {room}", folder.display());
        }
    }
}
