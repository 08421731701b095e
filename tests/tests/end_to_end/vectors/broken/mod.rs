//! Records that Stripe would hardly send, written by hand beside this file: each is visible, and its neighbours are
//! right.

use mrr_tests::{Cluster, Daemon, Database, Outcome, Pages, Profile, configuration};

use super::questions::Questions;

const LISTS: &[(&str, &str)] = &[
    ("/v1/products", include_str!("products.json")),
    ("/v1/prices", include_str!("prices.json")),
    ("/v1/customers", include_str!("customers.json")),
    ("/v1/subscriptions", include_str!("subscriptions.json")),
    ("/v1/invoices", include_str!("invoices.json")),
    ("/v1/credit_notes", include_str!("credit_notes.json")),
];

/// The records, served, and a database that a daemon has migrated.
struct Broken<'a> {
    pages: Pages,
    database: Database<'a>,
    daemon: Daemon,
}

impl<'a> Broken<'a> {
    fn migrated(cluster: &'a Cluster, name: &str) -> Outcome<Self> {
        let pages = Pages::serve(LISTS)?;
        let database = cluster.create(name)?;
        let daemon = Daemon::new(Profile::Dev, &configuration(&pages.address(), &database.url(), "Europe/Berlin"))?;
        daemon.folder().write("rates.csv", "Date,USD,\n2025-12-31,1.25,\n")?;
        daemon.run(&["migrate"])?;
        Ok(Self { pages, database, daemon })
    }

    /// Records with problems, fields and what is said of them.
    fn problems(&self) -> String {
        let sql = "select string_agg(concat_ws('|', account, stream, record, field, message), E'\\n' order by record)
                     from ops.problem";
        self.database.run(sql).unwrap()
    }
}

#[test]
fn f4_f5_f9_what_cannot_be_counted_is_listed_and_its_neighbours_are_right() {
    let cluster = Cluster::of_this_machine().unwrap();
    let broken = Broken::migrated(&cluster, "broken").unwrap();
    let finished = broken.daemon.finish(&["sync"]).unwrap();
    assert_eq!(finished.code, 3, "{}{}", finished.stdout, finished.stderr);
    assert_eq!(
        broken.problems(),
        "cus_no_items|subscriptions|sub_no_items|items|\
         are none, and no invoice names any; the subscription is in force and counted with nothing\n\
         cus_unknown_currency|subscriptions|sub_unknown_currency|items.data[0].price|\
         QQQ is in no table of Stripe's decimals: add it to `currency_exponents`; the charge is left out\n\
         cus_unlisted|subscriptions|sub_unlisted||\
         is named by invoices but was not listed; its charges are taken from the invoices alone",
    );
    let status = broken.daemon.run(&["status"]).unwrap();
    assert!(status.contains("sub_unknown_currency") && status.contains("sub_unlisted"), "{status}");

    let mut questions = Questions::default();
    let day = "2025-12-31";
    // Its credit note is larger than its bill.
    questions.account("Sound", day, "100 EUR");
    questions.account("F5 unknown currency", day, "null");
    questions.account("F9 subscription without items", day, "null");
    // Counted for as long as its bill says.
    let unlisted = "F9 invoice for a subscription that was never listed";
    for (day, answer) in [("2025-12-09", "null"), ("2025-12-10", "100 EUR"), ("2026-01-10", "null")] {
        questions.account(unlisted, day, answer);
    }
    // The customer was deleted, its subscription goes on.
    questions.account("cus_nobody", day, "100 EUR");
    questions.ask("together", &format!("select mrr_at('{day}')"), "300");
    questions.ask("customers add up", &format!("select sum(mrr) from account_mrr('{day}')"), "300");
    questions.ask("nobody is missing", "select count(*) from revenue.account", "5");
    questions.ask("all adds up", "select count(*) from mrr_check('2025-10-01', '2026-03-01')", "0");
    questions.check(&broken.database);
}

#[test]
fn f9_a_subscription_without_items_is_a_problem() {
    let cluster = Cluster::of_this_machine().unwrap();
    let broken = Broken::migrated(&cluster, "no_items").unwrap();
    broken.daemon.finish(&["sync"]).unwrap();
    assert!(broken.problems().contains("cus_no_items|subscriptions|sub_no_items|items"), "{}", broken.problems());
}

#[test]
fn f5_the_remedy_for_an_unknown_currency_is_one() {
    let cluster = Cluster::of_this_machine().unwrap();
    let broken = Broken::migrated(&cluster, "remedy").unwrap();
    broken.daemon.finish(&["sync"]).unwrap();
    let toml = configuration(&broken.pages.address(), &broken.database.url(), "Europe/Berlin");
    broken.daemon.configure(&format!("{toml}currency_exponents = {{ QQQ = 3 }}\n")).unwrap();
    broken.daemon.finish(&["sync"]).unwrap();
    // Its amount can be read now and not be converted: all others count meanwhile.
    let unconverted = "cus_unknown_currency|subscriptions|sub_unknown_currency|currency|\
                       there is no exchange rate for QQQ, so what is charged in it counts nowhere; \
                       add the currency to the file of [rates], run `mrrd migrate`, and sync again";
    assert!(broken.problems().contains(unconverted), "{}", broken.problems());
    assert_eq!(broken.database.run("select mrr_at('2025-12-31')").unwrap(), "300");
    broken.daemon.folder().write("rates.csv", "Date,USD,QQQ,\n2025-12-31,1.25,2,\n").unwrap();
    broken.daemon.run(&["migrate"]).unwrap();
    broken.daemon.finish(&["sync"]).unwrap();
    assert!(!broken.problems().contains("QQQ"), "{}", broken.problems());
    assert_eq!(broken.database.run("select mrr_at('2025-12-31')").unwrap(), "305");
    let mut questions = Questions::default();
    questions.account("F5 unknown currency", "2025-12-31", "10 QQQ");
    questions.check(&broken.database);
}
