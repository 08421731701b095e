//! Customers, and whole accounts.

use revenue::fact::{Identity, IdentityKind};
use serde_json::{Value, json};

use super::build::*;
use super::case::*;

#[test]
fn origins_are_what_more_invoices_do_not_change() {
    let records =
        records(&[subscription("active", "2025-01-01", now("team_m", 1), json!({}))], &cycles("team_m", 1), &[], SEEN);
    let facts = facts(&records);
    assert_eq!(facts.charges[0].origin, ["subscriptions/sub_1", "invoices/in_2025-01-01"]);
    assert_eq!(facts.charges[1].origin, ["subscriptions/sub_1"]);
}

#[test]
fn accounts_have_a_name_and_a_country() {
    let cases = [
        (json!({"id": "cus_1", "name": "Acme", "email": "a@b.c", "address": {"country": "DE"}}), "Acme", Some("DE")),
        (json!({"id": "cus_1", "name": "", "email": "a@b.c", "address": null}), "b.c", None),
        (json!({"id": "cus_1", "deleted": true}), "cus_1", None),
        (json!({"id": "cus_1", "name": 5}), "cus_1", None),
    ];
    for (customer, name, country) in cases {
        let facts = facts(&[record("customers", SEEN, customer)]);
        assert_eq!(facts.account.unwrap().name, name);
        assert_eq!(facts.attributes.first().map(|attribute| attribute.value.as_str()), country);
    }
    let nobody = facts(&records(
        &[subscription("active", "2025-01-01", now("team_m", 1), json!({}))],
        &cycles("team_m", 1),
        &[],
        SEEN,
    ));
    assert!(nobody.account.is_none() && nobody.charges.len() == 2);
}

#[test]
fn who_a_customer_is_elsewhere_is_told() {
    let customer =
        json!({"id": "cus_1", "email": " Billing@Acme.com ", "metadata": {"hubspot_company_id": "501", "x": "y"}});
    let settings = "api_key = 'sk_test_x'\nforeign_ids = { hubspot = 'hubspot_company_id', salesforce = 'sf' }";
    let connector = mrr_connector_stripe::configure(settings.parse().unwrap()).unwrap();
    let facts = connector.mapper(&[]).facts("cus_1", &[record("customers", SEEN, customer)]);
    let hubspot = IdentityKind::Foreign { system: "hubspot".into() };
    let expect = [(hubspot, "501"), (IdentityKind::Email, "Billing@Acme.com")];
    assert_eq!(facts.identities, expect.map(|(kind, value)| Identity { kind, value: value.to_owned() }));
    assert_eq!(facts.problems, []);
}

#[test]
fn invoices_alone_still_tell() {
    let facts = facts(&records(&[], &cycles("team_m", 1)[..2], &[], SEEN));
    let charges: Vec<String> = counted(&facts).iter().map(told).collect();
    assert_eq!(charges, ["si_1 Team 1 = 10 EUR / 1 month, 2025-01-01 to 2025-03-01, invoice"]);
    assert!(facts.problems[0].message.contains("was not listed"), "{:?}", facts.problems);
}

#[test]
fn a_whole_account_as_stripe_sends_it() {
    let fixture: Value = serde_json::from_str(include_str!("../fixtures/account.json")).unwrap();
    let mut references = Vec::new();
    let mut own = Vec::new();
    for (stream, values) in fixture.as_object().unwrap() {
        let kept =
            if ["products", "prices", "coupons"].contains(&stream.as_str()) { &mut references } else { &mut own };
        kept.extend(values.as_array().unwrap().iter().map(|value| record(stream, "2026-01-01", value.clone())));
    }
    let facts = mapper(&references).facts("cus_EKcV8uc9hjVgu3", &own);
    let charges: Vec<String> = counted(&facts).iter().map(told).collect();
    assert_eq!(facts.problems, []);
    assert_eq!(
        charges,
        [
            "si_xSKFPaSeQpcxOG Team 21 = 5878.95 EUR / 1 year, 2025-09-29T19:30:19 to 2025-12-07T22:03:27, invoice",
            "si_xSKFPaSeQpcxOG Team 25 = 6998.75 EUR / 1 year, 2025-12-07T22:03:27 to 2025-12-08T00:18:21, invoice",
            "si_xSKFPaSeQpcxOG Team 15 = 4199.25 EUR / 1 year, 2025-12-08T00:18:21 to 2025-12-08T02:07:36, invoice",
            "si_xSKFPaSeQpcxOG Business 15 = 8249.25 EUR / 1 year, 2025-12-08T02:07:36 to 2026-01-01, invoice",
            "si_xSKFPaSeQpcxOG Business 15 = 8249.25 EUR / 1 year, 2026-01-01 to ..., observed",
        ]
    );
    let sub = "sub_1iwn3vYyyqiRO3oDwebimrJD";
    let discount = format!("di_1kBat52ivIbmoK9v3WFpK7jX on {sub}: 12.00 EUR, Forever, ... to ...");
    assert_eq!(discounts(&facts), [discount]);
}
