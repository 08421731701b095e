//! Prices, and what they come to.

use serde_json::{Value, json};

use super::build::*;
use super::case::*;

#[test]
fn tiers_and_packages_price_the_quantity_and_usage_is_left_out() {
    let items = vec![
        item("si_1", "tiered_m", 5, "2025-01-01", APR),
        item("si_2", "tiered_m", 8, "2025-01-01", APR),
        item("si_3", "pack_m", 11, "2025-01-01", APR),
        item("si_4", "metered_m", 1, "2025-01-01", APR),
    ];
    let facts = facts(&records(&[subscription("active", "2025-04-10", items, json!({}))], &[], &[], "2025-04-10"));
    assert_eq!(facts.problems, []);
    assert_eq!(
        counted(&facts).iter().map(told).collect::<Vec<_>>(),
        [
            "si_1 Pro 5 = 35 EUR / 1 month, 2025-04-10 to ..., observed",
            "si_2 Pro 8 = 55.015 EUR / 1 month, 2025-04-10 to ..., observed",
            "si_3 Pro 11 = 0.1 EUR / 1 month, 2025-04-10 to ..., observed",
        ]
    );
}

#[test]
fn tax_inside_of_a_price_is_named_once_and_counted() {
    let item = |id: &str, quantity: i64| item(id, "gross_m", quantity, "2025-01-01", APR);
    let of = |id: &str, items: Vec<Value>, currency: &str| {
        subscription("active", "2025-04-10", items, json!({"id": id, "currency": currency}))
    };
    let two = [of("sub_1", vec![item("si_1", 1), item("si_2", 0)], "eur"), of("sub_2", vec![item("si_3", 2)], "eur")];
    let found = facts(&records(&two, &[], &[], "2025-04-10"));
    assert_eq!(found.charges.len(), 3);
    assert_eq!(
        found.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["prices/gross_m tax_behavior: includes tax, which is not taken out yet; MRR is too high by it"]
    );
    let without = facts(&records(&[of("sub_1", vec![item("si_1", 1)], "usd")], &[], &[], "2025-04-10"));
    assert_eq!((without.charges.len(), without.problems), (1, Vec::new()));
}
