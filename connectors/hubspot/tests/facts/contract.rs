//! What was signed: frequencies, terms, ramps, and what becomes of deals.

use serde_json::{Value, json};

use super::build::*;

/// One deal with these stages and lines, and the charges that follow.
fn check(stages: &[(&str, &str)], lines: &[Value], expect: &[&str]) {
    let facts = facts(&[record("deals", &[(SEEN, deal(stages, lines))])]);
    assert_eq!(charges(&facts), expect);
    assert_eq!(problems(&facts), [] as [&str; 0]);
}

#[test]
fn a_line_is_charged_from_its_day_on_as_the_book_has_days() {
    check(
        WON,
        &[
            line("9001", json!({})),
            line("9002", json!({"name": "Onboarding", "amount": "5000", "recurringbillingfrequency": ""})),
        ],
        &[
            "9001 Platform 10 = 1200 EUR / 1 month, 2026-01-01 to 2026-06-01, history",
            "9001 Platform 10 = 1200 EUR / 1 month, 2026-06-01 to ..., observed",
        ],
    );
}

#[test]
fn frequencies_are_intervals_and_a_term_ends_by_the_calendar() {
    for (frequency, interval) in [
        ("weekly", "1 week"),
        ("biweekly", "2 weeks"),
        ("quarterly", "3 months"),
        ("per_six_months", "6 months"),
        ("annually", "1 year"),
        ("per_two_years", "2 years"),
        ("per_five_years", "5 years"),
    ] {
        let terms = json!({"recurringbillingfrequency": frequency, "hs_recurring_billing_period": "P3M"});
        check(
            WON,
            &[line("9001", terms)],
            &[&format!("9001 Platform 10 = 1200 EUR / {interval}, 2026-01-01 to 2026-04-01, history")],
        );
    }
    // V19: a list price of 100 a year for 18 months is 100 a year, and never the 150 of its whole.
    let terms = json!({"recurringbillingfrequency": "annually", "hs_recurring_billing_period": "P18M", "amount": "100", "quantity": "1", "hs_recurring_billing_start_date": "2024-01-01"});
    check(WON, &[line("9001", terms)], &["9001 Platform 1 = 100 EUR / 1 year, 2024-01-01 to 2025-07-01, history"]);
}

#[test]
fn a_ramp_is_one_year_after_the_other() {
    let year = |start: &str, amount: &str| json!({"amount": amount, "quantity": "1", "hs_recurring_billing_start_date": start, "hs_recurring_billing_period": "P12M"});
    check(
        WON,
        &[line("9001", year("2024-01-01", "10")), line("9002", year("2025-01-01", "100"))],
        &[
            "9001 Platform 1 = 10 EUR / 1 month, 2024-01-01 to 2025-01-01, history",
            "9002 Platform 1 = 100 EUR / 1 month, 2025-01-01 to 2026-01-01, history",
        ],
    );
}

#[test]
fn without_a_day_it_begins_when_the_deal_was_won_whatever_the_close_date_became() {
    let open = json!({"hs_recurring_billing_start_date": null, "hs_recurring_billing_period": "P1M"});
    check(
        WON,
        &[line("9001", open.clone())],
        &["9001 Platform 10 = 1200 EUR / 1 month, 2025-12-20T15:04:05 to 2026-01-20, history"],
    );
    // HubSpot sets the close date anew when a deal is lost.
    let lost = [WON, &[("2026-01-05", "closedlost")]].concat();
    check(
        &lost,
        &[line("9001", open)],
        &["9001 Platform 10 = 1200 EUR / 1 month, 2025-12-20T15:04:05 to 2026-01-05, history"],
    );
    let delayed = json!({"hs_recurring_billing_start_date": null, "hs_recurring_billing_period": "P1M", "hs_billing_start_delay_months": "1", "hs_billing_start_delay_days": "2"});
    check(WON, &[line("9001", delayed)], &["9001 Platform 10 = 1200 EUR / 1 month, 2026-01-22 to 2026-02-22, history"]);
}

#[test]
fn an_import_enters_deals_that_were_won_long_ago_and_lines_a_moment_later() {
    let mut imported = deal(&[("2026-05-01T10:00:00", "closedwon")], &[]);
    imported["properties"]["closedate"] = "2024-03-01T17:00:00Z".into();
    imported["propertiesWithHistory"]["closedate"] = history(&[("2026-05-01T10:00:00", "2024-03-01T17:00:00Z")]);
    let mut late =
        line("9001", json!({"hs_recurring_billing_start_date": null, "hs_recurring_billing_period": "P12M"}));
    late["createdAt"] = "2026-05-01T10:00:03Z".into();
    // Its amount is worked out a little later still.
    late["propertiesWithHistory"] = json!({"amount": history(&[("2026-05-01T10:00:04", "1200.00")])});
    imported["associations"]["line items"]["results"] = json!([late]);
    let facts = facts(&[record("deals", &[(SEEN, imported)])]);
    assert_eq!(charges(&facts), ["9001 Platform 10 = 1200 EUR / 1 month, 2024-03-01T17:00:00 to 2025-03-01, history"]);
}

#[test]
fn a_line_that_was_added_later_begins_then() {
    let mut later = line("9001", json!({"hs_recurring_billing_start_date": null}));
    later["createdAt"] = "2026-03-01T12:00:00Z".into();
    let facts = facts(&[record("deals", &[(SEEN, deal(WON, &[later]))])]);
    assert_eq!(charges(&facts)[0], "9001 Platform 10 = 1200 EUR / 1 month, 2026-03-01T12:00:00 to 2026-06-01, history");
}

#[test]
fn lost_reopened_and_won_again() {
    let month = json!({"hs_recurring_billing_period": "P3M"});
    let again = [WON, &[("2026-02-01", "qualifiedtobuy"), ("2026-02-10", "closedwon")]].concat();
    check(
        &again,
        &[line("9001", month.clone())],
        &[
            "9001 Platform 10 = 1200 EUR / 1 month, 2026-01-01 to 2026-02-01, history",
            "9001 Platform 10 = 1200 EUR / 1 month, 2026-02-10 to 2026-04-01, history",
        ],
    );
    // What is lost before it began never was.
    check(&[WON, &[("2025-12-28", "closedlost")]].concat(), &[line("9001", month.clone())], &[]);
    check(&[("2025-11-01", "qualifiedtobuy")], &[line("9001", month.clone())], &[]);
    // From one won stage to the next nothing ends.
    check(
        &[WON, &[("2026-01-15", "livenow")]].concat(),
        &[line("9001", month)],
        &["9001 Platform 10 = 1200 EUR / 1 month, 2026-01-01 to 2026-04-01, history"],
    );
}

#[test]
fn a_change_of_a_line_after_the_signing_is_one_from_then_on() {
    let mut changed = line("9001", json!({"hs_recurring_billing_period": "P3M", "amount": "1500", "quantity": "15"}));
    changed["propertiesWithHistory"] = json!({
        "amount": history(&[("2025-11-01", "900"), ("2025-12-01", "1200"), ("2026-02-01", "1500")]),
        "quantity": history(&[("2025-11-01", "10"), ("2026-02-01", "15")]),
    });
    check(
        WON,
        &[changed],
        &[
            "9001 Platform 10 = 1200 EUR / 1 month, 2026-01-01 to 2026-02-01, history",
            "9001 Platform 15 = 1500 EUR / 1 month, 2026-02-01 to 2026-04-01, history",
        ],
    );
}

#[test]
fn a_frequency_that_was_forgotten_at_the_signing_counts_from_when_it_was_set() {
    let mut line = line("9001", json!({"hs_recurring_billing_period": "P3M"}));
    let entries = [("2025-11-01", ""), ("2026-01-15", "monthly")];
    line["propertiesWithHistory"] = json!({"recurringbillingfrequency": history(&entries)});
    check(WON, &[line], &["9001 Platform 10 = 1200 EUR / 1 month, 2026-01-15 to 2026-04-01, history"]);
}

#[test]
fn a_deal_that_is_put_away_ends_then_and_one_that_is_not_found_when_that_is_seen() {
    let won = deal(WON, &[line("9001", json!({}))]);
    let mut archived = won.clone();
    (archived["archived"], archived["archivedAt"]) = (true.into(), "2026-03-02T08:00:00Z".into());
    archived["associations"]["line items"] = json!({"results": []});
    let facts = facts(&[record("deals", &[("2026-02-01", won.clone()), (SEEN, archived)])]);
    assert_eq!(
        charges(&facts)[1],
        "9001 Platform 10 = 1200 EUR / 1 month, 2026-02-01 to 2026-03-02T08:00:00, observed"
    );
    let facts = self::facts(&[record("deals", &[("2026-02-01", won.clone()), (SEEN, Value::Null)])]);
    assert_eq!(charges(&facts)[1], "9001 Platform 10 = 1200 EUR / 1 month, 2026-02-01 to 2026-06-01, observed");
    // A line that the deal no longer has ended when that was seen.
    let without = deal(WON, &[line("9002", json!({"name": "Other"}))]);
    let facts = self::facts(&[record("deals", &[("2026-02-01", won), (SEEN, without)])]);
    assert_eq!(charges(&facts)[1], "9001 Platform 10 = 1200 EUR / 1 month, 2026-02-01 to 2026-06-01, observed");
}

#[test]
fn the_lines_of_a_deal_that_was_merged_are_counted_where_they_are_now() {
    let loser = deal(WON, &[line("9001", json!({})), line("9003", json!({}))]);
    let mut winner = deal(WON, &[line("9001", json!({})), line("9002", json!({}))]);
    winner["id"] = "1002".into();
    winner["properties"]["hs_merged_object_ids"] = "1001".into();
    let facts =
        facts(&[record("deals", &[("2026-02-01", loser), (SEEN, Value::Null)]), record("deals", &[(SEEN, winner)])]);
    let mut of: Vec<_> = facts.charges.iter().map(|charge| (charge.contract.as_str(), charge.item.as_str())).collect();
    of.dedup();
    assert_eq!(of, [("1001", "9003"), ("1002", "9001"), ("1002", "9002")]);
}

#[test]
fn without_a_history_of_stages_it_is_a_doubt() {
    let mut bare = deal(WON, &[line("9001", json!({"hs_recurring_billing_start_date": null}))]);
    bare["propertiesWithHistory"] = json!({});
    let facts = facts(&[record("deals", &[(SEEN, bare)])]);
    assert_eq!(
        charges(&facts)[0],
        "9001 Platform 10 = 1200 EUR / 1 month, 2025-12-20T15:04:05 to 2026-06-01, projected"
    );
    assert_eq!((facts.doubts.len(), facts.doubts[0].contract.as_str()), (1, "1001"));
}

#[test]
fn amounts_are_worked_out_where_they_are_missing() {
    for (more, amount) in [
        (json!({"amount": ""}), "1200"),
        (json!({"amount": null, "hs_discount_percentage": "10"}), "1080"),
        (json!({"amount": null, "discount": "20.50"}), "995"),
        (json!({"amount": "0.10", "quantity": ""}), "0.1"),
    ] {
        let facts = facts(&[record("deals", &[(SEEN, deal(WON, &[line("9001", more.clone())]))])]);
        assert_eq!(facts.charges[0].amount.to_string(), amount, "{more}");
    }
}

#[test]
fn a_currency_is_the_deals_the_lines_or_the_accounts() {
    let mut deal = deal(WON, &[line("9001", json!({}))]);
    let of = |deal: &Value| facts(&[record("deals", &[(SEEN, deal.clone())])]);
    assert_eq!(of(&deal).charges[0].currency.as_str(), "EUR");
    deal["properties"]["deal_currency_code"] = "".into();
    deal["associations"]["line items"]["results"][0]["properties"]["hs_line_item_currency_code"] = "NOK".into();
    assert_eq!(of(&deal).charges[0].currency.as_str(), "NOK");
    deal["associations"]["line items"]["results"][0]["properties"]["hs_line_item_currency_code"] = Value::Null;
    assert_eq!(of(&deal).charges[0].currency.as_str(), "SEK");
}
