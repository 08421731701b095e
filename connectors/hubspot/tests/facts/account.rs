//! Who a company is, and what was noted about it.

use revenue::fact::IdentityKind;
use serde_json::json;

use super::build::*;

#[test]
fn an_owner_goes_by_name_and_two_of_one_name_stay_two() {
    let owners = [
        ("2025-01-01", "77"),
        ("2025-03-01", "78"),
        ("2025-04-01", ""),
        ("2025-05-01", "79"),
        ("2025-06-01", "80"),
        ("2025-07-01", "99"),
    ];
    let facts =
        facts(&[record("companies", &[(SEEN, company(json!({"name": "Acme"}), &[("hubspot_owner_id", &owners)]))])]);
    assert_eq!(
        attributes(&facts),
        [
            "owner Cee Essem 2025-01-01 to 2025-03-01",
            "owner Ann Lee (78) 2025-03-01 to 2025-04-01",
            "owner Ann Lee (79) 2025-05-01 to 2025-06-01",
            "owner x@y.example 2025-06-01 to 2025-07-01",
            "owner 99 2025-07-01 to ...",
        ]
    );
    assert_eq!(
        problems(&facts),
        ["companies/501 hubspot_owner_id: names the owner 99, who is not among the owners; the id is shown instead"]
    );
    assert_eq!(facts.account.unwrap().name, "Acme");
}

#[test]
fn a_company_without_a_name_is_called_by_what_there_is() {
    for (properties, name) in [
        (json!({"name": "", "domain": "acme.com"}), "acme.com"),
        (json!({"name": null}), "501"),
        (json!({"name": " Acme "}), "Acme"),
    ] {
        let facts = facts(&[record("companies", &[(SEEN, company(properties, &[]))])]);
        assert_eq!((facts.account.unwrap().name.as_str(), facts.problems.len()), (name, 0));
    }
    let broken = facts(&[record("companies", &[(SEEN, json!({"id": "501", "properties": 5}))])]);
    assert_eq!(broken.account.as_ref().unwrap().name, "501");
    assert!(
        problems(&broken)
            .iter()
            .any(|problem| problem.contains("`properties`") || problem.contains("properties: is 5")),
        "{:?}",
        problems(&broken)
    );
}

#[test]
fn who_it_is_elsewhere_is_told_as_it_is_written() {
    let properties = json!({
        "name": "Acme", "domain": "WWW.Acme.com", "hs_additional_domains": "acme.de;acme.fr",
        "hs_merged_object_ids": ";502;503", "stripe_customer_id": "cus_ACME",
    });
    let facts = facts(&[record("companies", &[(SEEN, company(properties, &[]))])]);
    let found: Vec<(IdentityKind, &str)> =
        facts.identities.iter().map(|of| (of.kind.clone(), of.value.as_str())).collect();
    let stripe = IdentityKind::Foreign { system: "stripe".into() };
    assert_eq!(
        found,
        [
            (IdentityKind::Absorbed, "502"),
            (IdentityKind::Absorbed, "503"),
            (stripe, "cus_ACME"),
            (IdentityKind::Domain, "WWW.Acme.com"),
            (IdentityKind::Domain, "acme.de"),
            (IdentityKind::Domain, "acme.fr"),
        ]
    );
}

#[test]
fn a_company_that_is_gone_keeps_what_it_was_until_then() {
    let stage: &[(&str, &str)] = &[("2025-01-01", "lead")];
    let live = company(json!({"name": "Acme"}), &[("lifecyclestage", stage)]);
    let mut archived = live.clone();
    (archived["archived"], archived["archivedAt"]) = (true.into(), "2026-05-01T08:00:00Z".into());
    let cases = [
        (vec![(SEEN, live.clone()), ("2026-07-01", serde_json::Value::Null)], "2026-07-01"),
        (vec![(SEEN, archived)], "2026-05-01T08:00:00"),
    ];
    for (versions, until) in cases {
        let facts = facts(&[record("companies", &versions)]);
        assert_eq!(attributes(&facts), [format!("stage lead 2025-01-01 to {until}")]);
        assert_eq!(facts.account.unwrap().name, "Acme");
    }
}

#[test]
fn an_answer_to_a_survey_holds_until_the_next() {
    let answer = |id: &str, when: &str, score: &str, kind: &str| {
        let properties = json!({"hs_survey_type": kind, "hs_value": score, "hs_submission_timestamp": when});
        record("feedback_submissions", &[(SEEN, json!({"id": id, "properties": properties, "createdAt": when}))])
    };
    let facts = facts(&[
        answer("7001", "2026-03-01T12:00:00Z", "9", "NPS"),
        answer("7002", "2025-09-01T00:00:00Z", "4", "NPS"),
        answer("7003", "2025-10-01T00:00:00Z", "5", "CSAT"),
        answer("7004", "soon", "5", "NPS"),
    ]);
    assert_eq!(attributes(&facts), ["nps 4 2025-09-01 to 2026-03-01T12:00:00", "nps 9 2026-03-01T12:00:00 to ..."]);
    assert_eq!(facts.problems.len(), 1, "{:?}", facts.problems);
}
