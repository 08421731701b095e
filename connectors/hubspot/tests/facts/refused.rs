//! What can't be read of a deal, in the sentences that its user sees: each says where and what to do.

use serde_json::{Value, json};

use super::build::*;

#[test]
fn a_line_that_cannot_be_read_is_left_out_and_its_neighbours_go_on() {
    for (more, said) in [
        (json!({"amount": "N/A"}), "amount: is no number that can be kept exactly: correct it in HubSpot"),
        (
            json!({"amount": "", "price": ""}),
            "amount: is missing, and so is the price: write a price into the line item",
        ),
        (json!({"amount": "", "price": "N/A"}), "price: is no number that can be kept exactly: correct it in HubSpot"),
        (json!({"quantity": "many"}), "quantity: is no number that can be kept exactly: correct it in HubSpot"),
        (
            json!({"recurringbillingfrequency": "fortnightly"}),
            "recurringbillingfrequency: is `fortnightly`, which is no billing frequency that is known: choose one of HubSpot's own in the line item",
        ),
        (
            json!({"hs_recurring_billing_period": "24"}),
            "hs_recurring_billing_period: is no term such as P12M: correct it in the line item",
        ),
        (
            json!({"hs_recurring_billing_start_date": "soon"}),
            "hs_recurring_billing_start_date: is no date: correct it in the line item",
        ),
    ] {
        let facts = facts(&[record("deals", &[(SEEN, deal(WON, &[line("9001", more), line("9002", json!({}))]))])]);
        let items: Vec<&str> = facts.charges.iter().map(|charge| charge.item.as_str()).collect();
        assert_eq!(items, ["9002", "9002"], "{said}");
        assert_eq!(problems(&facts), [format!("deals/1001 line_items/9001 {said}; the line is left out")]);
    }
}

#[test]
fn a_deal_that_says_too_little_says_what_to_add() {
    let said = |deal: Value| {
        let facts = facts(&[record("deals", &[(SEEN, deal)])]);
        assert_eq!(facts.charges, []);
        problems(&facts)
    };
    assert_eq!(
        said(deal(&[("2025-12-20", "4711")], &[line("9001", json!({}))])),
        [
            "deals/1001 dealstage: was `4711`, which is a stage of no pipeline; the deal is taken not to have been won then"
        ]
    );
    assert_eq!(
        said(deal(WON, &[])),
        [
            "deals/1001 associations.line items: are none, so that nothing recurring is known of it: add what is sold as line items with a billing frequency"
        ]
    );
    let mut euro = deal(WON, &[line("9001", json!({}))]);
    euro["properties"]["deal_currency_code"] = "euro".into();
    let said = said(euro);
    assert!(
        said.len() == 1
            && said[0].starts_with("deals/1001 deal_currency_code: ")
            && said[0].contains("not a currency code")
            && said[0].ends_with("the deal is left out"),
        "{said:?}"
    );
}

#[test]
fn an_amount_without_any_currency_is_no_amount() {
    let mut deal = deal(WON, &[line("9001", json!({"hs_line_item_currency_code": ""}))]);
    deal["properties"]["deal_currency_code"] = Value::Null;
    let mut references = references();
    references.retain(|record| record.stream != "account_info");
    let facts = facts_of("", &references, &[record("deals", &[(SEEN, deal)])]);
    assert_eq!(facts.charges, []);
    assert_eq!(
        problems(&facts),
        [
            "deals/1001 line_items/9001 hs_line_item_currency_code: is missing, as are the deal's and the account's: set the currency of the deal in HubSpot; the line is left out"
        ]
    );
}
