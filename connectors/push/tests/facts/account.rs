//! Names, and attributes with their past.

use super::case::*;

fn check(name: &str, received: &[Received], expect: &[&str]) {
    let facts = facts(&[record("accounts", "a", received)]);
    let account = facts.account.iter().map(|account| format!("{} is {}", account.id, account.name));
    let mut attributes: Vec<String> = (facts.attributes.iter())
        .map(|of| format!("{} = {}, {} to {}", of.name, of.value, told(of.from), told(of.until)))
        .collect();
    attributes.sort();
    let problems = facts.problems.iter().map(ToString::to_string);
    let found: Vec<String> = account.chain(attributes).chain(problems).collect();
    assert_eq!(found, expect, "{name}");
}

#[test]
fn what_is_first_said_holds_as_far_back_as_anything() {
    check(
        "values are text",
        &[(
            "2025-01-01",
            r#"{"id":"a","name":" Acme ","attributes":{"Country":"DE","seats":12.50,"vip":true,"x":null,"y":""}}"#,
        )],
        &["a is Acme", "country = DE, ... to ...", "seats = 12.50, ... to ...", "vip = true, ... to ..."],
    );
    check("there is nothing but an id", &[("2025-01-01", r#"{"id":"a"}"#)], &["a is a"]);
}

#[test]
fn a_change_holds_from_when_it_is_said_to() {
    let first = ("2025-01-01", r#"{"id":"a","name":"Acme","attributes":{"segment":"SMB","owner":"Kim"}}"#);
    check(
        "what is not named stays, what is null ends",
        &[first, ("2025-03-01T00:00:00+01:00", r#"{"id":"a","attributes":{"segment":"Mid","owner":null}}"#)],
        &[
            "a is Acme",
            "owner = Kim, ... to 2025-03-01",
            "segment = Mid, 2025-03-01 to ...",
            "segment = SMB, ... to 2025-03-01",
        ],
    );
    check(
        "a history in any order",
        &[
            ("2025-06-01", r#"{"id":"a","ts":"2025-05-01","name":"New","attributes":{"segment":"Mid"}}"#),
            ("2025-06-01", r#"{"id":"a","ts":"2024-01-01","name":"Old","attributes":{"segment":"SMB"}}"#),
        ],
        &["a is New", "segment = Mid, 2025-05-01 to ...", "segment = SMB, 2024-01-01 to 2025-05-01"],
    );
    check(
        "what is said again about the same moment corrects it",
        &[
            ("2025-06-01", r#"{"id":"a","ts":"2025-05-01","attributes":{"segment":"Mid"}}"#),
            ("2025-06-02", r#"{"id":"a","ts":"2025-05-01","attributes":{"segment":"Large"}}"#),
        ],
        &["a is a", "segment = Large, 2025-05-01 to ..."],
    );
    check(
        "one that is gone keeps its name",
        &[first, ("2025-02-01T00:00:00+01:00", "")],
        &["a is Acme", "owner = Kim, ... to 2025-02-01", "segment = SMB, ... to 2025-02-01"],
    );
}

#[test]
fn what_belongs_to_another_type_is_not_looked_at() {
    let facts = facts(&[
        record("accounts", "b", &[("2025-01-01", r#"{"id":"b"}"#)]),
        record("users", "a", &[("2025-01-01", "")]),
    ]);
    assert_eq!(facts, Default::default());
}
