//! Discounts.

use serde_json::json;

use super::build::*;
use super::case::*;

#[test]
fn discounts_of_the_present_and_of_the_past() {
    let deleted = json!({"id": "gone", "percent_off": 12.5, "duration": "repeating"});
    let mut team = item("si_1", "team_m", 1, "2025-01-01", APR);
    team["discounts"] = json!([discount("di_item", json!("five"), "2025-01-01", None)]);
    let pro = item("si_2", "pro_m", 1, "2025-01-01", APR);
    let present = json!({"discounts": [
        discount("di_1", json!("third"), "2025-01-01T00:00:01", None),
        discount("di_2", deleted, "2025-03-05", Some("2025-06-05")),
        discount("di_3", json!("pro_only"), "2025-01-01", None),
    ]});
    // A repeating discount of the first months that is no longer there, and one for one invoice.
    let past = discount("di_0", json!("half"), "2025-01-01", Some("2025-03-01"));
    let dropped = discount("di_00", json!("third"), "2025-01-01", None);
    let mut once = discount("di_once", json!("third"), "2025-01-01", None);
    once["subscription"] = json!(null);
    once["invoice"] = json!("in_2025-01-01");
    let mut invoices = cycles("team_m", 1);
    for month in &mut invoices[..2] {
        month["discounts"] = json!([past, dropped, once]);
        let amounts = json!([
            {"amount": 500, "discount": "di_0"}, {"amount": 100, "discount": "di_00"}, {"amount": 1, "discount": "di_once"},
        ]);
        month["lines"]["data"][0]["discount_amounts"] = amounts;
    }
    let subscription = subscription("active", "2025-01-01", vec![team, pro], present);
    let facts = facts(&records(&[subscription], &invoices, &[], SEEN));
    assert_eq!(facts.problems, []);
    assert_eq!(
        discounts(&facts),
        [
            "di_0 on sub_1: 50.0 %, Repeating, ... to 2025-03-01",
            "di_00 on sub_1: 33.33 %, Forever, ... to 2025-02-15",
            "di_item on si_1: 5.00 EUR, Forever, ... to ...",
            "di_1 on sub_1: 33.33 %, Forever, ... to ...",
            "di_2 on sub_1: 12.5 %, Repeating, 2025-03-05 to 2025-06-05",
            "di_3 on si_2: 10 %, Forever, ... to ...",
        ]
    );
}

#[test]
fn a_discount_that_the_first_bill_does_not_name_came_after_it() {
    let given = |start: &str| json!({"discounts": [discount("di_1", json!("third"), start, None)]});
    for (named, begins) in [(true, "..."), (false, "2025-01-01T17:20:00")] {
        let mut invoices = cycles("team_m", 1);
        for month in invoices.iter_mut().skip(usize::from(!named)) {
            month["discounts"] = given("2025-01-01T17:20:00")["discounts"].clone();
        }
        let subscription = subscription("active", "2025-01-01", now("team_m", 1), given("2025-01-01T17:20:00"));
        let facts = facts(&records(&[subscription], &invoices, &[], SEEN));
        assert_eq!(discounts(&facts), [format!("di_1 on sub_1: 33.33 %, Forever, {begins} to ...")]);
        assert_eq!((doubts(&facts), facts.problems), (vec![], vec![]));
    }
}

#[test]
fn a_coupon_for_some_products_reaches_their_items_while_they_are_sold_as_such() {
    // One item moves from Team to Pro in February and back in March; the add-on is there all the time.
    let items = vec![
        item("si_1", "team_m", 1, "2025-01-01", APR),
        item("si_2", "add_m", 1, "2025-01-01", APR),
        item("si_3", "team_m", 1, "2025-01-01", APR),
    ];
    let invoices = [(JAN, "team_m"), (FEB, "pro_m"), (MAR, "team_m"), (APR, "team_m")].map(|(month, price)| {
        let lines = vec![
            period("si_1", price, 1, month),
            period("si_2", "add_m", 1, month),
            period("si_3", "team_m", 1, month),
        ];
        invoice(&format!("in_{}", month.0), month.0, lines)
    });
    let given = json!({"discounts": [discount("di_1", json!("paid_only"), "2025-01-01", None)]});
    let facts = facts(&records(&[subscription("active", "2025-01-01", items, given)], &invoices, &[], SEEN));
    assert_eq!(facts.problems, []);
    assert_eq!(
        discounts(&facts),
        [
            "di_1 on si_2: 4.00 EUR, Forever, ... to 2025-01-16T12:00:00",
            "di_1 on si_1+si_2: 4.00 EUR, Forever, 2025-01-16T12:00:00 to 2025-02-15",
            "di_1 on si_2: 4.00 EUR, Forever, 2025-02-15 to ...",
        ]
    );
}

#[test]
fn a_coupon_that_only_bills_tell_of_is_what_they_took_off() {
    // Of each month: what the item cost, and what was taken off it.
    let told = |months: &[(i64, i64)]| {
        let bills = [JAN, FEB, MAR, APR].into_iter().zip([months, &[(1000, 0); 4]].concat());
        let bill = |(month, (amount, off)): ((&'static str, &'static str), (i64, i64))| {
            let given = discount("di_1", json!("deleted"), "2025-01-01", None);
            let given = with(given, json!({"subscription": null, "subscription_item": "si_1"}));
            let taken = json!({
                "amount": amount, "discounts": [given], "discount_amounts": [{"amount": off, "discount": "di_1"}],
            });
            let more = if off > 0 { taken } else { json!({"amount": amount}) };
            let quantity = amount / 1000;
            invoice(&format!("in_{}", month.0), month.0, vec![with(period("si_1", "team_m", quantity, month), more)])
        };
        let invoices: Vec<_> = bills.map(bill).collect();
        let present = subscription("active", "2025-01-01", now("team_m", 1), json!({}));
        let facts = facts(&records(&[present], &invoices, &[], SEEN));
        let doubts: Vec<_> = facts.doubts.iter().filter(|doubt| doubt.reason.contains("di_1")).collect();
        let whole = doubts.iter().filter(|doubt| doubt.reason.contains("coupon")).count();
        (discounts(&facts), whole, facts.problems.len())
    };
    let found = |value: &str| vec![format!("di_1 on si_1: {value}, Forever, ... to 2025-02-15")];
    assert_eq!(told(&[(1000, 350), (2000, 700)]), (found("35 %"), 0, 0), "a share of what it was");
    assert_eq!(told(&[(1000, 350), (2000, 350)]), (found("3.50 EUR"), 0, 0), "an amount");
    assert_eq!(told(&[(1000, 333), (3000, 1000)]), (found("33.33 %"), 0, 0), "a share of two decimals");
    assert_eq!(told(&[(1000, 350), (1000, 350)]), (found("35 %"), 1, 0), "one or the other");
    // For one billing, or taken off after it: nobody can tell.
    assert_eq!(told(&[(1000, 350)]), (vec![], 0, 1));
    assert_eq!(told(&[(1000, 350), (2000, 351)]), (vec![], 0, 1), "neither");
}
