//! From Chargebee's records to facts. A case is data: what Chargebee has, and what it means.
//!
//! The cases are in `fixtures/cases.json`; `fixtures/README.md` says how one is written.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

#[path = "facts/build.rs"]
mod build;
#[path = "facts/told.rs"]
mod told;

use serde_json::Value;

use build::{records, references};

#[test]
fn every_case_means_what_it_says() {
    let cases: Value = serde_json::from_str(include_str!("fixtures/cases.json")).unwrap();
    let mut wrong = Vec::new();
    for case in cases.as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let mut references = references(case);
        let mut records = records(case);
        let mapper = |references: &[_]| {
            let settings = "site = 'acme-test'\napi_key = 'x'".parse().unwrap();
            mrr_connector_chargebee::configure(settings).unwrap().mapper(references)
        };
        let facts = mapper(&references).facts("cus_1", &records);
        for _ in 0..records.len() {
            records.rotate_left(1);
            references.reverse();
            assert_eq!(mapper(&references).facts("cus_1", &records), facts, "{name}: the order decides something");
        }
        let called = facts.account.as_ref().map(|account| account.name.as_str());
        assert_eq!(called, Some(case["account"].as_str().unwrap_or("Acme")), "{name}");
        for (part, found) in told::parts(&facts) {
            let expected: Vec<&str> = case[part]
                .as_array()
                .map(|lines| lines.iter().map(|line| line.as_str().unwrap()).collect())
                .unwrap_or_default();
            let agrees = expected.len() == found.len() && expected.iter().zip(&found).all(|(e, f)| f.contains(e));
            if !agrees {
                wrong.push(format!("{name}: {part}\n  expected {expected:#?}\n  found {found:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
