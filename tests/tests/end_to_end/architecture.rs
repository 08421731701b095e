//! The house keeps its shape: which crate may use which.

use std::collections::{BTreeMap, BTreeSet};

use mrr_tests::workspace;

/// Each crate of ours that is no connector, and those of ours that it may depend on. What is not here is forbidden.
const ALLOWED: &[(&str, &[&str])] = &[
    ("revenue", &[]),
    ("connectors/sdk", &["revenue"]),
    // And every connector.
    ("daemon", &["revenue", "mrr-connector-sdk"]),
    ("pg_extension", &["revenue"]),
    // The judge shares nothing with the judged.
    ("sandbox", &[]),
    // They run the programs as processes.
    ("tests", &[]),
    // It fetches as the daemon does, and throws away what it fetched.
    ("bench", &["mrr-connector-sdk", "mrr-connector-stripe"]),
    ("xtask", &["mrr-tests"]),
];

/// What a connector may depend on: never on another one.
const OF_A_CONNECTOR: &[&str] = &["revenue", "mrr-connector-sdk"];

fn manifest(folder: &str) -> String {
    std::fs::read_to_string(workspace().join(folder).join("Cargo.toml")).unwrap()
}

fn name_of(folder: &str) -> String {
    let text = manifest(folder);
    let name = text.lines().find_map(|line| line.strip_prefix("name = ")).unwrap();
    name.trim_matches('"').to_owned()
}

fn members() -> BTreeSet<String> {
    manifest("")
        .lines()
        .skip_while(|line| !line.starts_with("members"))
        .skip(1)
        .take_while(|line| !line.starts_with(']'))
        .map(|line| line.trim().trim_matches([',', '"']).to_owned())
        .collect()
}

#[test]
fn no_crate_depends_on_what_it_must_not_know() {
    let ours: BTreeMap<String, String> = members().into_iter().map(|folder| (name_of(&folder), folder)).collect();
    for folder in ours.values() {
        let listed = ALLOWED.iter().find(|(crate_, _)| crate_ == folder);
        let allowed = match listed {
            Some((_, allowed)) => *allowed,
            None if folder.starts_with("connectors/") => OF_A_CONNECTOR,
            None => panic!("{folder}: a new crate says here what it may use"),
        };
        let connector = |name: &str| ours[name].starts_with("connectors/");
        let mut section = String::new();
        for line in manifest(folder).lines() {
            if line.starts_with('[') {
                section = line.to_owned();
            }
            let dependency = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if section.ends_with("dependencies]") && ours.contains_key(dependency) {
                let permitted = allowed.contains(&dependency) || folder == "daemon" && connector(dependency);
                assert!(permitted, "{folder} must not depend on {dependency}");
            }
        }
    }
}

#[test]
fn a_connector_has_the_rooms_that_every_connector_has() {
    let connectors = workspace().join("connectors");
    for entry in std::fs::read_dir(connectors).unwrap() {
        let folder = entry.unwrap().path();
        if folder.ends_with("sdk") || !folder.is_dir() {
            continue;
        }
        for room in ["README.md", "src/config.rs", "src/streams.rs", "tests"] {
            assert!(folder.join(room).exists(), "{} lacks {room}", folder.display());
        }
        for room in ["src/model", "src/facts", "src/fetch"] {
            let there = folder.join(room).exists() || folder.join(format!("{room}.rs")).exists();
            assert!(there, "{} lacks {room}", folder.display());
        }
    }
}
