//! Histories: cut short, continued by what was seen, and missing.

use serde_json::{Value, json};

use super::build::*;

/// A history of so many monthly changes that ends in December of 2025 with `last`.
fn monthly(count: usize, last: usize) -> Vec<(String, String)> {
    (0..count)
        .map(|back| {
            let month = 24 * 12 + 11 - (count - 1 - back);
            (format!("{:04}-{:02}-01", 2001 + month / 12, month % 12 + 1), (last - (count - 1 - back)).to_string())
        })
        .collect()
}

fn tier(entries: &[(String, String)]) -> Value {
    let entries: Vec<(&str, &str)> = entries.iter().map(|(at, value)| (at.as_str(), value.as_str())).collect();
    company(json!({"name": "Acme"}), &[("customer_tier", &entries)])
}

#[test]
fn a_history_that_is_cut_claims_nothing_before_it() {
    let facts = facts(&[record("companies", &[(SEEN, tier(&monthly(20, 40)))])]);
    assert_eq!(attributes(&facts)[0], "segment 21 2024-05-01 to 2024-06-01");
    assert_eq!(
        problems(&facts),
        [
            "companies/501 customer_tier: is not known before 2024-04-30: HubSpot keeps the newest 20 changes of a property, and no sync has seen it then; `segment` has no value there"
        ]
    );
    // One less, or one from when the company was made, is all that there ever was.
    for whole in [monthly(19, 40), monthly(12, 40)] {
        let facts = self::facts(&[record("companies", &[(SEEN, tier(&whole))])]);
        assert_eq!((attributes(&facts).len(), problems(&facts).len()), (whole.len(), 0));
    }
    let mut since = tier(&monthly(20, 40));
    since["createdAt"] = "2024-05-01T00:00:00Z".into();
    assert_eq!(problems(&self::facts(&[record("companies", &[(SEEN, since)])])), [] as [&str; 0]);
}

#[test]
fn what_was_seen_continues_a_history_that_is_cut() {
    // Seen when it had twelve entries, and again when the newest twenty had pushed the first ones out.
    let early = monthly(12, 40);
    let later: Vec<(String, String)> = monthly(24, 52)
        .into_iter()
        .map(|(at, value)| (format!("{:04}{}", at[..4].parse::<i32>().unwrap() + 1, &at[4..]), value))
        .collect();
    let versions = [("2026-01-10", tier(&early)), ("2027-01-10", tier(&later[4..]))];
    let facts = facts(&[record("companies", &versions)]);
    assert_eq!(attributes(&facts).len(), 24, "{:#?}", attributes(&facts));
    assert_eq!(problems(&facts), [] as [&str; 0]);
    assert_eq!(attributes(&facts)[0], "segment 29 2025-01-01 to 2025-02-01");
    assert_eq!(attributes(&facts)[23], "segment 52 2026-12-01 to ...");
}

#[test]
fn between_two_that_do_not_meet_nothing_is_claimed() {
    let before: &[(&str, &str)] = &[("2023-01-01", "A")];
    let mut first = company(json!({}), &[("customer_tier", before)]);
    first["createdAt"] = "2023-01-01T00:00:00Z".into();
    let mut second = tier(&monthly(20, 40));
    second["createdAt"] = "2023-01-01T00:00:00Z".into();
    let facts = facts(&[record("companies", &[("2024-02-01", first), (SEEN, second)])]);
    assert_eq!(attributes(&facts)[..2], ["segment A 2023-01-01 to 2024-02-01", "segment 21 2024-05-01 to 2024-06-01"]);
    assert!(
        problems(&facts)[0].contains("is not known after 2024-01-31 and before 2024-04-30"),
        "{:?}",
        problems(&facts)
    );
}

#[test]
fn without_a_history_the_first_value_is_carried_back_and_others_are_dated_by_syncs() {
    let tier = |value: &str| company(json!({"customer_tier": value}), &[]);
    let versions =
        [("2026-01-01", tier("A")), ("2026-02-01", tier("A")), ("2026-03-01", tier("B")), ("2026-04-01", tier(""))];
    let facts = facts(&[record("companies", &versions)]);
    assert_eq!(attributes(&facts), ["segment A ... to 2026-03-01", "segment B 2026-03-01 to 2026-04-01"]);
}

#[test]
fn a_property_that_is_mapped_later_has_its_past_too() {
    let without =
        json!({"id": "501", "properties": {"name": "Acme"}, "createdAt": "2023-01-01T00:00:00Z", "archived": false});
    let mut with = tier(&monthly(20, 40));
    with["createdAt"] = "2023-01-01T00:00:00Z".into();
    let facts = facts(&[record("companies", &[("2025-01-01", without), (SEEN, with)])]);
    assert_eq!(attributes(&facts).len(), 20);
    assert!(problems(&facts)[0].contains("is not known before 2024-04-30"), "{:?}", problems(&facts));
}

#[test]
fn a_calculated_property_changes_without_an_entry() {
    let entries: &[(&str, &str)] = &[("2025-01-01", "A")];
    let mut version = company(json!({}), &[("customer_tier", entries)]);
    let first = version.clone();
    version["properties"]["customer_tier"] = "B".into();
    let facts = facts(&[record("companies", &[("2026-01-01", first), ("2026-03-01", version)])]);
    assert_eq!(attributes(&facts), ["segment A 2025-01-01 to 2026-03-01", "segment B 2026-03-01 to ..."]);
}
