//! The extension against the oracle: the same answers to the last digit, on books made from seeds.
//! `MRR_ORACLE_SEEDS=100` asks about more of them.

use mrr_tests::{Cluster, Database, Oracle, QUESTIONS, schema};

/// How many books a plain run asks about.
const SEEDS: u64 = 5;

/// Where the extension's functions are, and those of the tests that put its aggregates to use.
const PATH: &str = "asked, public";

/// Books as small as these don't gain from compiled queries.
const PLAIN: &str = "set jit = off";

fn with_schema<'a>(cluster: &'a Cluster, name: &str) -> Database<'a> {
    let database = cluster.create(name).unwrap();
    database.run(&schema().unwrap()).unwrap();
    database
}

#[test]
fn every_function_says_what_plain_sql_says() {
    let seeds = std::env::var("MRR_ORACLE_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SEEDS);
    let cluster = Cluster::of_this_machine().unwrap();
    let database = with_schema(&cluster, "oracle");
    let oracle = Oracle::install(&database).unwrap();
    let mut telling = Vec::new();
    for seed in 1..=seeds {
        oracle.open(seed).unwrap();
        let answers = oracle.compare(seed, 4, PLAIN, PATH).unwrap();
        assert_eq!(answers.differences, "", "seed {seed}");
        telling.extend(answers.telling);
    }
    for question in QUESTIONS.iter().filter(|question| !question.starts_with("mrr_check")) {
        assert!(telling.contains(question), "nothing but zeros was ever expected of {question}");
    }

    // A comparison that finds nothing must be one that could.
    database.run("update revenue.segment set net = net + 1 where known_until = 'infinity'").unwrap();
    let differences = oracle.compare(seeds, 2, PLAIN, PATH).unwrap().differences;
    for question in ["mrr_at", "mrr_movements", "account_movements", "nrr", "mrr_series", "mrr_check"] {
        assert!(differences.contains(&format!("{question}(")), "a millionth too much was not noticed by {question}");
    }

    // And the oracle needs nothing of what it judges.
    database.run("drop schema asked cascade; drop extension pg_mrr cascade").unwrap();
    database
        .run("select count(*) from oracle.mrr_movements('2024-01-01', '2025-01-01', 'month', 'plan:Pro', null, null)")
        .unwrap();
    database.run("select oracle.ltv('2025-01-01', 1, 'all', null, null), oracle.cmrr_at('2025-01-01', '1 year', 'all', null, null)").unwrap();
}
