//! The company of the worked examples: the same for every seed, and its truth is what the definition says.

mod support;

use std::collections::BTreeMap;

use chrono_tz::Tz;
use mrr_sandbox::truth::{Policy, account_days};
use mrr_sandbox::world::{Company, Repertoire};
use support::run;

#[test]
fn it_is_the_same_whatever_the_numbers_are() {
    let truth = |seed, accounts| {
        run(&["truth", "--repertoire", "vectors", "--seed", seed, "--accounts", accounts, "--months", "3"])
    };
    assert_eq!(truth("1", "1"), truth("2", "900"));
    let rates = run(&["rates", "--repertoire", "vectors", "--months", "3"]);
    assert!(rates.starts_with("Date,USD,JPY,KWD,KRW,BHD,ISK,\n2025-12-31,1.6000,"));
    assert!(rates.contains("\n2025-06-16,1.6000,") && rates.contains("\n2025-06-13,1.2500,"));
}

#[test]
fn the_last_word_of_each_example_is_what_the_definition_says() {
    let company = Company::simulate_with(1, 1, 1, Repertoire::Vectors);
    let mut last: BTreeMap<&str, String> = BTreeMap::new();
    for account in &company.accounts {
        let rate = account_days(account, &company.catalogue, Tz::UTC, &Policy::default())
            .last()
            .map(|change| change.rate.net.to_string());
        let known = last.insert(&account.customer.name, rate.unwrap_or_else(|| "0.00".into()));
        assert_eq!(known, None, "two customers are called {}", account.customer.name);
    }
    for (name, yearly) in [
        ("V5 moved to a dearer price", "3000.00"),
        ("V6 second seat", "1200.00"),
        ("V13 half off for ever", "600.00"),
        ("V13 half off, run out in September", "1200.00"),
        ("V13 half off once", "1200.00"),
        ("V15 plan and add-on", "1800.00"),
        ("V20 customer 77", "180.00"),
        ("V21 past due 6", "588.00"),
        ("V21 trialing 7", "0.00"),
        ("V26 more off than it costs", "0.00"),
        ("V27 one", "2400.00"),
        ("F1 annual, anchored on 29 February", "366.00"),
        ("F5 Bahraini dinar", "148.08"),
        ("F5 króna", "70800.00"),
        ("F7 every 4 weeks", "520.00"),
        ("F8 half a cent", "60.06"),
    ] {
        assert_eq!(last[name], yearly, "{name}");
    }
}
