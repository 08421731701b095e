//! Days without an exchange rate.

use mrr_tests::{Cluster, Daemon, Profile, World};

const YEN: &str = "plan:F5 yen";

/// The world's rates without those of one currency on the working days from 4 to 29 August 2025.
fn without_august(rates: &str, code: &str) -> String {
    let heading = rates.lines().next().unwrap_or_default();
    let column = heading.split(',').position(|name| name == code).unwrap();
    let gap = |line: &str| ("2025-08-04".."2025-08-30").contains(&line.get(..10).unwrap_or_default());
    let cell = |(n, text): (usize, &str)| if n == column { "N/A".to_owned() } else { text.to_owned() };
    let cut = |line: &str| line.split(',').enumerate().map(cell).collect::<Vec<_>>().join(",");
    rates.lines().map(|line| if gap(line) { cut(line) } else { line.to_owned() } + "\n").collect()
}

#[test]
fn f6_a_missing_rate_is_an_error_that_names_currency_and_day_until_it_arrives() {
    let cluster = Cluster::of_this_machine().unwrap();
    let company = World::VECTORS.serve(Profile::Dev, &[]).unwrap();
    let database = cluster.create("gap").unwrap();
    let daemon = Daemon::new(Profile::Dev, &company.configuration(&database.url(), "Europe/Berlin")).unwrap();
    let file = daemon.folder().path().join("rates.csv");
    World::VECTORS.write_rates(Profile::Dev, &file).unwrap();
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, without_august(&whole, "JPY")).unwrap();
    daemon.run(&["migrate"]).unwrap();
    daemon.run(&["sync"]).unwrap();
    let ask = |question: &str| database.run(&format!("select {question}"));

    // The last rate before the gap is of Friday the 1st, and holds for a week.
    assert_eq!(ask(&format!("mrr_at('2025-08-08', '{YEN}')")).unwrap(), "75");
    for question in [
        format!("mrr_at('2025-08-09', '{YEN}')"),
        "mrr_at('2025-08-09')".to_owned(),
        "arr_at('2025-08-09', 'all', 'USD')".to_owned(),
        format!("* from mrr_series('2025-08-08', '2025-08-12', 'day', '{YEN}')"),
        format!("* from mrr_movements('2025-08-09', '2025-08-10', 'day', '{YEN}')"),
        "* from account_mrr('2025-08-09')".to_owned(),
    ] {
        let error = ask(&question).expect_err(&question);
        assert!(error.contains("JPY") && error.contains("2025-08-09"), "{question}\n{error}");
        assert!(!error.contains("XX000"), "{question}\n{error}");
    }
    // Where no rate is needed, there is an answer.
    assert_eq!(ask(&format!("mrr_at('2025-08-20', '{YEN}', 'JPY')")).unwrap(), "12000");
    assert_eq!(ask("mrr_at('2025-08-20', 'plan:\"V15 plan and add-on\"')").unwrap(), "150");
    let own = "mrr from account_mrr('2025-08-20', 'all', 'own') where name = 'F5 yen'";
    assert_eq!(ask(own).unwrap(), "12000");
    assert_eq!(ask(&format!("nrr('{YEN}', '[2025-08-01,2025-09-01)')")).unwrap(), "1");

    std::fs::write(&file, &whole).unwrap();
    daemon.run(&["migrate"]).unwrap();
    assert_eq!(ask(&format!("mrr_at('2025-08-20', '{YEN}')")).unwrap(), "75");
    // A rate that is corrected later is the rate.
    std::fs::write(&file, whole.replace(",160.0000,", ",150.0000,")).unwrap();
    daemon.run(&["migrate"]).unwrap();
    assert_eq!(ask(&format!("round(mrr_at('2025-08-20', '{YEN}'), 6)")).unwrap(), "80.000000");
}
